"""A feedback page with only the visible tests, for courses that show hidden tests later."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.feedback.grades import KnownGrades
from nnkit.record import RECORD_TYPE

CAUTION = (
    "This page shows only the visible tests. Hidden tests judge your work too, and a person reads "
    "your written answers: the final score may differ."
)


class VisibleGrades(KnownGrades):
    """Omits the hidden tests' messages, and gives each test the points of its visible part.

    Scores by hand, the late penalty and remarks, which may be caused by hidden tests, are omitted
    too: the whole page shows them.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook without anything that depends on hidden tests."""
        nb, resources = super().preprocess(nb, resources)
        about = resources["nbgrader"]
        graded = [cell for cell in nb.cells if is_grade(cell)]
        about["score"] = sum(cell.metadata.nbgrader.get("score") or 0.0 for cell in graded)
        about["late_penalty"] = 0.0
        about["caution"] = CAUTION if graded else None
        if graded and "autograder" in nb.metadata:
            nb.metadata["autograder"] |= {"remarks": [], "kinds": []}
        return nb, resources

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return a cell without the outputs of hidden tests."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not is_grade(cell):
            return cell, resources
        about = cell.metadata.nbgrader
        about["by_hand"], about["comment"] = False, ""
        if is_solution(cell) or cell.cell_type != "code":
            about["score"] = None
            return cell, resources
        cell.outputs = _visible(cell.outputs)
        failed = any(_failed(output) for output in cell.outputs)
        about["score"] = 0.0 if failed else float(about.get("points") or 0.0)
        return cell, resources


def _visible(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs before the first check of a hidden part."""
    for number, output in enumerate(outputs):
        record = output.get("data", {}).get(RECORD_TYPE)
        if isinstance(record, dict) and record.get("hidden"):
            return outputs[:number]
    return outputs


def _failed(output: NotebookNode) -> bool:
    record = output.get("data", {}).get(RECORD_TYPE)
    return output.output_type == "error" or (isinstance(record, dict) and not record.get("passed"))
