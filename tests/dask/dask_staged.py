"""An engine whose exams do what an answer says, so that faults happen where a test wants them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from autograder.exam.results import ExamResult
from autograder.grading.engine import Job


class StagedEngine:
    """Examines nothing. The first line of the task "half" says what happens.

    ``# sleep S``, ``# kill`` the worker, ``# stop`` it, or ``# fault``; with the word ``once`` at
    its end only where it is examined for the first time.
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
        told = next(
            cell.source.splitlines()[0].lstrip("# ").split()
            for cell in job.notebook.cells
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "half"
        )
        if told[-1] == "once" and not first:
            told = [""]
        if told[0] == "sleep":
            time.sleep(float(told[1]))
        elif told[0] in ("kill", "stop"):
            number = signal.SIGKILL if told[0] == "kill" else signal.SIGSTOP
            os.kill(os.getpid(), number)
        elif told[0] == "fault":
            raise OSError(28, "No space left on device")
        return ExamResult(job.notebook, cpu_s=0.25, remarks=["examined"])

    def examined(self, student: str) -> list[int]:
        """Return the workers that began to examine a student's work."""
        path = self.folder / "examined.log"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [int(line.split()[1]) for line in lines if line.split()[0] == student]
