"""Put the gradebook's scores and comments into a notebook, and say which a person gave or owes."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades


class KnownGrades(GetGrades):
    """nbgrader's ``GetGrades``, with None, not 0, for what a person has still to grade.

    ``by_hand`` says that a person gave the score.
    """

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["by_hand"] = grade.manual_score is not None
        if grade.manual_score is None and grade.auto_score is None:
            cell.metadata.nbgrader["score"] = None
