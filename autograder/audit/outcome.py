"""The result of an examined notebook: its cells, their errors, the tests that failed."""

from __future__ import annotations

from typing import Any

from autograder.exam.results import ExamResult
from autograder.gradebook.scores import key


def lost(examined: ExamResult) -> frozenset[str]:
    """Return the keys of the tests that failed."""
    failed = set()
    for cell in cells_of(examined):
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade") and not about.get("solution") and errors_of(cell):
            failed.add(key(about["grade_id"]))
    return frozenset(failed)


def cells_of(examined: ExamResult) -> list[dict[str, Any]]:
    """Return the cells with their outputs; [] if there is nothing to score."""
    return examined.notebook.cells if examined.notebook else []


def errors_of(cell: dict[str, Any]) -> list[str]:
    """Return the errors that a cell shows, each in one line."""
    found = [o for o in cell.get("outputs", []) if o["output_type"] == "error"]
    return [" ".join(f"{o['ename']}: {o['evalue']}".split())[:300] for o in found]
