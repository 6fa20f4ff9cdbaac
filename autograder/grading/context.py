"""What the steps of one grading run share: the gradebook, nbgrader's steps, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.gradebook import up_to_date
from autograder.gradebook.penalties import Penalties
from autograder.gradebook.session import Ledger
from autograder.grading import nbgrader_log
from autograder.grading.nbgrader_autograde import ClassConverter
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import HandedIn


@dataclass(frozen=True)
class Context:
    """One run's; used from one thread.

    Attributes
    ----------
    ledger
        The course's gradebook, opened.
    scratch
        A folder for the files that the engine works with.
    sandbox
        The engine's; recorded with every grade.
    listener
        Hears what nbgrader's steps log.
    caps
        What is taken in of a submission.
    """

    ledger: Ledger
    scratch: Path
    sandbox: str
    fingerprints: up_to_date.Fingerprints
    penalties: Penalties
    listener: nbgrader_log.Listener
    converter: ClassConverter
    caps: Caps

    @classmethod
    def of(
        cls, course: Course, ledger: Ledger, scratch: Path, sandbox: str, version: str | None
    ) -> Context:
        """Return what grading a course takes; without a version every submission is graded."""
        log, listener = nbgrader_log.listen()
        return cls(
            ledger,
            scratch,
            sandbox,
            up_to_date.Fingerprints(course, version),
            Penalties(course),
            listener,
            ClassConverter(course, log),
            Caps.of(course.coursedir),
        )

    def folder(self, handed_in: HandedIn) -> Path:
        """Return where the clean copy of a submission is."""
        return self.scratch / handed_in.student / handed_in.topic

    def place(self, handed_in: HandedIn) -> Path:
        """Return where nbgrader looks for the autograded notebook."""
        return self.converter.target(handed_in) / handed_in.notebook.name
