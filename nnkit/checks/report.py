"""Report the outcome of a check: a panel in a notebook, plain text elsewhere, and a record.

Nothing is printed to stderr: nbgrader takes that for a failure.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from IPython.core.getipython import get_ipython
from IPython.utils.capture import capture_output

from nnkit.checks.causes import Cause
from nnkit.front import publish
from nnkit.record import RECORD_TYPE, Record, as_html, as_text

_LONGEST = 1_000  # characters of a message: it may quote what a student's code says
_PACKAGE = str(Path(__file__).resolve().parent)


@dataclass
class _Hidden:
    """Records of one hidden part, kept back until the part is over."""

    records: list[Record] = field(default_factory=list)


_hidden: ContextVar[_Hidden | None] = ContextVar("nnkit_hidden", default=None)


class CheckFailed(AssertionError):
    """A check did not pass; the panel above it says what is wrong, and why if that is known."""

    def __init__(self, record: Record, message: str) -> None:
        super().__init__(message)
        self.record = record

    def _render_traceback_(self) -> list[str]:
        # IPython shows this in place of a traceback through the library's own frames.
        return [f"CheckFailed: {self}"]


def passed(check: str, what: str, note: str = "") -> None:
    """Report a check that passed; ``note`` is a short fact such as the accuracy."""
    part = _hidden.get()
    record = Record(check, what, True, hidden=part is not None, message=note)
    if part is not None:
        part.records.append(record)
        return
    _show(record)


def failed(
    check: str,
    what: str,
    message: str,
    cause: Cause | None = None,
    **seen: str,
) -> NoReturn:
    """Report a check that failed and raise `CheckFailed`.

    Parameters
    ----------
    check : str
        Name of the check, e.g. ``"gradient"``.
    what : str
        Label that the student reads.
    message : str
        One sentence on what is wrong, without numbers of the test (kept in hidden parts).
    cause : Cause, optional
        The hypothesis that fits.
    **seen : str
        The returned and the expected value: ``got``, ``expected``, ``part``, ``element`` and
        ``given`` of `Record`; dropped in hidden parts.
    """
    part = _hidden.get()
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    diagnosis, because = (cause.name or None, cause.because) if cause else (None, None)
    record = Record(check, what, False, diagnosis, because, message=message)
    if part is None:
        record = replace(record, **seen)
        _show(record)
    else:
        record = replace(record, hidden=True)
        part.records.append(record)
    summary = f"{what}: {because or message}"
    raise CheckFailed(record, summary)


@contextmanager
def hidden() -> Iterator[None]:
    """Enclose the hidden part of a test: nothing in it shows inputs or expected values.

    What student code prints or displays is dropped, its exceptions are reported by their type
    and by the student's own line, and a failed check says what was checked and the likely cause.
    """
    part = _Hidden()
    test_file = sys._getframe(2).f_code.co_filename
    token = _hidden.set(part)
    failure: CheckFailed | None = None
    try:
        with capture_output():
            yield
    except CheckFailed as error:
        failure = error
    except Exception as error:
        failure = _hidden_exception(error, test_file)
        part.records.append(failure.record)
    finally:
        _hidden.reset(token)
    if failure is None:
        count = len(part.records)
        _show(Record("hidden", "Hidden tests", True, hidden=True, message=f"{count} checks"))
        return
    _show(failure.record)
    raise failure from None


def _hidden_exception(error: Exception, test_file: str) -> CheckFailed:
    name = type(error).__name__
    if isinstance(error, NotImplementedError):
        message = "a function that this test needs is not written yet."
    elif (line := _student_line(error, test_file)) is not None:
        where = f" at your line `{line}`" if line else ""
        message = f"your code raised {name}{where} on an input of the hidden tests."
    else:
        returned = came_back()
        what = f" could not use what your code returned, {returned}:" if returned else ":"
        message = f"a hidden test{what} it ended with {name}."
    record = Record("hidden", "Hidden tests", False, hidden=True, message=message)
    return CheckFailed(record, message)


def came_back() -> str | None:
    """Return the type of the value that a student's function last returned, as a text.

    None where the shell does not note it: it does where student code runs in another process.
    """
    tell = getattr(get_ipython(), "came_back", None)
    return tell() if tell is not None else None


def _student_line(error: Exception, test_file: str) -> str | None:
    """Return the student's line that raised an error, "" where its text is not known.

    None says that it was raised by other code: the test itself, or a given function.
    """
    raised = getattr(error, "student_raised", None)
    if raised is not None:  # it came from another process
        return getattr(error, "student_line", "") if raised else None
    if hasattr(get_ipython(), "came_back"):
        return None
    found = None
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        installed = name.startswith((_PACKAGE, sys.prefix, sys.base_prefix, "<frozen"))
        if name != test_file and not installed:
            found = linecache.getline(name, trace.tb_lineno).strip() or found or ""
        trace = trace.tb_next
    return found


def _show(record: Record) -> None:
    text = as_text(record)
    data: dict[str, Any] = {
        "text/plain": text,
        "text/html": as_html(record),
        RECORD_TYPE: asdict(record),
    }
    if not publish(data):
        print(text)
