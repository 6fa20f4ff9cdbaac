"""The state that the steps of one grading run share: gradebook, nbgrader's steps, settings."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.gradebook import up_to_date
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.session import OpenGradebook
from autograder.grading import nbgrader_log
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import HandedIn

if TYPE_CHECKING:
    from autograder.grading.nbgrader_autograde import ClassConverter


@dataclass(frozen=True)
class Context:
    """The state of one run; used from one thread.

    Attributes
    ----------
    course
        The course that is graded.
    gradebook
        Its gradebook, open.
    scratch
        A folder for the files that the engine works with.
    sandbox
        The engine's sandbox, ``required`` or ``off``; recorded with every grade.
    listener
        Keeps the warnings that nbgrader's steps write to ``log``.
    caps
        How much of a submission is copied.
    """

    course: Course
    gradebook: OpenGradebook
    scratch: Path
    sandbox: str
    fingerprints: up_to_date.Fingerprints
    penalties: Penalties
    listener: nbgrader_log.Listener
    log: logging.Logger
    caps: Caps

    @classmethod
    def of(
        cls,
        course: Course,
        gradebook: OpenGradebook,
        scratch: Path,
        sandbox: str,
        version: str | None,
    ) -> Context:
        """Return the context of a run; without a version, every submission is graded again."""
        log, listener = nbgrader_log.listen()
        return cls(
            course,
            gradebook,
            scratch,
            sandbox,
            up_to_date.Fingerprints(course, version),
            Penalties(course),
            listener,
            log,
            Caps.of(course.coursedir),
        )

    @cached_property
    def converter(self) -> ClassConverter:
        """The steps of nbgrader, imported and made only where a submission has to be graded."""
        from autograder.grading.nbgrader_autograde import ClassConverter

        return ClassConverter(self.course, self.log)

    def folder(self, handed_in: HandedIn) -> Path:
        """Return the folder of a submission's clean copy."""
        return self.scratch / handed_in.student / handed_in.topic

    def target(self, handed_in: HandedIn) -> Path:
        """Return the folder in which nbgrader looks for the autograded notebook."""
        directory = self.course.coursedir
        path = directory.format_path(
            directory.autograded_directory, handed_in.student, handed_in.topic
        )
        return Path(directory.root, os.path.normpath(path))

    def place(self, handed_in: HandedIn) -> Path:
        """Return the path where nbgrader looks for the autograded notebook."""
        return self.target(handed_in) / handed_in.notebook.name
