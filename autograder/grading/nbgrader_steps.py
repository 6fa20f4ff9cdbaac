"""nbgrader's steps that use the gradebook, working on the open records of one submission.

nbgrader's own steps open a connection for each step and commit for each cell, which takes longer
than grading a short notebook. A course's subclass of one of them keeps its own methods:
`on_records` inserts the step of this module between the subclass and nbgrader's class.
"""

from __future__ import annotations

import json
import types
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Comment, Grade, MissingEntry
from nbgrader.preprocessors import OverwriteCells, OverwriteKernelspec, SaveAutoGrades
from traitlets.utils.importstring import import_item

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.gradebook.session import Entry

#: The key of the records in the resources that nbconvert passes from step to step.
KEY = "autograder"
Resources = dict[str, Any]


@dataclass(frozen=True)
class Records:
    """The gradebook's interface to the steps, in memory; before the exam, ``entry`` is None."""

    plan: Plan
    entry: Entry | None = None
    # Changes are written together with the whole submission.
    db = SimpleNamespace(commit=lambda: None)

    def find_notebook(self, *_: str) -> SimpleNamespace:
        """Return the topic's notebook."""
        cells = self.plan.cells
        return SimpleNamespace(
            source_cells=list(cells),
            grade_cells=[cell for cell in cells if cell.grade],
            solution_cells=[cell for cell in cells if cell.solution],
            task_cells=[cell for cell in cells if cell.task],
        )

    def find_source_cell(self, name: str, *_: str) -> SourceCell:
        """Return one of the instructor's cells."""
        return _known(self.plan.by_name, name)

    def find_graded_cell(self, name: str, *_: str) -> SourceCell:
        """Return a cell with points."""
        return _known(self.plan.by_name, name)

    def find_grade(self, name: str, *_: str) -> Grade:
        """Return the record of a cell's score."""
        assert self.entry is not None
        return _known(self.entry.grades, name)

    def find_comment(self, name: str, *_: str) -> Comment:
        """Return the record of a cell's comment."""
        assert self.entry is not None
        return _known(self.entry.comments, name)


def _known(records: dict[str, Any], name: str) -> Any:
    if name not in records:
        raise MissingEntry(f"No such cell: {name}")
    return records[name]


class KernelspecOfPlan(OverwriteKernelspec):
    """Give the notebook the kernel of the released one."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with that kernel."""
        if kernelspec := resources[KEY].plan.kernelspec:
            nb.metadata["kernelspec"] = json.loads(kernelspec)
        return nb, resources


class CellsOfPlan(OverwriteCells):
    """Overwrite the instructor's cells with their form in the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with those cells."""
        _point(self, resources)
        nb, resources = super(OverwriteCells, self).preprocess(nb, resources)
        if self.add_missing_cells:
            nb, resources = self.add_missing_grade_cells(nb, resources)
            nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources


class GradesOfEntry(SaveAutoGrades):
    """Write the scores of an executed notebook into the submission's records."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook as it is."""
        _point(self, resources)
        return super(SaveAutoGrades, self).preprocess(nb, resources)


def _point(step: OverwriteCells | SaveAutoGrades, resources: Resources) -> None:
    """Set the attributes that nbgrader's methods read."""
    about = resources["nbgrader"]
    step.notebook_id, step.assignment_id = about["notebook"], about["assignment"]
    step.student_id, step.db_url = about["student"], about["db_url"]
    step.gradebook = resources[KEY]


def resolved(step: Any) -> Any:
    """Return a configured step; a name is resolved to its class."""
    try:
        return import_item(step) if isinstance(step, str) else step
    except ImportError:
        return step  # nbgrader reports the fault where it uses the step


def on_records(step: Any) -> Any:
    """Return a configured step that uses the records in the resources."""
    kind = step if isinstance(step, type) else type(step)
    theirs = next((each for each in _OURS if issubclass(kind, each)), None)
    if theirs is None:
        return step
    ours = _OURS[theirs]
    kind = ours if kind is theirs else types.new_class(kind.__name__, (kind, ours))
    if isinstance(step, type):
        return kind
    step.__class__ = kind  # the configuration holds an instance
    return step


_OURS = {
    OverwriteKernelspec: KernelspecOfPlan,
    OverwriteCells: CellsOfPlan,
    SaveAutoGrades: GradesOfEntry,
}
