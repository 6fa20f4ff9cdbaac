"""The exam pool: examines submissions, each with its own candidate and examiner.

The public entry of the exam::

    with ExamPool(Limits()) as exam_pool:
        result = exam_pool.examine(notebook, files=folder)
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from nbformat import NotebookNode

from autograder.errors import AutograderError, NotHeld
from autograder.exam.exam import Exam, ExaminerLost, Trace
from autograder.exam.limits import Limits
from autograder.exam.processes.proctor_client import ProctorClient, ProctorLost
from autograder.exam.results import ExamResult, Report

_ATTEMPTS = 3
_PAUSE_S = 1.0
# An exam that takes this many times its limit on the clock is given up: the machine is too busy.
_SLOWEST = 12


class ExamPool:
    """Keeps one proctor, and starts another if it dies.

    Parameters
    ----------
    limits
        The limits of each submission.
    sandbox
        "off" runs student code unconfined, with the caller's permissions.
    """

    def __init__(
        self, limits: Limits | None = None, sandbox: Literal["required", "off"] = "required"
    ) -> None:
        self.limits = limits or Limits()
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._proctor: ProctorClient | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        """Start the proctor."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the proctor."""
        self.stop()

    def start(self) -> None:
        """Start the proctor; it imports its libraries while the caller goes on."""
        self._living_proctor()

    def stop(self) -> None:
        """End the proctor and its children; exams running in other threads end with an error.

        No further exam can be run.
        """
        with self._lock:
            self._stopped = True
            if self._proctor is not None:
                self._proctor.close()
            self._proctor = None

    def examine(
        self,
        notebook: NotebookNode,
        files: Path | None = None,
        given: Sequence[str] = (),
        trace: Trace | None = None,
    ) -> ExamResult:
        """Run a submission's cells and the tests that judge them.

        Several threads may call this at once.

        Parameters
        ----------
        notebook
            The sanitised notebook, tests with their hidden parts. It is not changed.
        files
            A folder with the submission's other files. The candidate works in a copy.
        given
            Names of the instructor's files in that folder: the examiner works in a copy of these
            alone.
        trace
            Receives the examiner's reports when they arrive: each cell, and each request with its
            answer (`messages.CellBegun`, `Traced`, `CellEnded`). Default: requests are not
            reported.

        Returns
        -------
        ExamResult
            Also if the student's code failed.

        Raises
        ------
        AutograderError
            If the exam itself cannot be run: the sandbox is not available, or a given cell ends the
            examiner each time it runs.
        NotHeld
            If it cannot be run for a reason that may pass, after several attempts: processes cannot
            start or are killed from outside, the machine is out of memory or far too busy.
        """
        started = time.monotonic()
        ends = started + _SLOWEST * self.limits.submission_s
        report = Report(notebook)
        failures: list[Exception] = []
        while True:
            try:
                self._hold(files, report, given, ends, trace)
                break
            except ExaminerLost as lost:
                # An examiner that nobody killed and that ends twice at one cell ends because of
                # that cell.
                known = lost.index in [getattr(each, "index", None) for each in failures]
                failures.append(lost)
                again = len(failures) < 2 * _ATTEMPTS
                if again and not (known or lost.hung):
                    report.restart()
                elif not report.leave_out(lost, again=again):
                    break
            except (NotHeld, OSError, MemoryError) as failure:
                failures.append(failure)
                if len(failures) >= _ATTEMPTS or time.monotonic() >= ends:
                    raise _not_held(failures) from failure
                time.sleep(_PAUSE_S * len(failures))
                report.restart()
        return report.result(time.monotonic() - started)

    def _hold(
        self,
        files: Path | None,
        report: Report,
        given: Sequence[str],
        ends: float,
        trace: Trace | None,
    ) -> None:
        """Run the exam once."""
        proctor = self._living_proctor()
        try:
            with Exam(proctor, self.limits, self.sandbox, files, report, given, trace) as exam:
                exam.run(ends)
        except ProctorLost as lost:
            self._retire(proctor)
            raise NotHeld(f"the exam's proctor was lost: {lost}") from lost

    def _retire(self, proctor: ProctorClient) -> None:
        with self._lock:
            if self._proctor is proctor:
                self._proctor = None
            proctor.close()

    def _living_proctor(self) -> ProctorClient:
        with self._lock:
            if self._stopped:
                raise AutograderError("grading was stopped")
            if self._proctor is not None and not self._proctor.alive:
                self._proctor.close()
                self._proctor = None
            if self._proctor is None:
                self._proctor = ProctorClient(self.limits, self.sandbox)
            return self._proctor


def _not_held(failures: list[Exception]) -> NotHeld:
    """Return all reasons in one sentence."""
    reasons = "; ".join(dict.fromkeys(str(each) or type(each).__name__ for each in failures))
    times = f"tried {len(failures)} times"
    return NotHeld(f"the exam could not be held on this machine, {times}: {reasons}")
