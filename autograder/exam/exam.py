"""One exam: the exam pool's work between an examiner and its candidates."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from autograder.errors import NotHeld, of_machine
from autograder.exam import messages
from autograder.exam.limits import Limits
from autograder.exam.processes import process_tree
from autograder.exam.processes.proctor_client import Child, Ended, ProctorClient, ProctorLost
from autograder.exam.processes.stopwatch import Meter, Stopwatch
from autograder.exam.results import Report
from autograder.exam.wire import JOB_CAPS, WireError
from autograder.exam.wire.channel import Channel, Closed
from autograder.remarks import Kind
from autograder.removal import remove

# An examiner enforces its limits itself; this many seconds later it must be stuck.
_MARGIN_S = 20.0
_LOOK_S = 2.0
# Both processes exit as soon as their socket closes, unless something blocks them.
_PATIENCE_S = 0.5
# A process that has ended by itself is reaped soon, unless the machine is busy.
_GONE_S, _ALIVE_S = 10.0, 0.2


# Receives each report of an examiner when it arrives.
Trace = Callable[[Any], None]


class ExaminerLost(Exception):
    """The examiner ended, or ``hung``, while it ran the cell ``index``."""

    def __init__(self, message: str, index: int, *, hung: bool = False) -> None:
        super().__init__(message)
        self.index = index
        self.hung = hung


class Exam:
    """Gives candidates to an examiner, and forwards the examiner's reports."""

    def __init__(
        self,
        proctor: ProctorClient,
        limits: Limits,
        sandbox: str,
        files: Path | None,
        report: Report,
        given: Sequence[str] = (),
        trace: Trace | None = None,
    ) -> None:
        self.proctor = proctor
        self.limits = limits
        self.sandbox = sandbox
        self.files = files
        self.report = report
        self.given = given
        self.trace = trace
        self.candidate: Child | None = None
        self.examiner: Child | None = None
        self.index: int | None = None
        self._meter = Meter(every_s=_LOOK_S)
        self._copies: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process and no copy of files behind."""
        for child in (self.examiner, self.candidate):
            if child is not None:
                self._count(child.end(_PATIENCE_S))
        for folder in self._copies:
            remove(folder, ignore_errors=True)

    def run(self, ends: float) -> None:
        """Run the exam.

        Parameters
        ----------
        ends
            The value of `time.monotonic` after which the exam is given up.

        Raises
        ------
        ExaminerLost
            If the examiner, which only runs the instructor's code, does not finish.
        NotHeld
            If the exam does not finish because of the machine.
        ProctorLost
            If the proctor died, and with it all of its forks.
        """
        started = time.monotonic()
        self.examiner = self.proctor.fork("examiner")
        self._note_fork(started)
        self._meter.watch(self.examiner.pid)
        channel = Channel(self.examiner.sock, JOB_CAPS)
        encoder, decoder = messages.trusted_encoder(), messages.trusted_decoder(halves="replace")
        job = self._job()
        longest_s = max([self.limits.cell_s, *(cell.limit_s for cell in job.cells)])
        try:
            watch = self._watch(longest_s, ends)
            channel.send(encoder.encode(job), watch)
            while True:
                watch = self._watch(longest_s, ends)
                message = decoder.decode(channel.receive(watch))
                if isinstance(message, messages.Finished):
                    self.report.timing.update(message.timing)
                    return
                answer = self._serve(message)
                if answer is not None:
                    channel.send(encoder.encode(answer), watch)
                if isinstance(answer, messages.CandidateForked):
                    socket.send_fds(channel.sock, [b"+"], [self.candidate.sock.fileno()])
        except TimeoutError:
            if time.monotonic() >= ends or self.index is None:
                raise NotHeld(f"the machine is too busy: the exam {watch}") from None
            why = f"the test hung and was stopped: it {watch}"
            raise ExaminerLost(why, self.index, hung=True) from None
        except (WireError, OSError) as error:
            if of_machine(error):
                raise
            gone = not isinstance(error, WireError) or isinstance(error, Closed)
            ended = _end(self.examiner, _GONE_S if gone else 0.0)
            if self.index is None or (gone and ended.by_kill):
                why = ended.how or "it was killed from outside"
                raise NotHeld(f"the process that runs the tests was lost: {why}") from error
            why = ended.how or str(error)
            raise ExaminerLost(f"the test's own process was lost: {why}", self.index) from error

    def _watch(self, longest_s: float, ends: float) -> Stopwatch:
        return Stopwatch(self._meter, 2 * longest_s + _MARGIN_S, ends=ends)

    def _job(self) -> messages.Job:
        cells = self.proctor.once_cache.hand_out(self.report.cells())
        folder = str(self._given_files() or "")
        return messages.Job(cells, self.report.given(), folder, traced=self.trace is not None)

    def _serve(self, message: Any) -> messages.CandidateEnded | messages.CandidateForked | None:
        """Handle a message of the examiner; return the answer, or None if it waits for none."""
        match message:
            case messages.CellBegun(index):
                self.index = index
            case messages.CellEnded(index, outputs, seconds):
                self.report.outputs[index] = outputs
                self.report.seconds[index] = seconds
            case messages.Remarked(text, kind):
                self.report.remark(text, Kind(kind))
            case messages.SelfFault(text):
                self.report.fault = self.report.fault or text
            case messages.Computed(once_cache, known):
                self.proctor.once_cache.keep(once_cache, known)
            case messages.InterruptCandidate() if self.candidate is not None:
                self.candidate.signal(signal.SIGINT)
            case messages.EndCandidate(greeted):
                ended = self._end_candidate(greeted)
                return messages.CandidateEnded(ended.how, ended.forbidden)
            case messages.ForkCandidate():
                child = self._new_candidate()
                return messages.CandidateForked(
                    child.pid, str(child.group.path) if child.group else ""
                )
            case messages.GiveUp(why):
                raise NotHeld(why)
        if self.trace is not None:
            self.trace(message)
        return None

    def _new_candidate(self) -> Child:
        started = time.monotonic()
        self.candidate = self.proctor.fork("candidate", self._own_files())
        self._note_fork(started)
        child = self.candidate
        self._meter.watch(self.examiner.pid, child.pid, group=child.group)
        return child

    def _end_candidate(self, greeted: bool) -> Ended:
        """End the candidate; if it never entered its sandbox, end the exam, too."""
        assert self.candidate is not None
        ended = _end(self.candidate, _GONE_S if self.candidate.gone else _ALIVE_S)
        self._count(ended)
        self.candidate = None
        # Inside the sandbox nothing but its own faults can kill a candidate.
        if self.sandbox == "required" and ended.killed:
            raise NotHeld("the process that runs the student's code was killed from outside")
        if ended.status == process_tree.REFUSED and not greeted:
            raise NotHeld(
                "the sandbox cannot be entered here: `autograder doctor` says why and how to fix "
                "it; `--sandbox off` grades without it, if you trust this class"
            )
        return ended

    def _given_files(self) -> Path | None:
        """Copy the instructor's files for the examiner; return the folder, None without files."""
        if self.files is None or not self.given:
            return None
        folder = Path(tempfile.mkdtemp(prefix="examiner-"))
        self._copies.append(folder)
        for name in self.given:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.files / name, folder / name, follow_symlinks=False)
        return folder

    def _own_files(self) -> Path | None:
        """Return the folder for a candidate; without a sandbox, which would copy it, a copy."""
        if self.sandbox == "required":
            return self.files
        folder = Path(tempfile.mkdtemp(prefix="candidate-"))
        self._copies.append(folder)
        if self.files is not None:
            with suppress(shutil.Error):
                shutil.copytree(self.files, folder, symlinks=True, dirs_exist_ok=True)
        return folder

    def _note_fork(self, started: float) -> None:
        self.report.timing["fork"] += time.monotonic() - started

    def _count(self, ended: Ended) -> None:
        self.report.cpu_s += ended.cpu_s
        self.report.peak_memory = max(self.report.peak_memory, ended.peak_bytes)


def _end(child: Child, patience_s: float) -> Ended:
    """End a child of a living proctor; if it died with its proctor, that is the error."""
    ended = child.end(patience_s)
    if child.proctor_lost:
        raise ProctorLost("it died in the middle of an exam")
    return ended
