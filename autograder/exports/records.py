"""What the gradebook and the pile hold of a topic, in as few queries as possible."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from nbgrader.api import BaseCell, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Grade as Cell

from autograder.course import Course
from autograder.course.deadlines import Calendar
from autograder.errors import AutograderError
from autograder.gradebook import assignment as gradebook_assignment
from autograder.gradebook.scores import key
from autograder.submissions import layout
from autograder.submissions import timestamps as stamps
from autograder.submissions.layout import HandedIn, Unfit, hand_ins


def submissions(gradebook: Gradebook, assignment: Any) -> Iterable[Any]:
    """Return student, time, score and late penalty, counted by nbgrader's own expressions."""
    return gradebook.db.query(
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
    ).filter(SubmittedAssignment.assignment_id == assignment.id)


def cells(gradebook: Gradebook, assignment: Any) -> Iterable[Any]:
    """Return the records of all graded cells of a topic in one query."""
    return (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            SubmittedNotebook.notebook_id,
            BaseCell.name,
            Cell.score,
            Cell.auto_score,
            Cell.manual_score,
            Cell.needs_manual_grade,
        )
        .select_from(Cell)
        .join(SubmittedNotebook, Cell.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, Cell.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
    )


def tasks(
    gradebook: Gradebook, course: Course, assignment: Any
) -> tuple[dict[tuple[str, str], str], dict[str, float]]:
    """Return what each graded cell is called, and the points by that name in the topic's order.

    Cells are known by their notebook's id and their own name. A course may hold assignments that
    are no topics of ours, with several notebooks.
    """
    places = _places(gradebook, course, assignment.name)
    found: list[tuple[Any, Any]] = [
        (notebook, cell)
        for notebook in sorted(assignment.notebooks, key=lambda notebook: notebook.name)
        for cell in sorted(
            [*notebook.grade_cells, *notebook.task_cells],
            key=lambda cell: (places.get(cell.name, len(places)), cell.name),
        )
    ]
    names = [cell.name for _, cell in found]
    labels, points = {}, {}
    for notebook, cell in found:
        label = cell.name if key(cell.name) in names else key(cell.name)
        if len(assignment.notebooks) > 1:
            label = f"{notebook.name}: {label}"
        labels[notebook.id, cell.name] = label
        points[label] = float(cell.max_score)
    return labels, points


def _places(gradebook: Gradebook, course: Course, topic: str) -> dict[str, int]:
    """Return the order of a topic's cells; none for an assignment that is no topic of ours."""
    try:
        return gradebook_assignment.load(gradebook, course, topic).place
    except AutograderError:
        return {}


def timestamps(course: Course, topic: str) -> dict[str, datetime.datetime | None]:
    """Return who has handed in, by the files, and when, where that is known."""
    folder = course.submitted_dir
    if not folder.is_dir():
        return {}
    calendar = Calendar.of(course.root, course.config)
    return {entry.student: _timestamp(calendar, entry) for entry in hand_ins(course, folder, topic)}


def _timestamp(calendar: Calendar, handed_in: HandedIn) -> datetime.datetime | None:
    """Return what a submission's timestamp.txt says; None where it says nothing readable."""
    try:
        with layout.receipt(handed_in) as taken:
            return stamps.read(taken, calendar)
    except (Unfit, stamps.Unknown):
        return None
