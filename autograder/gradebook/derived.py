"""Update what depends on grades: voided tests, then late penalties.

Every command that reads grades does this first. A grade by hand, a new due date or an extension
changes scores and penalties without another exam.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course, damage
from autograder.course.deadlines import Deadline
from autograder.errors import AutograderError
from autograder.gradebook import up_to_date, voids
from autograder.gradebook.penalties import Penalties, PenaltyFault, note


def refresh(
    course: Course, gradebook: Gradebook, topics: Collection[str] | None = None
) -> dict[tuple[str, str], str]:
    """Update voided tests and late penalties of some topics, or of all; no exam is held.

    A late penalty that another program than nbgrader or this project wrote into the gradebook
    stays.

    Returns
    -------
    dict
        Why a penalty could not be computed, by student and topic.

    Raises
    ------
    AutograderError
        If the plugin of the late penalty cannot be loaded, the course's calendar cannot be read,
        or the gradebook cannot be written.
    """
    try:
        return _refresh(course, gradebook, topics)
    except SQLAlchemyError as error:
        gradebook.db.rollback()
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise AutograderError(
            damage(error, course.db_url)
            or f"Grades are not up to date, and the gradebook could not be written ({reason}): try "
            "again once nothing else uses it."
        ) from error


def _refresh(
    course: Course, gradebook: Gradebook, topics: Collection[str] | None
) -> dict[tuple[str, str], str]:
    for assignment in gradebook.assignments:
        if topics is None or assignment.name in topics:
            voids.settle(gradebook, assignment)
    gradebook.db.flush()
    penalties = Penalties(course)
    if not penalties.active:
        gradebook.db.commit()
        return {}
    faults: dict[tuple[str, str], str] = {}
    deadlines: dict[tuple[str, str], Deadline] | None = None
    changed = []
    for row, score, topic, name, student in _notebooks(gradebook, topics):
        if deadlines is None:
            deadlines = penalties.calendar.deadlines(gradebook)
        deadline = deadlines[student, topic]
        try:
            penalty = penalties.of(student, float(score), deadline)
        except PenaltyFault as fault:
            faults[student, topic] = str(fault)
            continue
        path = course.autograded_dir / student / topic / f"{name}.ipynb"
        if _same(penalty, row.late_submission_penalty) or _foreign(row, path, deadline):
            continue
        row.late_submission_penalty = penalty
        changed.append((path, penalty))
    gradebook.db.commit()
    for path, penalty in changed:
        note(path, penalty)
    return faults


def _notebooks(gradebook: Gradebook, topics: Collection[str] | None) -> Iterator[Any]:
    """Yield each submitted notebook with its score, topic, name and student."""
    query = (
        gradebook.db.query(
            SubmittedNotebook,
            SubmittedNotebook.score,
            Assignment.name,
            Notebook.name,
            SubmittedAssignment.student_id,
        )
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    )
    if topics is not None:
        query = query.filter(Assignment.name.in_(list(topics)))
    return query.all()


def _foreign(row: SubmittedNotebook, path: Path, deadline: Deadline) -> bool:
    """Return whether another program wrote the penalty in the gradebook."""
    if row.late_submission_penalty is None:
        return False
    about = up_to_date.noted(path) or {}
    if "penalty" in about:
        return not _same(about["penalty"], row.late_submission_penalty)
    return deadline.due is None  # nbgrader itself gives none without a due date


def _same(first: float | None, second: float | None) -> bool:
    return math.isclose(first or 0.0, second or 0.0, abs_tol=1e-9)
