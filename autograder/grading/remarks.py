"""Plain sentences for a person's eye, made from nbgrader's log and from exceptions."""

from __future__ import annotations

import logging
import re

from nbformat import NotebookNode

from autograder.grading.blueprint import Blueprint
from autograder.grading.reading import Unreadable

# nbgrader's message -> our sentence; None where the message says nothing of the submission.
SENTENCES: list[tuple[str, str | None]] = [
    # A hidden test is never in a student's notebook, so this is said of every honest one;
    # edited_cells() finds the cells that really changed.
    (r"Attribute 'checksum' for cell .* has changed", None),
    (
        r"Attribute '(\w+)' for cell (\S+) has changed! \(should be: (.*), got: (.*)\)",
        r"the \1 of cell '\2' had been changed from \3 to \4; \3 was used",
    ),
    (r"Cell with id '(.*)' exists multiple times!", r"cell '\1' is there twice; the last counts"),
    (
        r"Cell '(.*)' does not exist in the database",
        r"cell '\1' is not one of this topic's and was not graded",
    ),
    (r"Skipping unknown notebook: (?:.*/)?(.*)", r"another notebook was not graded: \1"),
    (r".* is [\d.]+ seconds late", None),
    (r"Late submission penalty", None),
    (r"(?:student_id|assignment_id) .* whitespace", None),
]


class Listener(logging.Handler):
    """Keeps nbgrader's warnings instead of printing them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())

    def take(self) -> list[str]:
        """Return the remarks that the lines since the last call make, without repeats."""
        lines, self.lines = self.lines, []
        return list(dict.fromkeys(filter(None, map(sentence, lines))))


def listen() -> tuple[logging.Logger, Listener]:
    """Return a logger for nbgrader's objects that prints nothing, and what listens to it."""
    logger = logging.Logger("autograder.nbgrader", logging.INFO)
    listener = Listener()
    logger.addHandler(listener)
    return logger, listener


def sentence(line: str) -> str | None:
    """Return the remark for one line of nbgrader's log, or None where it needs no one's eye."""
    line = " ".join(line.split())
    for pattern, replacement in SENTENCES:
        match = re.match(pattern, line)
        if match:
            return match.expand(replacement) if replacement else None
    return line


def reason(error: Exception, name: str) -> str:
    """Say why the notebook ``name`` could not be sanitised or recorded."""
    first = next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, OSError):
        return f"{name} cannot be read: {error.strerror or first}"
    return f"{name} is not a notebook that can be graded ({type(error).__name__}: {first})"


def edited_cells(submitted: NotebookNode, blueprint: Blueprint) -> list[str]:
    """Return the grade ids of locked cells whose text is not the released one."""
    released = dict(blueprint.released)
    return [
        name
        for cell in submitted.cells
        if (name := cell.metadata.get("nbgrader", {}).get("grade_id")) in released
        and blueprint.by_name[name].locked
        and cell.source.strip() != released[name].strip()
        and cell.source.strip() != blueprint.by_name[name].source.strip()
    ]
