"""The interface between grading and the engine that runs a student's notebook.

An engine gets a sanitised notebook and a scratch folder, and returns the notebook with the outputs
of its cells. It does not use the gradebook. All arguments and results can be pickled, so an engine
works on any ``concurrent.futures.Executor``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from nbformat import NotebookNode

from autograder.exam.results import ExamResult


@dataclass(frozen=True)
class Job:
    """One submission to examine.

    Attributes
    ----------
    notebook
        The sanitised notebook, tests included. An engine does not change it.
    folder
        A scratch copy of the submission's other files, the instructor's among them. Student code
        works in a copy of it.
    given
        Names of the instructor's files in the folder: the only files that tests and given cells
        have next to them.
    """

    student: str
    topic: str
    notebook: NotebookNode
    folder: Path
    given: tuple[str, ...] = ()


class Engine(Protocol):
    """The engine as grading uses it.

    An engine may also have ``version``, a text that changes whenever the same submission might get
    another grade. With it, grading skips submissions that have not changed.
    """

    @property
    def sandbox(self) -> str:
        """The sandbox of student code, ``required`` or ``off``; recorded with every grade."""
        ...

    def examine(self, job: Job) -> ExamResult:
        """Run the notebook's cells; never raise because of student code."""
        ...
