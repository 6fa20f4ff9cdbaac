"""nbgrader's own autograding, split at the execution: sanitise before, record after.

Both halves run in the one process that writes to the gradebook. Between them an engine runs the
notebook, in processes of its own.
"""

from __future__ import annotations

import copy
import datetime
import logging
import shutil
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, Execute

from autograder.course import Course
from autograder.course.deadlines import Calendar
from autograder.course.modules import importable
from autograder.gradebook.assignment import Plan
from autograder.gradebook.session import Entry
from autograder.grading.nbgrader_steps import KEY, Records, on_records, resolved
from autograder.grading.preprocessors import ExamPreprocessor, RepairCells
from autograder.removal import remove
from autograder.submissions import instructors_files, timestamps
from autograder.submissions.clean_copy import Taken
from autograder.submissions.layout import HandedIn

# Steps that this package replaces: the exam, the repairs, and a check that is then redundant.
_OURS = (Execute, ExamPreprocessor, RepairCells, CheckCellMetadata)


class ClassConverter(Autograde):
    """nbgrader's ``Autograde`` for one submission at a time, without its execution.

    The preprocessors are nbgrader's, as configured. They are made once for all submissions, and
    pass the notebook on in memory.
    """

    def __init__(self, course: Course, log: logging.Logger) -> None:
        config = copy.deepcopy(course.config)
        config.CourseDirectory.root = str(course.root)
        with importable(course.root):
            super().__init__(
                coursedir=CourseDirectory(config=config, log=log), config=config, log=log
            )
            self.calendar = Calendar.of(course.root, course.config)
            self.exporter = self.exporter_class(parent=self, config=self.config)
            before, after = self._around_execution()
            self.sanitisers = self._made([*self.sanitize_preprocessors, *before])
            self.recorders = self._made(after)

    def prepare(self, handed_in: HandedIn, taken: Taken) -> None:
        """Prepare the clean copy as the folder in which student code runs.

        As in nbgrader, the instructor's files replace a student's of the same name. Other notebooks
        stay for the exam, since a cell may run them; they are removed before the result is stored.
        """
        self._point_at(handed_in)
        self.notebooks = [str(handed_in.notebook)]
        self.run_pre_convert_hook()
        remove(taken.folder / handed_in.notebook.name)
        source = instructors_files.folder_of(self.coursedir, handed_in.topic)
        for name in self.instructors_files(handed_in.topic):
            target = taken.folder / name
            remove(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)

    def sanitise(self, handed_in: HandedIn, notebook: NotebookNode, plan: Plan) -> NotebookNode:
        """Run nbgrader's steps before the execution."""
        return self._run(self.sanitisers, notebook, handed_in, Records(plan))

    def record(
        self, handed_in: HandedIn, notebook: NotebookNode, plan: Plan, entry: Entry
    ) -> NotebookNode:
        """Run nbgrader's steps after the execution, which write the scores into ``entry``."""
        return self._run(self.recorders, notebook, handed_in, Records(plan, entry))

    def late(self, taken: Taken | None) -> dict[str, datetime.datetime | None]:
        """Return the submission time as a keyword of nbgrader's gradebook; empty if it is unknown.

        A timestamp file without a time is reported, and an earlier submission's time is removed.
        """
        try:
            timestamp = timestamps.read(taken, self.calendar) if taken else None
        except timestamps.Unknown as error:
            self.log.warning("%s", error)
            return {"timestamp": None}
        return {"timestamp": timestamp} if timestamp else {}

    def finish(self, handed_in: HandedIn) -> None:
        """Do nbgrader's last step, after the autograded submission is in its folder."""
        self._point_at(handed_in)
        self.set_permissions(handed_in.topic, handed_in.student)
        self.run_post_convert_hook()

    def instructors_files(self, topic: str) -> list[Path]:
        """Return the names of the files that come with a topic and replace a student's."""
        students = self.exclude_overwriting.get(topic, [])
        return instructors_files.names(self.coursedir, topic, students)

    def _run(
        self, steps: list[Any], notebook: NotebookNode, handed_in: HandedIn, records: Records
    ) -> NotebookNode:
        resources = {
            KEY: records,
            "unique_key": handed_in.topic,
            "output_files_dir": f"{handed_in.topic}_files",
            "metadata": {"name": handed_in.topic, "path": str(handed_in.folder)},
            "nbgrader": {
                "student": handed_in.student,
                "assignment": handed_in.topic,
                "notebook": handed_in.topic,
                "db_url": self.coursedir.db_url,
            },
        }
        for step in steps:
            notebook, resources = step(notebook, resources)
        return notebook

    def _made(self, wanted: list[Any]) -> list[Any]:
        """Return the preprocessors, made as nbconvert makes them, without the replaced ones."""
        self.exporter._preprocessors = []
        for step in map(resolved, wanted):
            # Late penalties depend on more than the notebook: see `autograder.gradebook.penalties`.
            late = isinstance(step, type) and issubclass(step, AssignLatePenalties)
            if not late and step not in _OURS:
                self.exporter.register_preprocessor(on_records(step))
        return list(self.exporter._preprocessors)

    def _around_execution(self) -> tuple[list[Any], list[Any]]:
        """Return the configured preprocessors before and after the one that executes."""
        steps = list(map(resolved, self.autograde_preprocessors))
        places = [
            index
            for index, step in enumerate(steps)
            if isinstance(step, type) and issubclass(step, Execute | ExamPreprocessor)
        ]
        cut = places[0] if places else 0
        return steps[:cut], steps[cut + len(places[:1]) :]

    def _point_at(self, handed_in: HandedIn) -> None:
        """Set the submission's names where nbgrader's hooks read them."""
        self.coursedir.assignment_id = handed_in.topic
        self.coursedir.student_id = handed_in.student
