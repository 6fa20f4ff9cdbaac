"""A page of the visible tests alone, for courses that show the hidden tests' results later."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.feedback.grades import KnownGrades
from nnkit.record import RECORD_TYPE

CAUTION = (
    "These are the visible tests alone. Hidden tests judge your work too, and a person reads what "
    "you wrote in words: the score that you get later may differ."
)


class VisibleGrades(KnownGrades):
    """Leaves out what hidden tests said, and gives each test the points of its visible part.

    What a person gave, the late penalty and remarks, which may come of hidden tests, are left out
    too: they come with the whole page.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook without what is not to be told."""
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
        """Return a cell without what hidden tests said in it."""
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
    """Return what was said before the first check of a hidden part."""
    for number, output in enumerate(outputs):
        record = output.get("data", {}).get(RECORD_TYPE)
        if isinstance(record, dict) and record.get("hidden"):
            return outputs[:number]
    return outputs


def _failed(output: NotebookNode) -> bool:
    record = output.get("data", {}).get(RECORD_TYPE)
    return output.output_type == "error" or (isinstance(record, dict) and not record.get("passed"))
