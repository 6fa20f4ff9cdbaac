"""Exceptions on the wire: described as data where they are raised, rebuilt where they arrive."""

from __future__ import annotations

import builtins
import functools
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Any

import autograder
import nnkit
from autograder.remarks import Kind

_CELL = "<ipython-input"
# A loop or generator of the test would treat these as its regular end.
_NEVER = (StopIteration, StopAsyncIteration)
_LIMIT = 5_000
# Folders whose code is not the student's: installed packages, and the grader.
_PACKAGES = (str(Path(package.__file__).parent) for package in (autograder, nnkit))
_OTHERS = (*_PACKAGES, sys.prefix, sys.base_prefix, "<frozen")
_PLAIN = (str, int, float, bool, type(None))


class RemoteError(Exception):
    """An exception of student code that has no counterpart here; the class is named after it."""


class ExamFault(Exception):
    """Student code did not answer. The test then fails, even if it catches this exception.

    ``kind`` is the kind of a remark about it.
    """

    kind: Kind = Kind.CRASHED

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class OutOfTime(ExamFault):
    """A time limit was reached."""


class ProcessEnded(ExamFault):
    """The process that runs the student's code has ended, or had to be ended."""


def describe(error: BaseException) -> dict[str, Any]:
    """Describe an exception as plain data: its class, arguments, and the notebook's lines."""
    passed = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in passed if frame.filename.startswith(_CELL)]
    trace = [
        f"  Your code, line {frame.lineno} in {frame.name}\n    {frame.line}\n" for frame in frames
    ]
    return {
        "name": type(error).__name__,
        "bases": [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"],
        "message": _message(error),
        "arguments": [a for a in map(_short, error.args) if type(a) in _PLAIN][:10],
        "line": (frames[-1].line or "").strip() if frames else "",
        "raised": not all(frame.filename.startswith(_OTHERS) for frame in passed),
        "trace": trace[-20:],
    }


def _message(error: BaseException) -> str:
    try:
        return str.__getitem__(str(error), slice(_LIMIT))
    except Exception:
        return ""


def _short(argument: Any) -> Any:
    """Return an argument shortened so that it can be sent; None for a huge integer."""
    if type(argument) is int and argument.bit_length() > _LIMIT:
        return None
    return argument[:_LIMIT] if type(argument) is str else argument


def rebuild(description: Any) -> Exception:
    """Return an exception like the one described.

    It has the same built-in type if there is one, otherwise it is a `RemoteError`; its class has
    the original's name, and its traceback shows only the student's own lines. Its attribute
    ``student_line`` is the student's line that raised it, ``student_lines`` the text of its
    traceback; ``student_raised`` is True if any student code ran.
    """
    given = description if type(description) is dict else {}
    name, message = _text(given.get("name"), "Exception"), _text(given.get("message"))
    error = _class(name if name.isidentifier() else "RemoteError", _base(given.get("bases")))()
    arguments = given.get("arguments")
    if type(arguments) is list and arguments and all(type(a) in _PLAIN for a in arguments[:10]):
        error.args = tuple(a[:_LIMIT] if type(a) is str else a for a in arguments[:10])
    else:
        error.args = (message,) if message else ()
    error.remote_name = name
    error.student_raised = given.get("raised") is not False
    error.student_line = _text(given.get("line"))[:500]
    trace = given.get("trace")
    lines = [_text(line)[:1000] for line in trace[:20]] if type(trace) is list else []
    error.student_lines = textwrap.dedent("\n".join(map(str.rstrip, lines))).strip()
    error.student_message = message
    error.student_trace = [*lines, f"{name}: {message}"]
    return error


def _text(value: Any, default: str = "") -> str:
    return value[:_LIMIT] if type(value) is str and value else default


def _base(names: Any) -> type[Exception]:
    for name in names if type(names) is list else ():
        kind = getattr(builtins, name, None) if type(name) is str else None
        if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception:
            return RemoteError if issubclass(kind, _NEVER) else kind
    return RemoteError


@functools.lru_cache(maxsize=256)
def _class(name: str, base: type[Exception]) -> type[Exception]:
    """Return a subclass of ``base`` that takes no arguments and shows the student's lines."""

    def make(self: Exception, *_: Any) -> None:
        """Ignore the arguments: those of the original are set afterwards."""

    def show(self: Any) -> list[str]:
        return self.student_trace

    def new(cls: type, *_: Any) -> Any:
        return Exception.__new__(cls)

    def text(self: Exception) -> str:
        return getattr(self, "student_message", "")

    members = {"__init__": make, "__str__": text, "_render_traceback_": show}
    if base in (ExceptionGroup, BaseExceptionGroup):
        base = RemoteError
    if base.__new__ is Exception.__new__:
        members["__new__"] = new
    return type(name[:100], (base,), members)
