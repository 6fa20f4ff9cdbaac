"""Put the gradebook's scores and comments into a notebook, and say what has no score yet."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades


class KnownGrades(GetGrades):
    """nbgrader's ``GetGrades``, but for what a person has still to grade: None, not 0."""

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.manual_score is None and grade.auto_score is None:
            cell.metadata.nbgrader["score"] = None
