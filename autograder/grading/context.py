"""The state that the steps of one grading run share: gradebook, nbgrader's steps, settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.gradebook import up_to_date
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.session import OpenGradebook
from autograder.grading import nbgrader_log
from autograder.grading.nbgrader_autograde import ClassConverter
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import HandedIn


@dataclass(frozen=True)
class Context:
    """The state of one run; used from one thread.

    Attributes
    ----------
    gradebook
        The course's gradebook, open.
    scratch
        A folder for the files that the engine works with.
    sandbox
        The engine's sandbox, ``required`` or ``off``; recorded with every grade.
    listener
        Keeps the warnings that nbgrader's steps log.
    caps
        How much of a submission is copied.
    """

    gradebook: OpenGradebook
    scratch: Path
    sandbox: str
    fingerprints: up_to_date.Fingerprints
    penalties: Penalties
    listener: nbgrader_log.Listener
    converter: ClassConverter
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
            gradebook,
            scratch,
            sandbox,
            up_to_date.Fingerprints(course, version),
            Penalties(course),
            listener,
            ClassConverter(course, log),
            Caps.of(course.coursedir),
        )

    def folder(self, handed_in: HandedIn) -> Path:
        """Return the folder of a submission's clean copy."""
        return self.scratch / handed_in.student / handed_in.topic

    def place(self, handed_in: HandedIn) -> Path:
        """Return the path where nbgrader looks for the autograded notebook."""
        return self.converter.target(handed_in) / handed_in.notebook.name
