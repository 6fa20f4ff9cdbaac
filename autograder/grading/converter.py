"""nbgrader's own autograding, cut in two around the execution: sanitise before, record after.

Both halves belong to the one process that writes to the gradebook. Between them an engine runs
the notebook, in whatever process it likes.
"""

from __future__ import annotations

import copy
import datetime
import logging
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.writers import FilesWriter
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import Dict

from autograder.course import Course
from autograder.grading.engine import Job
from autograder.grading.pile import HandedIn

# nbclient leaves out a cell with this tag, and nbgrader gives an unexecuted test full marks.
SKIP_TAG = "skip-execution"


class PileDirectory(CourseDirectory):
    """nbgrader's course directory with some of its steps in other folders."""

    #: step name -> folder that holds STUDENT/TOPIC for it
    folders = Dict()

    def format_path(
        self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False
    ) -> str:
        """Return nbgrader's path for the step, or the one in the step's own folder."""
        if nbgrader_step in self.folders and not escape:
            return str(Path(self.folders[nbgrader_step]) / student_id / assignment_id)
        return super().format_path(nbgrader_step, student_id, assignment_id, escape=escape)

    def get_existing_timestamp(self, dest_path: str) -> datetime.datetime | None:
        """Read ``timestamp.txt``; one that cannot be read is reported and not followed."""
        try:
            return super().get_existing_timestamp(dest_path)
        except (AttributeError, OSError, OverflowError, ValueError):
            # nbgrader means to fail here, by way of a method that does not exist.
            self.log.warning("timestamp.txt is not a date, so lateness is not known")
            return None


class ClassConverter(Autograde):
    """nbgrader's ``Autograde`` for one submission at a time, without its execution."""

    def __init__(self, course: Course, pile: Path, scratch: Path, log: logging.Logger) -> None:
        config = copy.deepcopy(course.config)
        config.CourseDirectory.root = str(course.root)
        directory = PileDirectory(config=config, log=log)
        super().__init__(coursedir=directory, config=config, log=log)
        directory.folders = {
            directory.submitted_directory: str(pile),
            directory.autograded_directory: str(scratch),
        }
        self.scratch = scratch
        self.writer = FilesWriter(parent=self, config=self.config)
        self.exporter = self.exporter_class(parent=self, config=self.config)

    def sanitise(self, handed_in: HandedIn) -> Job:
        """Return the submission as nbgrader sanitises it, registered in the gradebook.

        Raises
        ------
        Exception
            Whatever nbgrader and nbconvert raise for a notebook that they cannot read.
        """
        self.notebooks = [str(path) for path in handed_in.notebooks()]
        self._point_at(handed_in)
        self.run_pre_convert_hook()
        self.init_assignment(handed_in.topic, handed_in.student)
        source, _ = self._run(self.sanitize_preprocessors, handed_in.notebook, handed_in)
        notebook = self._never_skip(nbformat.reads(source, as_version=4))
        before = self._around_execution()[0]
        if before:
            source, _ = self._run(before, notebook, handed_in)
            notebook = nbformat.reads(source, as_version=4)
        folder = self.scratch / handed_in.student / handed_in.topic
        folder.mkdir(parents=True, exist_ok=True)
        return Job(handed_in.student, handed_in.topic, nbformat.writes(notebook), folder)

    def record(self, handed_in: HandedIn, executed: str) -> None:
        """Save the grades and put the executed notebook where nbgrader looks for it."""
        self._point_at(handed_in)
        notebook = nbformat.reads(executed, as_version=4)
        output, resources = self._run(self._around_execution()[1], notebook, handed_in)
        self._write(handed_in, output, resources)
        self.run_post_convert_hook()

    def write_notice(self, handed_in: HandedIn, notice: str) -> None:
        """Leave a notebook with one cell of prose as the autograded one."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(notice)])
        notebook.cells[0].id = "notice"
        shutil.rmtree(self.scratch / handed_in.student / handed_in.topic, ignore_errors=True)
        self._write(handed_in, *self._run([], notebook, handed_in))

    def _write(self, handed_in: HandedIn, output: str, resources: dict[str, Any]) -> None:
        """Put the scratch folder and the notebook where nbgrader keeps autograded ones."""
        folders = self.coursedir.folders
        step = self.coursedir.autograded_directory
        self.coursedir.folders = {k: v for k, v in folders.items() if k != step}
        try:
            self._replace_autograded(handed_in)
            self.write_single_notebook(output, resources)
            self.set_permissions(handed_in.topic, handed_in.student)
        finally:
            self.coursedir.folders = folders

    def _run(
        self, preprocessors: list[Any], source: Path | nbformat.NotebookNode, handed_in: HandedIn
    ) -> tuple[str, dict[str, Any]]:
        """Run preprocessors in nbgrader's exporter; return JSON text and resources."""
        self.exporter._preprocessors = []
        for preprocessor in preprocessors:
            self.exporter.register_preprocessor(preprocessor)
        if isinstance(source, Path):
            return self.exporter.from_filename(str(source), resources=self._resources(handed_in))
        return self.exporter.from_notebook_node(source, resources=self._resources(handed_in))

    def _resources(self, handed_in: HandedIn) -> dict[str, Any]:
        """Return what nbgrader's preprocessors read, without matching paths for it."""
        return {
            "unique_key": handed_in.topic,
            "output_files_dir": f"{handed_in.topic}_files",
            "nbgrader": {
                "student": handed_in.student,
                "assignment": handed_in.topic,
                "notebook": handed_in.topic,
                "db_url": self.coursedir.db_url,
            },
        }

    def _around_execution(self) -> tuple[list[Any], list[Any]]:
        """Return the configured preprocessors before and after the one that executes."""
        steps = list(self.autograde_preprocessors)
        places = [
            index
            for index, step in enumerate(steps)
            if isinstance(step, type) and issubclass(step, Execute)
        ]
        cut = places[0] if places else 0
        return steps[:cut], steps[cut + len(places[:1]) :]

    def _never_skip(self, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Make sure that every test is executed, whatever tags the cell carries."""
        for cell in notebook.cells:
            tags = cell.metadata.get("tags", [])
            if is_grade(cell) and SKIP_TAG in tags:
                cell.metadata["tags"] = [tag for tag in tags if tag != SKIP_TAG]
                grade_id = cell.metadata.nbgrader.grade_id
                self.log.warning("the tag '%s' was taken off test '%s'", SKIP_TAG, grade_id)
        return notebook

    def _point_at(self, handed_in: HandedIn) -> None:
        """Name the submission where nbgrader's hooks look for it."""
        self.coursedir.assignment_id = handed_in.topic
        self.coursedir.student_id = handed_in.student

    def _replace_autograded(self, handed_in: HandedIn) -> None:
        """Move the scratch folder to where the autograded submission lies."""
        target = Path(self._format_dest(handed_in.topic, handed_in.student))
        if target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.scratch / handed_in.student / handed_in.topic
        if scratch.exists():
            shutil.move(scratch, target)
