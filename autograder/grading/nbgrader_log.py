"""Remarks made from nbgrader's log and from exceptions."""

from __future__ import annotations

import logging
import re

from autograder.remarks import Kind, Remark, distinct
from autograder.submissions.reading import Unreadable

# nbgrader's message -> our sentence and its kind; None for a message that is not about the
# submission.
SENTENCES: list[tuple[str, str | None, Kind]] = [
    # Hidden tests are not in a student's notebook, so nbgrader logs this for every submission;
    # `autograder.submissions.differences` finds the cells that really changed.
    (r"Attribute 'checksum' for cell .* has changed", None, Kind.OTHER),
    (
        r"Attribute '(\w+)' for cell (\S+) has changed! \(should be: (.*), got: (.*)\)",
        r"the \1 of cell '\2' had been changed from \3 to \4; \3 was used",
        Kind.TAMPERED,
    ),
    (
        r"Cell with id '(.*)' exists multiple times!",
        r"cell '\1' appears twice; the last counts",
        Kind.REPAIRED,
    ),
    (
        r"Cell '(.*)' does not exist in the database",
        r"cell '\1' is not one of this topic's and was not graded",
        Kind.REPAIRED,
    ),
    (
        r"Skipping unknown notebook: (?:.*/)?(.*)",
        r"another notebook was not graded: \1",
        Kind.OTHER,
    ),
    (r".* is [\d.]+ seconds late", None, Kind.OTHER),
    (r"Late submission penalty", None, Kind.OTHER),
    (r"(?:student_id|assignment_id) .* whitespace", None, Kind.OTHER),
]


class Listener(logging.Handler):
    """A log handler that keeps nbgrader's warnings instead of printing them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())

    def take(self) -> list[Remark]:
        """Return the remarks for the lines since the last call, without repeats."""
        lines, self.lines = self.lines, []
        return list(distinct(filter(None, map(sentence, lines))))


def listen() -> tuple[logging.Logger, Listener]:
    """Return a logger for nbgrader's objects that prints nothing, and its listener."""
    logger = logging.Logger("autograder.nbgrader", logging.INFO)
    listener = Listener()
    logger.addHandler(listener)
    return logger, listener


def sentence(line: str) -> Remark | None:
    """Return the remark for one line of nbgrader's log, or None if it needs none."""
    line = " ".join(line.split())
    for pattern, replacement, kind in SENTENCES:
        match = re.match(pattern, line)
        if match:
            return Remark(match.expand(replacement), kind) if replacement else None
    return Remark(line, Kind.OTHER)


def reason(error: Exception, name: str) -> Remark:
    """Return the reason why the notebook ``name`` could not be sanitised or recorded."""
    first = next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, Unreadable):
        return Remark(error.why, error.kind)
    if isinstance(error, OSError):
        return Remark(f"{name} cannot be read: {error.strerror or first}", Kind.UNGRADED)
    text = f"{name} is not a notebook that can be graded ({type(error).__name__}: {first})"
    return Remark(text, Kind.UNGRADED)
