"""The content of a file of grades: lines of cells, and remarks for the instructor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.errors import AutograderError
from autograder.exports.cells import Cell, Style, harmless, number
from autograder.exports.grades import ClassGrades, Result, TopicGrades
from autograder.exports.matching import Matching
from autograder.exports.roster import Roster, Row

ABSENT_AS = ("zero", "blank")


@dataclass
class Sheet:
    """The content of the file.

    Attributes
    ----------
    left_out
        Students of the gradebook who are not in the file, with the reason.
    remarks
        Sentences for the instructor.
    next_step
        What the instructor does with the file.
    """

    style: Style
    lines: list[list[Cell]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    next_step: str = ""


@dataclass(frozen=True)
class Request:
    """The input of a format.

    Attributes
    ----------
    absent
        The cell of a student who handed in nothing: "zero" or "blank".
        roster, matching
        The platform's list of students, and the line of each student; None without a roster.
        columns
        The platform's name of a topic, by topic.
        feedback
        Whether a column next to each score lists the score of each task.
    """

    grades: ClassGrades
    style: Style
    absent: str = "zero"
    roster: Roster | None = None
    matching: Matching | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    feedback: bool = False

    @property
    def listed(self) -> Listed:
        """The grades with the roster's lines, for a format that needs a roster."""
        assert self.roster is not None
        assert self.matching is not None
        return Listed(self.grades, self.roster, self.matching, self.columns, self.absent)


@dataclass(frozen=True)
class Listed:
    """The grades with the roster's lines, for Canvas' and Moodle's files."""

    grades: ClassGrades
    roster: Roster
    matching: Matching
    columns: Mapping[str, str]
    absent: str = "zero"

    def score(self, result: Result) -> float | None:
        """Return the score for the file; None is a blank cell."""
        return None if result.absent and self.absent == "blank" else result.score

    def in_order(self) -> list[tuple[str, Row]]:
        """Return the students with their lines, in the roster's order."""
        return sorted(self.matching.rows.items(), key=lambda pair: pair[1].line)

    def missing(self) -> dict[str, str]:
        """Return the students who have no line of their own, with the reason."""
        reasons = {}
        for student, hint in self.matching.unknown.items():
            reasons[student] = "not in the roster" + (f" ({hint})" if hint else "")
        for student, lines in self.matching.twice.items():
            where = " and ".join(map(str, lines))
            reasons[student] = f"more than once in the roster, as different people (lines {where})"
        return reasons


def text(value: str, style: Style) -> str:
    """Return text for a cell that only people read: one line, and no formula."""
    from autograder.terminal import clean  # imports Rich's tables, which the help does not need

    return harmless(clean(value), style)


def shared(keys: dict[str, str]) -> dict[str, str]:
    """Return the students who share an id on the platform, with the reason."""
    count = Counter(keys.values())
    return {
        student: f"on the platform the same person as another student ({value})"
        for student, value in keys.items()
        if count[value] > 1
    }


def heads(columns: dict[str, str], topics: Iterable[TopicGrades]) -> None:
    """Check that each topic has a column of its own.

    Raises
    ------
    AutograderError
        If two topics have the same column.
    """
    used = Counter(columns.get(topic.topic, topic.topic) for topic in topics)
    for head, times in used.items():
        if times > 1:
            raise AutograderError(
                f'{times} topics have the same column "{head}": give each its own with '
                "--column TOPIC=COLUMN."
            )


def points(score: float, most: float) -> str:
    """Return a score and the maximum: ``1.5 of 2``."""
    return f"{number(score)} of {number(most)}"
