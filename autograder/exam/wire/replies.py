"""What a candidate may answer: the type of every field that is agreed, before anyone reads it.

Only what a test asks a student's object for may be anything that the wire allows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.exam import messages
from autograder.exam.wire import WireError
from autograder.exam.wire.arrays import exactly

_PLAIN = (str, int, float, bool, type(None))


def read(
    content: Any, number: int, request: messages.Request
) -> messages.Answer | messages.CallBack:
    """Return what came while the answer to a request of this number was awaited.

    Raises
    ------
    WireError
        If it is nothing that an honest candidate sends. (A forged one may raise other exceptions
        too.)
    """
    fields = exactly(content, list)
    if len(fields) < 4 or exactly(fields[0], int) != number:
        raise WireError("it did not answer as agreed")
    word = exactly(fields[1], str)
    if word == messages.CallBack.word and len(fields) == 5 and request.of_values:
        return messages.CallBack(*fields[2:])
    if len(fields) != 4 or word not in (messages.Returned.word, messages.Raised.word):
        raise WireError("it did not answer as agreed")
    inner, printed = fields[2], exactly(fields[3], str)
    if word == messages.Raised.word:
        _description(inner)
        return messages.Raised(inner, printed)
    _AGREED.get(type(request), _anything)(inner)
    return messages.Returned(inner, printed)


def _anything(_content: Any) -> None:
    """Allow any value: the test asks a student's object for it."""


def _nothing(content: Any) -> None:
    exactly(content, type(None))


def _outcome(content: Any) -> None:
    exactly(exactly(content, dict)["outputs"], list)


def _found(content: Any) -> None:
    exactly(exactly(content, list, 2)[0], bool)


def _compared(content: Any) -> None:
    _optional(exactly(content, list, 2)[1], int)


def _used(content: Any) -> None:
    _optional(content, str)


def _optional(value: Any, kind: type) -> None:
    if value is not None:
        exactly(value, kind)


def _description(content: Any) -> None:
    """Check what `raising.describe` makes."""
    fields = exactly(content, dict)
    for name in ("name", "message", "line"):
        exactly(fields[name], str)
    exactly(fields["raised"], bool)
    for name in ("bases", "trace"):
        for text in exactly(fields[name], list):
            exactly(text, str)
    if any(type(argument) not in _PLAIN for argument in exactly(fields["arguments"], list)):
        raise WireError("the arguments of an exception are not plain data")


_AGREED: dict[type[messages.Request], Callable[[Any], None]] = {
    messages.Begin: _nothing,
    messages.RunCell: _outcome,
    messages.LookUp: _found,
    messages.Compare: _compared,
    messages.Guard: _used,
}
