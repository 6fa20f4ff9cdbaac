"""Void a test or question after grading: drop it, give full marks, or make it bonus or practice.

The scores that count are written into nbgrader's records, so that every reader of the gradebook
sees the same. The original scores are set aside, and restored when the decision is undone.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)

from autograder.gradebook.set_aside import Kept, SetAside


class How(enum.StrEnum):
    """How a voided test or question counts."""

    DROP = "drop"
    FULL = "full-marks"
    BONUS = "bonus"
    PRACTICE = "practice"

    @property
    def told(self) -> str:
        """The text for tables and pages."""
        return _TOLD[self]


_TOLD = {
    How.DROP: "dropped: it does not count",
    How.FULL: "full marks for every student who handed in",
    How.BONUS: "bonus: its points are extra",
    How.PRACTICE: "practice: it does not count",
}


def decisions(kept: Mapping[tuple[str, str], Kept]) -> dict[str, How]:
    """Return how the voided cells of an assignment count, by name."""
    return {
        cell: How(about["how"])
        for (cell, student), about in kept.items()
        if not student and "how" in about
    }


def worth(how: How | None, points: float) -> float:
    """Return the points that a cell adds to the maximum."""
    return points if how in (None, How.FULL) else 0.0


def settle(gradebook: Gradebook, assignment: Assignment) -> None:
    """Apply the decisions to an assignment's cells and scores; nothing is committed."""
    aside = SetAside(gradebook)
    key = str(assignment.id)
    kept = aside.load(key)
    hows = decisions(kept)
    if not kept:
        return
    points = {}
    for notebook in assignment.notebooks:
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            points[cell.name] = _settle_cell(cell, kept.get((cell.name, "")), aside, key)
    for grade, name, student in _grades(gradebook, key, points):
        was, how = kept.get((name, student)), hows.get(name)
        if how is not None:
            was = noticed(grade, was) if was else values(grade)
            count(grade, was, how, points[name])
            aside.put(key, name, student, was)
        elif was is not None:
            put_back(grade, noticed(grade, was))
            aside.put(key, name, student, None)


def _settle_cell(
    cell: GradeCell | TaskCell, about: Kept | None, aside: SetAside, assignment: str
) -> float:
    """Set a cell's maximum; return its points, which a release may have changed."""
    if about is None or "points" not in about:
        return float(cell.max_score)
    how = How(about["how"]) if "how" in about else None
    if cell.max_score != worth(about.get("set") and How(about["set"]), about["points"]):
        about["points"] = float(cell.max_score)  # a release has changed the points
    cell.max_score = worth(how, about["points"])
    about["set"] = how
    aside.put(assignment, cell.name, "", about if how else None)
    return float(about["points"])


def _grades(gradebook: Gradebook, assignment: str, names: Mapping[str, float]) -> Any:
    return (
        gradebook.db.query(Grade, BaseCell.name, SubmittedAssignment.student_id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedAssignment.assignment_id == assignment, BaseCell.name.in_(list(names)))
        .all()
    )


def values(grade: Grade) -> Kept:
    """Return the values of a score's record."""
    return {
        "auto": grade.auto_score,
        "manual": grade.manual_score,
        "extra": grade.extra_credit,
        "needs": bool(grade.needs_manual_grade),
    }


def noticed(grade: Grade, kept: Kept) -> Kept:
    """Return the kept values, updated with the scores that a person has given since."""
    by_hand = {"manual": grade.manual_score, "extra": grade.extra_credit}
    return kept | {name: score for name, score in by_hand.items() if score is not None}


def put_back(grade: Grade, kept: Kept) -> None:
    """Write the kept values into the record of a score."""
    grade.auto_score, grade.manual_score = kept["auto"], kept["manual"]
    grade.extra_credit, grade.needs_manual_grade = kept["extra"], kept["needs"]


def count(grade: Grade, kept: Kept, how: How, points: float) -> None:
    """Write the score that counts; the original values are in ``kept``."""
    put_back(grade, kept)
    if how is How.BONUS:
        return
    given = kept["manual"] if kept["manual"] is not None else kept["auto"]
    grade.manual_score, grade.needs_manual_grade = None, False
    if how is How.FULL:
        grade.auto_score = max(points, given or 0.0)
    else:
        grade.auto_score, grade.extra_credit = 0.0, None
