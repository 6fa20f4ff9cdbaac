"""Scores in nbgrader's gradebook: read back for the record, reset before a run, set to zero."""

from __future__ import annotations

from dataclasses import dataclass

import nbformat
from nbgrader.api import Gradebook, MissingEntry, SubmittedNotebook

from autograder.errors import AutograderError
from autograder.grading.records import ManualScore, TestScore

RECORD = "application/vnd.nnkit.check+json"
PREFIX = "test-"


@dataclass(frozen=True)
class Scheme:
    """What a topic's notebook is marked on: points by grade id, tests and questions apart."""

    tests: dict[str, float]
    manual: dict[str, float]

    @property
    def max_score(self) -> float:
        """The automatically judged points."""
        return float(sum(self.tests.values()))


def key(grade_id: str) -> str:
    """Return a test's name in the record: its grade id without the prefix."""
    return grade_id.removeprefix(PREFIX)


def scheme(gradebook: Gradebook, topic: str) -> Scheme:
    """Return what ``topic`` is marked on, in the order of its cells.

    Raises
    ------
    AutograderError
        If the gradebook does not know the topic.
    """
    try:
        notebook = gradebook.find_notebook(topic, topic)
    except MissingEntry:
        raise AutograderError(
            f"The gradebook knows no topic {topic!r}. Release it first: autograder release {topic}"
        ) from None
    words = {cell.name for cell in notebook.solution_cells}
    order = {cell.name: place for place, cell in enumerate(notebook.source_cells)}
    cells = sorted(notebook.grade_cells, key=lambda cell: order.get(cell.name, len(order)))
    manual = [cell for cell in cells if cell.name in words] + list(notebook.task_cells)
    return Scheme(
        {cell.name: float(cell.max_score) for cell in cells if cell.name not in words},
        {cell.name: float(cell.max_score) for cell in manual},
    )


def reset(gradebook: Gradebook, topic: str, student: str) -> None:
    """Forget what the autograder gave an earlier hand-in; what a person gave stays.

    nbgrader updates only the cells that it finds in the notebook, so that a deleted test would
    keep its old score.
    """
    for grade in _submitted(gradebook, topic, student).grades:
        grade.auto_score = None
    gradebook.db.commit()


def settle(gradebook: Gradebook, topic: str, student: str) -> list[str]:
    """Give 0 to every test that the notebook no longer holds; return their names."""
    tests = scheme(gradebook, topic).tests
    missing = []
    for grade in _submitted(gradebook, topic, student).grades:
        if grade.auto_score is None and grade.name in tests:
            grade.auto_score = 0.0
            grade.needs_manual_grade = grade.manual_score is not None
            missing.append(grade.name)
    gradebook.db.commit()
    return sorted(missing, key=list(tests).index)


def zero(gradebook: Gradebook, topic: str, student: str) -> None:
    """Give 0 for everything, as nbgrader does where a notebook is missing.

    A score that a person entered by hand stays, marked for another look.
    """
    gradebook.update_or_create_student(student)
    gradebook.update_or_create_submission(topic, student)
    notebook = _submitted(gradebook, topic, student)
    notebook.late_submission_penalty = None
    for grade in notebook.grades:
        grade.auto_score = 0.0
        grade.needs_manual_grade = grade.manual_score is not None
    gradebook.db.commit()


def read(
    gradebook: Gradebook, topic: str, student: str, executed: str | None
) -> tuple[dict[str, TestScore], dict[str, ManualScore]]:
    """Return the scores by test and by question, with diagnoses from the executed notebook.

    A test's score is the autograder's, even where a person has set another by hand.
    """
    parts = scheme(gradebook, topic)
    causes = diagnoses(executed) if executed else {}
    grades = {grade.name: grade for grade in _submitted(gradebook, topic, student).grades}
    tests = {
        key(name): TestScore(
            score := float(grades[name].auto_score or 0.0),
            points,
            causes.get(name) if score < points else None,
        )
        for name, points in parts.tests.items()
    }
    manual = {
        name: ManualScore(
            None if _ungraded(grades[name]) else float(grades[name].score),
            points,
        )
        for name, points in parts.manual.items()
    }
    return tests, manual


def by_hand(gradebook: Gradebook, topic: str, student: str) -> list[str]:
    """Return the tests whose score a person has set in place of the autograder's."""
    tests = scheme(gradebook, topic).tests
    grades = _submitted(gradebook, topic, student).grades
    return sorted(key(g.name) for g in grades if g.name in tests and g.manual_score is not None)


def late_penalty(gradebook: Gradebook, topic: str, student: str) -> float:
    """Return the points that nbgrader takes off for lateness."""
    return float(_submitted(gradebook, topic, student).late_submission_penalty or 0.0)


def diagnoses(executed: str) -> dict[str, str]:
    """Return, by grade id, the diagnosis of the first failed check that has one."""
    found = {}
    for cell in nbformat.reads(executed, as_version=4).cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        for record in check_records(cell):
            if not record.get("passed") and record.get("diagnosis"):
                found.setdefault(grade_id, str(record["diagnosis"]))
    return found


def check_records(cell: nbformat.NotebookNode) -> list[dict]:
    """Return the check records in a cell's outputs, in order."""
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return [bundle[RECORD] for bundle in data if isinstance(bundle.get(RECORD), dict)]


def _ungraded(grade: object) -> bool:
    """Say whether neither a person nor nbgrader has given a score."""
    return grade.manual_score is None and grade.auto_score is None


def _submitted(gradebook: Gradebook, topic: str, student: str) -> SubmittedNotebook:
    """Return the gradebook's entry for a student's notebook."""
    return gradebook.find_submission_notebook(topic, topic, student)
