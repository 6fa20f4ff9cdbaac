"""Write the gradebook's scores and comments into a notebook, marking those given by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades

from autograder.course.deadlines import Calendar, told
from autograder.gradebook.set_aside import SetAside
from autograder.gradebook.voids import How, decisions


class KnownGrades(GetGrades):
    """nbgrader's ``GetGrades``, with None, not 0, for a cell that is not graded by hand yet.

    In a cell's metadata, ``by_hand`` is True if a person gave the score, ``comment_by_hand`` if one
    wrote the comment, and ``voided`` says how a voided test or question counts. Sentences on the
    student's deadline are in ``resources["nbgrader"]["deadline"]``.
    """

    voided: dict[str, How]

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with the gradebook's scores and comments."""
        about = resources["nbgrader"]
        student, topic = about["student"], about["assignment"]
        root = Path(CourseDirectory(config=self.config).root)
        with Gradebook(about["db_url"]) as gradebook:
            kept = SetAside(gradebook).load(str(gradebook.find_assignment(topic).id), "")
            self.voided = decisions(kept)
            calendar = Calendar.of(root, self.config)
            deadline = calendar.deadlines(gradebook, student).get((student, topic))
            about["deadline"] = told(deadline, calendar) if deadline else []
        return super().preprocess(nb, resources)

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        name = cell.metadata.nbgrader["grade_id"]
        try:
            super()._get_score(cell, resources)
            grade = self.gradebook.find_grade(
                name, self.notebook_id, self.assignment_id, self.student_id
            )
        except MissingEntry:  # a cell of an earlier release
            del cell.metadata["nbgrader"]
            return
        cell.metadata.nbgrader["by_hand"] = grade.manual_score is not None
        how = self.voided.get(name)
        cell.metadata.nbgrader["voided"] = how.told if how else ""
        if grade.manual_score is None and grade.auto_score is None:
            cell.metadata.nbgrader["score"] = None

    def _get_comment(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        about = cell.metadata.nbgrader
        try:
            super()._get_comment(cell, resources)
            comment = self.gradebook.find_comment(
                about["grade_id"], self.notebook_id, self.assignment_id, self.student_id
            )
        except MissingEntry:
            about["comment"] = ""
            return
        about["comment_by_hand"] = comment.manual_comment is not None
