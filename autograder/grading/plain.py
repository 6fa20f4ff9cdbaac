"""The first engine: nbgrader's own execution, one Jupyter kernel for each submission.

The student's code and the tests share the kernel, so this engine trusts the student. It gives
the scores of plain ``nbgrader autograde``.
"""

from __future__ import annotations

import resource
import signal
import sys
from dataclasses import dataclass, field
from typing import Any, NoReturn

import nbformat
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from autograder.errors import AutograderError
from autograder.grading.engine import Examined, Job
from autograder.grading.kernel import environment, quiet


@dataclass(frozen=True)
class PlainEngine:
    """Execute with nbgrader's ``Execute`` preprocessor.

    ``options`` holds its configuration by class name, for example
    ``{"Execute": {"timeout": 60}}``.
    """

    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    sandbox = "off"

    @classmethod
    def of(cls, config: Config) -> PlainEngine:
        """Return the engine that ``config``, a course's configuration, asks for."""
        names = [base.__name__ for base in Execute.__mro__]
        return cls({name: dict(config[name]) for name in names if name in config})

    def examine(self, job: Job) -> Examined:
        """Run the notebook in a fresh kernel whose working directory is the scratch folder.

        Raises
        ------
        AutograderError
            If no kernel starts, which is not the student's doing.
        """
        notebook = nbformat.reads(job.notebook, as_version=4)
        execute = Execute(config=Config(self.options))
        before = _cpu_seconds()
        failure = None
        try:
            with environment(NBGRADER_EXECUTION="autograde"), quiet() as written:
                execute.preprocess(notebook, {"metadata": {"path": str(job.folder)}})
        except Exception as error:
            failure = _failure(error, notebook, execute.code_cells_executed, written)
        return Examined(
            None if failure else nbformat.writes(notebook),
            cpu_s=_cpu_seconds() - before,
            remarks=() if failure else _timeouts(notebook),
            failure=failure,
        )


def prepare_worker() -> None:
    """Make a worker process leave interrupts to its parent, and end tidily when it is told to.

    Ctrl-C reaches the whole process group; the parent decides what is kept. ``SIGTERM`` unwinds
    the stack, so that the kernel is shut down too.
    """

    def leave(*_: object) -> NoReturn:
        sys.exit(1)

    def stay(*_: object) -> None:
        """Do nothing. Unlike SIG_IGN, a handler is not inherited by the kernels."""

    signal.signal(signal.SIGINT, stay)
    signal.signal(signal.SIGTERM, leave)


def _cpu_seconds() -> float:
    """Return the processor time of this process and of its finished kernels."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    kernels = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + kernels.ru_utime + kernels.ru_stime


def _failure(
    error: Exception, notebook: nbformat.NotebookNode, executed: int, written: list[str]
) -> str:
    """Say in which cell execution stopped and why, with what the kernel wrote last.

    Raises
    ------
    AutograderError
        If no cell was executed: the kernel did not start, which is not the student's doing.
    """
    why = " ".join([f"{type(error).__name__}: {error}".splitlines()[0], *written[-1:]])
    if not executed:
        raise AutograderError(f"the kernel did not start: {why}") from error
    runnable = [
        number
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    return f"execution stopped in cell {runnable[executed - 1]}: {why}"


def _timeouts(notebook: nbformat.NotebookNode) -> tuple[str, ...]:
    """Return a remark for each cell that was stopped because it ran too long."""
    return tuple(
        f"cell {number} was stopped: it ran longer than the time limit"
        for number, cell in enumerate(notebook.cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error" and output.ename == "CellTimeoutError"
    )
