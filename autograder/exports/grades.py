"""The class's grades: the result of each student in each topic, and which are still open."""

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
    """A student as recorded in the gradebook."""

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
        Automatic + manual + extra credit − late penalty, at least 0, as in nbgrader's own export;
        None if the submission is not graded.
    raw, penalty
        The score before the late penalty, and the penalty.
    tasks
        The score of each graded task, by name.
    faulty
        Whether the submission could not be graded: the score is that of an earlier one.
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
        """Whether nothing was handed in."""
        return self.status == ABSENT

    @property
    def settled(self) -> bool:
        """Whether the grade is final: no submission or answer waits for grading."""
        return self.status in (GRADED, ABSENT)


@dataclass
class TopicGrades:
    """A topic's grades by student, and the points of its tasks by name, in the topic's order."""

    topic: str
    max_score: float
    duedate: str = ""
    tasks: dict[str, float] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)

    def provisional(self) -> dict[str, str]:
        """Return the status of each open grade, by student."""
        return {s: r.status for s, r in sorted(self.results.items()) if not r.settled}

    def absent(self) -> list[str]:
        """Return the students who handed in nothing."""
        return sorted(student for student, result in self.results.items() if result.absent)


@dataclass
class ClassGrades:
    """Everybody's grades; ``unused`` are the topics without any submission."""

    people: dict[str, Person]
    topics: list[TopicGrades]
    unused: list[str] = field(default_factory=list)

    def provisional(self) -> dict[str, dict[str, str]]:
        """Return the status of each open grade, by topic and student; omits settled topics."""
        found = {topic.topic: topic.provisional() for topic in self.topics}
        return {topic: students for topic, students in found.items() if students}
