"""The one writer to the gradebook: opens a submission for examination and records what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading import pile as on_disk
from autograder.grading import remarks, scores
from autograder.grading.converter import ClassConverter
from autograder.grading.engine import Examined, Job
from autograder.grading.pile import HandedIn
from autograder.grading.records import Submission

NOTICE = """# This submission could not be graded

It scores 0, because {reason}.

Ask your instructor what to do, and hand the notebook in again if you may.
"""


@dataclass
class Opened:
    """A submission on its way: the job for the engine, or why there is none."""

    handed_in: HandedIn
    job: Job | None = None
    failure: str | None = None
    remarks: list[str] = field(default_factory=list)


class Recorder:
    """Writes one class's grades; used from one thread.

    Parameters
    ----------
    course
        Whose gradebook is written to.
    pile
        Where the submissions are.
    scratch
        An empty folder for the files that the engine works with.
    """

    def __init__(self, course: Course, pile: Path, scratch: Path) -> None:
        self.course = course
        log, self.listener = remarks.listen()
        self.converter = ClassConverter(course, pile, scratch, log)

    def open(self, handed_in: HandedIn) -> Opened:
        """Sanitise a submission; whatever is wrong with it becomes its reason."""
        opened = Opened(handed_in, failure=on_disk.problem(handed_in))
        if opened.failure is None:
            try:
                opened.job = self.converter.sanitise(handed_in)
                opened.remarks += self._edited(handed_in)
            except Exception as error:
                opened.failure = remarks.reason(error, handed_in.notebook.name)
        opened.remarks += self.listener.take()
        return opened

    def close(self, opened: Opened, examined: Examined | Exception | None) -> Submission:
        """Record what came of the examination; never raise for one submission."""
        try:
            return self._close(opened, examined)
        except Exception as error:
            fault = f"NOT GRADED: the gradebook took neither a grade nor a 0 ({_first(error)})"
            return Submission(
                opened.handed_in.student, 0.0, remarks=(*opened.remarks, fault), graded=False
            )

    def _close(self, opened: Opened, examined: Examined | Exception | None) -> Submission:
        if isinstance(examined, Exception):
            return self._fail(opened, f"it could not be examined ({_first(examined)})", fault=True)
        if examined is None or examined.notebook is None:
            reason = examined.failure if examined else opened.failure
            return self._fail(opened, str(reason), examined)
        opened.remarks += examined.remarks
        try:
            missing = self._record(opened.handed_in, examined.notebook)
        except Exception as error:
            reason = remarks.reason(error, opened.handed_in.notebook.name)
            return self._fail(opened, reason, examined)
        opened.remarks += [f"test '{scores.key(name)}' is missing: 0 points" for name in missing]
        return self._outcome(opened, examined)

    def _record(self, handed_in: HandedIn, executed: str) -> list[str]:
        """Save the grades; return the tests that are missing from the notebook."""
        at = (handed_in.topic, handed_in.student)
        with self.course.gradebook() as gradebook:
            scores.reset(gradebook, *at)
        self.converter.record(handed_in, executed)
        with self.course.gradebook() as gradebook:
            return scores.settle(gradebook, *at)

    def _fail(
        self,
        opened: Opened,
        reason: str,
        examined: Examined | None = None,
        *,
        fault: bool = False,
    ) -> Submission:
        """Score 0 with a reason, and leave the reason where the student's feedback is made."""
        handed_in = opened.handed_in
        with self.course.gradebook() as gradebook:
            scores.zero(gradebook, handed_in.topic, handed_in.student)
        self.converter.write_notice(handed_in, NOTICE.format(reason=reason))
        opened.remarks.insert(0, f"scored 0: {reason}")
        return self._outcome(opened, examined, graded=not fault)

    def _outcome(
        self, opened: Opened, examined: Examined | None, *, graded: bool = True
    ) -> Submission:
        """Read the recorded scores back."""
        at = (opened.handed_in.topic, opened.handed_in.student)
        executed = examined.notebook if examined else None
        with self.course.gradebook() as gradebook:
            tests, manual = scores.read(gradebook, *at, executed)
            overridden = scores.by_hand(gradebook, *at)
            penalty = scores.late_penalty(gradebook, *at)
        said = [*opened.remarks, *self.listener.take()]
        said += [
            f"a person set the score of '{name}'; the gradebook keeps it" for name in overridden
        ]
        if penalty:
            said.append(f"handed in late: nbgrader takes off {penalty:g} points")
        return Submission(
            opened.handed_in.student,
            score=sum(test.score for test in tests.values()),
            cpu_s=examined.cpu_s if examined else 0.0,
            remarks=tuple(dict.fromkeys(said)),
            tests=tests,
            manual=manual,
            graded=graded,
        )

    def _edited(self, handed_in: HandedIn) -> list[str]:
        """Say which locked cells the student changed; nbgrader has put them back."""
        topic = handed_in.topic
        released = self.course.release_dir / topic / f"{topic}.ipynb"
        if not released.is_file():
            return []
        names = remarks.edited_cells(
            nbformat.read(handed_in.notebook, as_version=4),
            nbformat.read(released, as_version=4),
        )
        return [f"cell '{name}' had been edited; the released one was used" for name in names]


def _first(error: Exception) -> str:
    """Return an exception in one line."""
    if isinstance(error, AutograderError):
        return str(error)
    return f"{type(error).__name__}: {error}".strip().splitlines()[0].rstrip(": ")
