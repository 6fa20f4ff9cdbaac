"""What a candidate may answer: the type of every field that is agreed, before anyone reads it.

Only what a test asks a student's object for may be anything that the wire allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.exam.arrays import exactly
from autograder.exam.wire import WireError

# Their answers hold no value of the student's, and during them the candidate calls nothing back.
WITHOUT_VALUES = frozenset({"begin", "cell"})
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Answer:
    """An answer to a request: a value, or where not ``ok`` the description of an exception."""

    ok: bool
    content: Any
    printed: str


@dataclass(frozen=True)
class Call:
    """A call of one of the test's functions; `Callbacks.call` checks what it is given."""

    function: Any
    args: Any
    kwargs: Any


def read(message: Any, number: int, operation: str) -> Answer | Call:
    """Return what came while the answer to a request was awaited.

    Raises
    ------
    WireError
        If it is nothing that an honest candidate sends.
    """
    fields = exactly(message, list)
    if len(fields) < 4 or exactly(fields[0], int) != number:
        raise WireError("it did not answer as agreed")
    word = exactly(fields[1], str)
    if word == "callback" and len(fields) == 5 and operation not in WITHOUT_VALUES:
        return Call(*fields[2:])
    if word not in ("ok", "error") or len(fields) != 4:
        raise WireError("it did not answer as agreed")
    content, printed = fields[2], exactly(fields[3], str)
    check = _AGREED.get(operation, _anything) if word == "ok" else _description
    check(content)
    return Answer(word == "ok", content, printed)


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


_AGREED: dict[str, Callable[[Any], None]] = {
    "begin": _nothing,
    "cell": _outcome,
    "name": _found,
    "compare": _compared,
    "guarded": _used,
}
