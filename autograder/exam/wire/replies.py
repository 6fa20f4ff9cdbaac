"""Check a candidate's answers: the type of every field, before it is used.

Only the value that a test reads from a student's object may have any type of the wire.
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
    """Return the answer to the request with this number, or a callback that comes before it.

    Raises
    ------
    WireError
        If no honest candidate sends this message. (A forged one may raise other exceptions too.)
    """
    fields = exactly(content, list)
    if len(fields) < 4 or exactly(fields[0], int) != number:
        raise WireError("its answer breaks the protocol")
    word = exactly(fields[1], str)
    if word == messages.CallBack.word and len(fields) == 5 and request.of_values:
        return messages.CallBack(*fields[2:])
    if len(fields) != 4 or word not in (messages.Returned.word, messages.Raised.word):
        raise WireError("its answer breaks the protocol")
    inner, printed = fields[2], exactly(fields[3], str)
    if word == messages.Raised.word:
        _description(inner)
        return messages.Raised(inner, printed)
    _AGREED.get(type(request), _anything)(inner)
    return messages.Returned(inner, printed)


def _anything(_content: Any) -> None:
    """Allow any value: the test reads it from a student's object."""


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
    """Check a dict as `remote_errors.describe` returns it."""
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
