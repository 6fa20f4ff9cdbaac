"""The seam between grading and whatever runs a student's notebook.

An engine gets a sanitised notebook and a scratch folder and returns the same notebook with the
outputs of its cells. It knows nothing of the gradebook. Everything that crosses this seam can be
pickled, so that an engine works on any ``concurrent.futures.Executor``.
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
        Names of the instructor's files in the folder: tests and given cells have these beside them,
        and no others.
    """

    student: str
    topic: str
    notebook: NotebookNode
    folder: Path
    given: tuple[str, ...] = ()


class Engine(Protocol):
    """What grading asks of an engine.

    An engine that also has ``version``, a text that changes whenever the same submission might
    get another grade, lets grading skip what has not changed since it was graded.
    """

    @property
    def sandbox(self) -> str:
        """How student code is confined: ``required`` or ``off``; recorded with every grade."""
        ...

    def examine(self, job: Job) -> ExamResult:
        """Run the notebook's cells; never raise for what the student's code did."""
        ...
