"""An engine whose exams do what an answer says, so that faults happen where a test wants them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from autograder.exam.results import ExamResult
from autograder.grading.engine import Job
from autograder.remarks import Remark

# Far more than any event of a test needs: what waits longer fails, and says for what it waited.
_PATIENCE_S = 300.0


class StagedEngine:
    """Examines nothing. The first line of the task "half" says what happens, step by step.

    Steps are separated by commas: ``meet N`` waits until N workers have examined something,
    ``until NAME`` until :meth:`let` was called with that name; ``kill`` kills the worker, ``stop``
    stops it, ``fault`` raises an error. With the word ``once`` at the end of the line, all of this
    happens only where the submission is examined for the first time.
    """

    sandbox = "required"

    def __init__(self, folder: Path, version: str = "1") -> None:
        self.folder = folder
        self.version = version

    def examine(self, job: Job) -> ExamResult:
        """Do what the answer says; leave a line for it in a log."""
        first = not self.examined(job.student)
        with (self.folder / "examined.log").open("a", encoding="utf-8") as log:
            log.write(f"{job.student} {os.getpid()}\n")
        line = next(
            cell.source.splitlines()[0].lstrip("# ")
            for cell in job.notebook.cells
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "half"
        )
        if first or not line.endswith("once"):
            for step in line.removesuffix("once").split(","):
                self._do(*step.split())
        return ExamResult(job.notebook, cpu_s=0.25, remarks=[Remark("examined")])

    def _do(self, what: str, given: str = "") -> None:
        if what == "meet":
            self._wait(
                lambda: len({pid for _, pid in self.log()}) >= int(given), f"{given} workers"
            )
        elif what == "until":
            self._wait((self.folder / f"let-{given}").exists, given)
        elif what in ("kill", "stop"):
            os.kill(os.getpid(), signal.SIGKILL if what == "kill" else signal.SIGSTOP)
        elif what == "fault":
            raise OSError(28, "No space left on device")
        else:
            assert what == "pass", what

    @staticmethod
    def _wait(condition: Callable[[], bool], for_what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited for {for_what}")
            time.sleep(0.02)

    def let(self, name: str) -> None:
        """Let the exams go on that wait for a name."""
        (self.folder / f"let-{name}").touch()

    def log(self) -> list[tuple[str, int]]:
        """Return who was examined, and by which process, in order."""
        path = self.folder / "examined.log"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def examined(self, student: str) -> list[int]:
        """Return the workers that began to examine a student's work."""
        return [pid for name, pid in self.log() if name == student]
