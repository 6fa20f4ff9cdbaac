"""The outcome of a grading run, and the JSON contract of ``autograder grade``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.gradebook.voids import How
from autograder.remarks import Remark, texts

#: The steps of one submission whose time is measured.
STEPS = ("sanitise", "fork", "cells", "tests", "record")


@dataclass(frozen=True)
class TestScore:
    """The score of one test, and the likely cause if it failed."""

    __test__ = False  # the name is the course's; pytest must not collect it

    score: float
    points: float
    diagnosis: str | None = None


@dataclass(frozen=True)
class ManualScore:
    """The score of one written question; None until a person has graded it."""

    score: float | None
    points: float


@dataclass(frozen=True)
class Submission:
    """The outcome for one student and topic.

    ``graded`` is False if the submission has no grade for a reason outside of it: the machine, a
    worker, the gradebook. The gradebook is left as it was, the scores are those of an earlier run,
    and the exit status of the run is 1. ``timing`` has the wall-clock seconds of each step
    (:data:`STEPS`). ``unchanged`` is True if the grade is from an earlier run. ``peak_bytes`` is
    the largest size of a process in memory, 0 if unknown. ``score`` is without the late penalty,
    which is ``penalty``; ``penalty_fault`` says why it is unknown.
    """

    student: str
    score: float
    cpu_s: float = 0.0
    remarks: tuple[Remark, ...] = ()
    tests: dict[str, TestScore] = field(default_factory=dict)
    manual: dict[str, ManualScore] = field(default_factory=dict)
    graded: bool = True
    timing: dict[str, float] = field(default_factory=dict)
    unchanged: bool = False
    peak_bytes: int = 0
    penalty: float = 0.0
    penalty_fault: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the JSON contract."""
        return {
            "score": float(self.score),
            "cpu_s": round(float(self.cpu_s), 3),
            "timing": {step: round(float(self.timing.get(step, 0.0)), 4) for step in STEPS},
            "peak_mb": round(self.peak_bytes / 2**20, 1),
            "unchanged": self.unchanged,
            **({"late_penalty": float(self.penalty)} if self.penalty else {}),
            "remarks": texts(self.remarks),
            "tests": {
                name: {
                    "score": float(test.score),
                    "points": float(test.points),
                    "diagnosis": test.diagnosis,
                }
                for name, test in self.tests.items()
            },
            "manual": {
                name: {
                    "score": None if answer.score is None else float(answer.score),
                    "points": float(answer.points),
                }
                for name, answer in self.manual.items()
            },
        }


@dataclass
class TopicRun:
    """All outcomes of one topic in one run.

    ``max_score`` counts the automatically graded points. ``absent`` are the students of the
    gradebook who handed in nothing. ``removed`` are those with a submission who were graded and
    then removed from the gradebook. ``workers`` is the largest number of a cluster's workers that
    examined at the same time, None without a cluster. ``voided`` says how voided tests and
    questions count, by name. ``notes`` are remarks on the whole run.
    """

    topic: str
    max_score: float
    sandbox: str
    wall_s: float = 0.0
    submissions: dict[str, Submission] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    voided: dict[str, How] = field(default_factory=dict)
    workers: int | None = None
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the JSON contract."""
        return {
            "max": float(self.max_score),
            "wall_s": round(self.wall_s, 3),
            "sandbox": self.sandbox,
            **({} if self.workers is None else {"workers": self.workers}),
            **({"removed": self.removed} if self.removed else {}),
            **({"voided": self.voided} if self.voided else {}),
            **({"notes": self.notes} if self.notes else {}),
            "submissions": {
                student: self.submissions[student].to_json() for student in sorted(self.submissions)
            },
        }


def summary(runs: Iterable[TopicRun]) -> dict[str, Any]:
    """Return what ``autograder grade --json`` writes: one entry for each topic."""
    return {run.topic: run.to_json() for run in runs}


def complete(runs: Iterable[TopicRun]) -> bool:
    """Return whether every submission has a grade and a known late penalty."""
    outcomes = (outcome for run in runs for outcome in run.submissions.values())
    return all(outcome.graded and not outcome.penalty_fault for outcome in outcomes)
