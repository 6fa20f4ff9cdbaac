"""The seam between grading and whatever runs a student's notebook.

An engine gets a sanitised notebook and a scratch folder and returns the same notebook with the
outputs of its cells. It knows nothing of the gradebook. Everything that crosses this seam can be
pickled, so that an engine works on any ``concurrent.futures.Executor``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Job:
    """One submission to examine.

    Attributes
    ----------
    notebook
        The sanitised notebook as JSON text (nbformat 4), tests included.
    folder
        A scratch copy of the submission's other files, the instructor's among them. Student code
        works in a copy of it.
    given
        Names of the instructor's files in the folder: tests and given cells have these beside them,
        and no others.
    """

    student: str
    topic: str
    notebook: str
    folder: Path
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Examined:
    """What came of one job.

    Attributes
    ----------
    notebook
        The notebook with outputs as JSON text, or None where there is nothing to score.
    cpu_s
        Seconds of processor time that the examination used.
    remarks
        What a person should know of this submission, one sentence each.
    failure
        Why there is nothing to score; None where there is.
    fault
        Why nobody's submission can be scored: a given cell or a test fails by itself.
    timing
        Seconds of the clock by step: "fork", "cells" and "tests".
    peak_bytes
        The largest resident size of a process, libraries that all share included; 0 where it is
        not known.
    """

    notebook: str | None
    cpu_s: float = 0.0
    remarks: tuple[str, ...] = ()
    failure: str | None = None
    fault: str | None = None
    timing: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0


class Engine(Protocol):
    """What grading asks of an engine.

    An engine that also has ``version``, a text that changes whenever the same submission might
    get another grade, lets grading skip what has not changed since it was graded.
    """

    @property
    def sandbox(self) -> str:
        """How student code is confined: ``required`` or ``off``; recorded with every grade."""
        ...

    def examine(self, job: Job) -> Examined:
        """Run the notebook's cells; never raise for what the student's code did."""
        ...
