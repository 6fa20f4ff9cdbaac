"""nbgrader's gradebook held open for one run, with one transaction for each submission.

nbgrader's own code opens a connection for every step and commits for every cell. That costs more
than grading a short notebook, and a run that is killed leaves half a submission.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.orm import scoped_session

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading import cell_changes
from autograder.grading.blueprint import Blueprint, SourceCell
from autograder.grading.set_aside import Kept, SetAside

_NBGRADERS_OWN = ("overwritecells", "overwritekernelspec", "saveautogrades", "latesubmissions")


class _Session:
    """A session that only the ledger commits: what nbgrader changes is sent all at once."""

    def __init__(self, session: scoped_session) -> None:
        self.real = session

    def commit(self) -> None:
        """Go on: the transaction stays open. A query sends what changed before it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Entry:
    """The records of one student's work on one topic; ``kept`` is what is set aside of them."""

    def __init__(self, gradebook: Ledger, topic: str, student: str) -> None:
        self.topic = topic
        self.student = student
        self.submission: SubmittedAssignment = gradebook.find_submission(topic, student)
        self.notebook: SubmittedNotebook = gradebook.find_submission_notebook(topic, topic, student)
        self.grades: dict[str, Grade] = self._cells(gradebook, Grade)
        self.comments: dict[str, Comment] = self._cells(gradebook, Comment)
        found = gradebook.aside.load(str(self.submission.assignment_id), student)
        self.kept: dict[str, Kept] = {cell: kept for (cell, _), kept in found.items()}

    def _cells(self, gradebook: Gradebook, kind: type) -> dict[str, Any]:
        query = gradebook.db.query(kind, BaseCell.name).join(BaseCell, kind.cell_id == BaseCell.id)
        return {name: row for row, name in query.filter(kind.notebook_id == self.notebook.id)}


class Ledger(Gradebook):
    """The gradebook of a course. Used from one thread, within ``with``."""

    def __init__(self, course: Course) -> None:
        with course.gradebook():  # made where there is none; errors say what to do
            super().__init__(course.db_url, course.coursedir.course_id)
        self.db = _Session(self.db)
        self.aside = SetAside(self)
        self.blueprint: Blueprint | None = None
        self.entry: Entry | None = None

    def close(self) -> None:
        """Stay open: nbgrader's code closes the gradebook after every step."""

    @contextmanager
    def opened(self) -> Iterator[Ledger]:
        """Let nbgrader's preprocessors use this gradebook, and close it at the end."""
        modules = [importlib.import_module(f"nbgrader.preprocessors.{m}") for m in _NBGRADERS_OWN]
        for module in modules:
            module.Gradebook = lambda *_: self
        try:
            yield self
        finally:
            for module in modules:
                module.Gradebook = Gradebook
            super().close()

    @contextmanager
    def reading(self, topic: str, student: str) -> Iterator[Entry | None]:
        """Open a submission's records to look at; None where there are none."""
        try:
            yield Entry(self, topic, student)
        except MissingEntry:
            yield None
        finally:
            self.db.rollback()
            self.db.remove()

    @contextmanager
    def writing(
        self, topic: str, student: str, *, create_student: bool = True, **about: Any
    ) -> Iterator[Entry]:
        """Open a submission's records, made where there are none; all or nothing is written.

        Raises
        ------
        AutograderError
            If nobody of this name is in the gradebook and none is to be created.
        """
        try:
            if create_student:
                self.update_or_create_student(student)
            self.update_or_create_submission(topic, student, **about)
            cell_changes.add_records(self, topic, student)
            self.entry = Entry(self, topic, student)
            yield self.entry
            self.db.real.commit()
        except BaseException as error:
            self.db.rollback()
            if isinstance(error, MissingEntry):
                raise AutograderError(f"the gradebook has {error}") from error
            raise
        finally:
            # Nothing of this submission stays in memory.
            self.entry = None
            self.db.remove()

    def find_notebook(self, notebook: str, assignment: str) -> Any:
        """Return a topic's notebook; for nbgrader's preprocessors, from memory."""
        if self._known(notebook, assignment):
            return SimpleNamespace(kernelspec=self.blueprint.kernelspec)
        return super().find_notebook(notebook, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        """Return one of the instructor's cells, from memory."""
        if not self._known(notebook, assignment):
            return super().find_source_cell(name, notebook, assignment)
        if name not in self.blueprint.by_name:
            raise MissingEntry(f"No such cell: {assignment}/{notebook}/{name}")
        return self.blueprint.by_name[name]

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> SourceCell:
        """Return a cell with points, from memory."""
        return self.find_source_cell(name, notebook, assignment)

    def find_grade(self, name: str, notebook: str, assignment: str, student: str) -> Grade:
        """Return the record of a cell's score; the open submission's without a query."""
        found = self.entry.grades.get(name) if self.entry else None
        return found or super().find_grade(name, notebook, assignment, student)

    def find_comment(self, name: str, notebook: str, assignment: str, student: str) -> Comment:
        """Return the record of a cell's comment; the open submission's without a query."""
        found = self.entry.comments.get(name) if self.entry else None
        return found or super().find_comment(name, notebook, assignment, student)

    def _known(self, notebook: str, assignment: str) -> bool:
        return self.blueprint is not None and notebook == assignment == self.blueprint.topic
