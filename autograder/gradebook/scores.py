"""Scores in a submission's records: reset, written and read back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbgrader.api import Grade

from autograder.gradebook import voids
from autograder.gradebook.assignment import Plan
from autograder.gradebook.records import ManualScore, TestScore
from autograder.gradebook.session import Entry
from autograder.gradebook.set_aside import SetAside
from autograder.remarks import Kind, Remark
from nnkit.record import RECORD_TYPE

PREFIX = "test-"


def key(grade_id: str) -> str:
    """Return a test's name in records and tables: its grade id without the prefix."""
    return grade_id.removeprefix(PREFIX)


def reset(entry: Entry) -> None:
    """Delete the automatic scores of an earlier submission; scores by hand stay.

    nbgrader updates only the cells that it finds in the notebook, so a deleted test would keep its
    old score.
    """
    for grade in entry.grades.values():
        grade.auto_score = None


def settle(entry: Entry, plan: Plan) -> list[str]:
    """Give 0 to every test that the notebook lacks; return their names."""
    missing = [name for name in plan.tests if entry.grades[name].auto_score is None]
    for name in missing:
        _give_zero(entry.grades[name])
    return missing


def zero(entry: Entry) -> None:
    """Give 0 for everything, as nbgrader does for a missing notebook.

    A score by hand stays, and is marked to be graded by hand again.
    """
    entry.notebook.late_submission_penalty = None
    for grade in entry.grades.values():
        _give_zero(grade)


def _give_zero(grade: Grade) -> None:
    grade.auto_score = 0.0
    grade.needs_manual_grade = grade.manual_score is not None


def unvoid(entry: Entry) -> None:
    """Restore the scores of voided tests, so that nbgrader grades as if none were voided."""
    for name, kept in entry.kept.items():
        if name in entry.grades:
            voids.put_back(entry.grades[name], voids.noticed(entry.grades[name], kept))


def count_voided(entry: Entry, plan: Plan, aside: SetAside) -> None:
    """Apply the decisions on voided tests to a submission's scores."""
    assignment = str(entry.submission.assignment_id)
    for name in {*entry.kept, *plan.voided}:
        grade, how = entry.grades.get(name), plan.voided.get(name)
        if grade is None:
            continue
        entry.kept.pop(name, None)
        if how is not None:
            entry.kept[name] = voids.values(grade)
            voids.count(grade, entry.kept[name], how, plan.by_name[name].max_score)
        aside.put(assignment, name, entry.student, entry.kept.get(name))


def read(
    entry: Entry, plan: Plan, causes: dict[str, str]
) -> tuple[dict[str, TestScore], dict[str, ManualScore]]:
    """Return the scores by test and by question.

    A test's score is the automatic one, even if a person has set another by hand.
    """
    tests = {
        key(name): TestScore(
            score := float(entry.grades[name].auto_score or 0.0),
            points := plan.worth(name),
            causes.get(name) if score < points else None,
        )
        for name in plan.tests
    }
    manual = {
        name: ManualScore(_score(entry.grades[name]), plan.worth(name)) for name in plan.manual
    }
    return tests, manual


def automatic(entry: Entry) -> dict[str, float | None]:
    """Return the automatic scores by grade id, also of voided tests."""
    return {
        name: entry.kept[name]["auto"] if name in entry.kept else grade.auto_score
        for name, grade in sorted(entry.grades.items())
    }


def by_hand(entry: Entry, plan: Plan) -> list[str]:
    """Return the tests whose automatic score a person has replaced."""
    found = [name for name in plan.tests if entry.grades[name].manual_score is not None]
    return sorted(map(key, found))


def by_hand_remarks(entry: Entry, plan: Plan) -> list[Remark]:
    """Return the remarks on tests whose score a person has set."""
    return [
        Remark(f"a person set the score of '{name}'; the gradebook keeps it", Kind.BY_HAND)
        for name in by_hand(entry, plan)
    ]


def diagnoses(cells: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return, by grade id, the diagnosis of the first failed check that has one."""
    found: dict[str, str] = {}
    for cell in cells:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        for record in check_records(cell):
            if not record.get("passed") and record.get("diagnosis"):
                found.setdefault(grade_id, str(record["diagnosis"]))
    return found


def check_records(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the check records in a cell's outputs, in order."""
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return [bundle[RECORD_TYPE] for bundle in data if isinstance(bundle.get(RECORD_TYPE), dict)]


def counted(grade: Grade) -> float:
    """Return the score that nbgrader counts for a cell."""
    return _score(grade) or 0.0


def _score(grade: Grade) -> float | None:
    """Return the score as nbgrader counts it, or None if there is none yet."""
    given = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return None if given is None else float(given) + float(grade.extra_credit or 0.0)
