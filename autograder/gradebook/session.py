"""nbgrader's gradebook held open for one run, with one transaction for each submission.

nbgrader's own code commits after every cell, so a killed run would leave half a submission.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from autograder.gradebook import cell_changes
from autograder.gradebook.set_aside import Kept, SetAside


class _Session:
    """A session that does not commit while it is ``held``; queries still flush changes."""

    def __init__(self, session: scoped_session) -> None:
        self._session = session
        self.held = False

    def commit(self) -> None:
        """Commit, unless the session is held."""
        if not self.held:
            self._session.commit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class Entry:
    """The records of one student's work on one topic; ``kept`` are the values set aside."""

    def __init__(self, gradebook: OpenGradebook, topic: str, student: str) -> None:
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


class OpenGradebook(Gradebook):
    """The gradebook of a course, open in a ``with`` statement; used from one thread."""

    def __init__(self, course: Course) -> None:
        with course.gradebook():  # creates it if there is none; errors say what to do
            super().__init__(course.db_url, course.coursedir.course_id)
        self.db = _Session(self.db)
        self.aside = SetAside(self)

    @contextmanager
    def reading(self, topic: str, student: str) -> Iterator[Entry | None]:
        """Open a submission's records for reading; None if there are none."""
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
        """Open a submission's records for writing, created if missing; all or nothing is written.

        Raises
        ------
        AutograderError
            If the gradebook has no such student and ``create_student`` is False.
        """
        self.db.held = True
        try:
            if create_student:
                self.update_or_create_student(student)
            self.update_or_create_submission(topic, student, **about)
            cell_changes.add_records(self, topic, student)
            yield Entry(self, topic, student)
            self.db.held = False
            self.db.commit()
        except BaseException as error:
            self.db.rollback()
            if isinstance(error, MissingEntry):
                raise AutograderError(f"the gradebook has {error}") from error
            raise
        finally:
            self.db.held = False
            self.db.remove()  # free the memory of this submission
