"""The exam and the repairs for nbgrader's own commands, as preprocessors of ``Autograde``.

In ``nbgrader_config.py``::

    c.Autograde.sanitize_preprocessors = [RepairCells, ClearOutput, …]
    c.Autograde.autograde_preprocessors = [ExamPreprocessor, IgnorePattern, …]
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import Course
from autograder.gradebook.assignment import load
from autograder.gradebook.cell_changes import add_records
from autograder.remarks import noted
from autograder.submissions import instructors_files, layout, plain_files
from autograder.submissions.repair import forget, repair

if TYPE_CHECKING:
    from autograder.grading.exam_engine import ExamEngine

Resources = dict[str, Any]

# For a configuration that imports the classes below and calls no `guard_submissions`.
plain_files.install()

# The formgrader's server runs on after an exam: it must not keep an idle proctor of 0.5 GB.
IDLE_S = 20.0


class _Kept:
    """The engine of nbgrader's commands, from one submission to the next."""

    def __init__(self) -> None:
        self._work = threading.Lock()
        self._engine: ExamEngine | None = None
        self._timer: threading.Timer | None = None

    @contextmanager
    def at_work(self, wanted: ExamEngine) -> Iterator[ExamEngine]:
        """Start the proctor, and end it if no other exam follows soon."""
        with self._work:
            if self._timer is not None:
                self._timer.cancel()
            if self._engine is None or self._engine != wanted:
                self._stop()
                self._engine = wanted
            try:
                self._engine.start()
                yield self._engine
            finally:
                self._timer = threading.Timer(IDLE_S, self._rest)
                self._timer.daemon = True
                self._timer.start()

    def _rest(self) -> None:
        """End the proctor, unless another exam began while this waited for the lock."""
        with self._work:
            if threading.current_thread() is self._timer:
                self._stop()

    def _stop(self) -> None:
        if self._engine is not None:
            self._engine.stop()


# nbconvert makes a new preprocessor for each notebook, so the engine is kept here.
_KEPT = _Kept()


class ExamPreprocessor(NbGraderPreprocessor):
    """Run a submission in the exam, in place of nbgrader's ``Execute``.

    The section ``c.ExamLimits`` sets the limits and the sandbox.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with outputs, and the record of the exam in its metadata.

        Raises
        ------
        AutograderError
            If an exam cannot be held on this machine.
        """
        # Imported late: nbgrader loads this module for each of its commands.
        from autograder.grading.exam_engine import ExamEngine

        with (
            _KEPT.at_work(ExamEngine.of(self.config)) as engine,
            tempfile.TemporaryDirectory(prefix="autograder-") as scratch,
        ):
            about = resources["nbgrader"]
            # nbgrader has put the sanitised notebook, hidden tests included, next to the files.
            beside = layout.HandedIn(
                about["student"], about["assignment"], Path(resources["metadata"]["path"])
            )
            files = Path(scratch) / "files"
            for remark in layout.copy_files(beside, files, ignored=[]):
                self.log.warning("%s: %s", about["student"], remark)
            result = engine.run(nb, files, self._given(about["assignment"]))
        for remark in result.remarks:
            self.log.warning("%s: %s", about["student"], remark)
        result.notebook.metadata["autograder"] = {
            "sandbox": engine.sandbox,
            **noted(result.remarks),
        }
        return result.notebook, resources

    def _given(self, assignment: str) -> list[str]:
        """Return the names of the instructor's files next to the notebook."""
        own = self.config.get("Autograde", {}).get("exclude_overwriting", {}).get(assignment, [])
        coursedir = CourseDirectory(config=self.config)
        return [str(name) for name in instructors_files.names(coursedir, assignment, own)]


class RepairCells(NbGraderPreprocessor):
    """Repair the instructor's cells; nbgrader's sanitisers run after it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the repaired notebook."""
        about = resources["nbgrader"]
        if about["notebook"] != about["assignment"]:
            forget(nb)
            return nb, resources  # not one of our topics
        root = Path(CourseDirectory(config=self.config).root)
        course = Course(root, self.config, root)
        with Gradebook(about["db_url"]) as gradebook:
            known = load(gradebook, course, about["assignment"])
            add_records(gradebook, about["assignment"], about["student"])
            gradebook.db.commit()
        for remark in repair(nb, known):
            self.log.warning("%s: %s", about["student"], remark)
        return nb, resources
