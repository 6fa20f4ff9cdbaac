"""The class's grades: who has what in which topic, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ABSENT = "not handed in"
GRADED = "graded"
UNGRADED = "handed in, not graded"
AGAIN = "handed in again, not graded since"
BY_HAND = "to grade by hand: "
CHANGED = "not graded since the topic changed: "
FAULT = "could not be graded: "
PENALTY = "late penalty not known: "


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them."""

    student: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Result:
    """One student's grade in one topic.

    Attributes
    ----------
    score
        Automatic + manual + extra credit − late penalty, never below 0, as nbgrader's own export
        counts it; None where nobody has graded what was handed in.
    raw, penalty
        The score before the late penalty, and the penalty.
    tasks
        The score of each task, by name; one that nobody has graded is not there.
    faulty
        Whether what was handed in could not be graded: the score is not its own.
    """

    status: str
    score: float | None = 0.0
    raw: float | None = 0.0
    penalty: float = 0.0
    timestamp: str = ""
    tasks: Mapping[str, float] = field(default_factory=dict)
    faulty: bool = False

    @property
    def absent(self) -> bool:
        """Nothing was handed in."""
        return self.status == ABSENT

    @property
    def settled(self) -> bool:
        """The grade will not change by grading what is there."""
        return self.status in (GRADED, ABSENT)


@dataclass
class TopicGrades:
    """A topic's grades by student, and the points of its tasks by name, in their order."""

    topic: str
    max_score: float
    duedate: str = ""
    tasks: dict[str, float] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)

    def provisional(self) -> dict[str, str]:
        """Return what is open, by student."""
        return {s: r.status for s, r in sorted(self.results.items()) if not r.settled}

    def absent(self) -> list[str]:
        """Return who handed in nothing."""
        return sorted(student for student, result in self.results.items() if result.absent)


@dataclass
class ClassGrades:
    """Everybody's grades; ``unused`` are topics for which nobody has handed in anything yet."""

    people: dict[str, Person]
    topics: list[TopicGrades]
    unused: list[str] = field(default_factory=list)

    def provisional(self) -> dict[str, dict[str, str]]:
        """Return what is open, by topic and student; settled topics are left out."""
        found = {topic.topic: topic.provisional() for topic in self.topics}
        return {topic: students for topic, students in found.items() if students}
