"""The result of an exam: the notebook with its outputs, remarks, and resources used."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import AutograderError
from autograder.exam.messages import Cell, Role
from autograder.exam.notebook.outputs import Output, error_output
from autograder.exam.notebook.random_seeds import seed_of
from autograder.remarks import Kind, Remark, texts

NOT_RUN = "this test was not run"


@dataclass(frozen=True)
class ExamResult:
    """The outcome of one exam.

    Attributes
    ----------
    notebook : NotebookNode or None
        A copy of the submission with the outputs of its cells; None if there is nothing to score. A
        test without an error among its outputs has earned its points.
    cpu_s, wall_s : float
        Seconds of processor time of candidate and examiner, and of wall-clock time.
    timing : dict
        Wall-clock seconds spent on "fork", "cells" and "tests".
    peak_bytes : int
        The largest resident size of a process, shared libraries included; 0 if it is unknown.
    remarks : list of Remark
        One for each point that a person should look at.
    failure : str or None
        Why there is nothing to score.
    fault : str or None
        Why no submission can be judged: a given cell or a test fails by itself.
    """

    notebook: NotebookNode | None
    cpu_s: float = 0.0
    wall_s: float = 0.0
    timing: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    remarks: list[Remark] = field(default_factory=list)
    failure: str | None = None
    fault: str | None = None


@dataclass
class Report:
    """Collects an exam's outcome while it runs."""

    submission: NotebookNode
    outputs: dict[int, list[Output]] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    timing: dict[str, float] = field(default_factory=lambda: {"fork": 0.0})
    cpu_s: float = 0.0
    peak_memory: int = 0
    left_out: dict[int, str] = field(default_factory=dict)
    fault: str | None = None

    def restart(self) -> None:
        """Forget what was reported: everything is run again."""
        self.outputs.clear()
        self.seconds.clear()
        self.remarks.clear()
        self.fault = None

    def leave_out(self, lost: Any, *, again: bool) -> bool:
        """Leave out the cell in which an examiner was lost; return whether the exam runs again.

        A given cell is never left out, since a test would then use the candidate's values of the
        names it defines: the exam is run again with it. After the last attempt, the results before
        that cell count.

        Raises
        ------
        AutograderError
            If a given cell ends the examiner at the last attempt too.
        """
        if kind_of(self.submission.cells[lost.index]) is not Role.GIVEN:
            self.left_out[lost.index] = str(lost)
        elif not again:
            raise AutograderError(
                f"the exam cannot be held: at cell {lost.index + 1}, which is given, {lost}; "
                "run that cell, and the notebook up to it, with plain Jupyter"
            )
        if again:
            self.restart()
        return again

    def remark(self, text: str, kind: Kind) -> None:
        """Add a remark, once."""
        if text not in texts(self.remarks):
            self.remarks.append(Remark(text, kind))

    def cells(self) -> list[Cell]:
        """Return the cells to run."""
        found = []
        for index, cell in enumerate(self.submission.cells):
            role = kind_of(cell)
            if index in self.left_out:
                role = Role.LOST if role == Role.TEST else None
            if role is None:
                continue
            name = cell.metadata.get("nbgrader", {}).get("grade_id") or ""
            seed = seed_of(name or f"cell {index}")
            limit_s = _limit(cell) or _limit(self.submission)
            found.append(Cell(index, role, cell.source, seed, limit_s, name))
        return found

    def given(self) -> list[str]:
        """Return the sources of all given cells, including those that are not run."""
        return [cell.source for cell in self.submission.cells if is_given(cell)]

    def result(self, wall_s: float) -> ExamResult:
        """Return the outcome."""
        notebook = copy.deepcopy(self.submission)
        count = 0
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            outputs = self.outputs.get(index, [])
            if index in self.left_out:
                outputs = [error_output("NotRun", self.left_out[index])]
                self.remark(f"cell {index + 1}: {self.left_out[index]}", Kind.CRASHED)
            elif index not in self.outputs and kind_of(cell) is Role.TEST:
                outputs = [error_output("NotRun", NOT_RUN)]
            count += index in self.outputs
            cell.execution_count = count if index in self.outputs else None
            for output in outputs:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = count
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
        return ExamResult(
            notebook,
            self.cpu_s,
            wall_s,
            dict(self.timing),
            self.peak_memory,
            list(self.remarks),
            fault=self.fault,
        )


def _limit(node: NotebookNode) -> float:
    """Return the author's limit in seconds for a cell and its calls; 0.0 for the course's limit.

    The sanitiser has removed a limit that a student's notebook sets.
    """
    return float(node.metadata.get("autograder", {}).get("limit_s", 0.0))


def kind_of(cell: NotebookNode) -> Role | None:
    """Return the role of a cell in the exam; None for a cell that is not run.

    The sanitiser has restored each locked cell to the instructor's text.
    """
    if cell.cell_type != "code":
        return None
    about = cell.metadata.get("nbgrader", {})
    if about.get("grade") and not about.get("solution"):
        return Role.TEST
    if not cell.source.strip() or "skip-execution" in cell.metadata.get("tags", []):
        return None
    return Role.GIVEN if is_given(cell) else Role.STUDENT


def is_given(cell: NotebookNode) -> bool:
    """Whether a cell is the instructor's code and not a test."""
    about = cell.metadata.get("nbgrader", {})
    named = str(about.get("grade_id", "")).startswith("given-")
    return cell.cell_type == "code" and bool(about.get("locked")) and named
