"""The exceptions of the autograder: a message says what is wrong and what to do."""

from __future__ import annotations

import errno

_MACHINES = {
    errno.EAGAIN,
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EROFS,
}


class AutograderError(Exception):
    """A problem that a person can fix.

    The message names the thing (file and line, cell, student, folder) and the next step. Command
    line tools print it without a traceback.
    """


class NotHeld(AutograderError):
    """The machine, not the submission, is the reason why an exam could not be held."""


def of_machine(error: BaseException) -> bool:
    """Whether the machine caused an error: no disk space, memory, files or processes left."""
    short = isinstance(error, OSError) and error.errno in _MACHINES
    return short or isinstance(error, MemoryError | NotHeld)


def one_line(error: Exception) -> str:
    """Return an exception's first line; an `AutograderError` whole."""
    if isinstance(error, AutograderError):
        return str(error)
    # SQLAlchemy puts its own text before the database's message.
    cause = getattr(error, "orig", None) or error
    lines = f"{type(cause).__name__}: {cause}".strip().splitlines()
    return lines[0].rstrip(": ")
