"""A topic's records in the gradebook and its submissions, read in as few queries as possible."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from nbgrader.api import BaseCell, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.api import Grade as Cell

from autograder.course import Course
from autograder.course.deadlines import Calendar
from autograder.errors import AutograderError
from autograder.gradebook.assignment import load as load_assignment
from autograder.gradebook.scores import key
from autograder.submissions import layout, timestamps
from autograder.submissions.layout import HandedIn, Unfit, hand_ins


def submissions(gradebook: Gradebook, assignment: Any) -> Iterable[Any]:
    """Return (student, time, score, late penalty) rows, computed by nbgrader's own expressions."""
    return gradebook.db.query(
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
    ).filter(SubmittedAssignment.assignment_id == assignment.id)


def cells(gradebook: Gradebook, assignment: Any) -> Iterable[Any]:
    """Return the rows of all graded cells of a topic, from one query.

    A row is (student, notebook id, cell, score, automatic score, manual score, whether a person
    has to grade it).
    """
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
    """Return the label of each graded cell, and the points by label in the topic's order.

    A cell's key is (notebook id, cell name). A course may have assignments with several notebooks
    that are not topics of this project.
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
    """Return the position of each cell in its topic; empty for any other assignment."""
    try:
        return load_assignment(gradebook, course, topic).place
    except AutograderError:
        return {}


def hand_in_times(course: Course, topic: str) -> dict[str, datetime.datetime | None]:
    """Return the students with a submitted folder, and its time or None if that is unknown."""
    folder = course.submitted_dir
    if not folder.is_dir():
        return {}
    calendar = Calendar.of(course.root, course.config)
    return {entry.student: _timestamp(calendar, entry) for entry in hand_ins(course, folder, topic)}


def _timestamp(calendar: Calendar, handed_in: HandedIn) -> datetime.datetime | None:
    """Return the time in a submission's timestamp.txt; None if there is none."""
    try:
        with layout.receipt(handed_in) as taken:
            return timestamps.read(taken, calendar)
    except (Unfit, timestamps.Unknown):
        return None
