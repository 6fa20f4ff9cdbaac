"""One exam: the conductor's part between its examiner and its candidates."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from autograder.errors import AutograderError
from autograder.exam import kin
from autograder.exam.channel import Channel
from autograder.exam.limits import Limits
from autograder.exam.line import JOB_CAPS
from autograder.exam.proctoring import Child, Ended, Proctoring, ProctorLost
from autograder.exam.results import Report
from autograder.exam.wire import Decoder, Encoder, WireError
from autograder.remark import Kind
from autograder.removal import remove

# An examiner keeps its limits itself; so much later it must be stuck.
_MARGIN_S = 20.0
# Both leave at once when nobody talks to them any more, unless something holds them up.
_PATIENCE_S = 0.5


class ExaminerLost(Exception):
    """The examiner ended or hung; ``index`` is the cell it was at, ``final`` if time is up."""

    def __init__(self, message: str, index: int | None, *, final: bool = False) -> None:
        super().__init__(message)
        self.index = index
        self.final = final


class Exam:
    """Passes candidates to an examiner, and the examiner's reports on."""

    def __init__(
        self,
        proctor: Proctoring,
        limits: Limits,
        sandbox: str,
        files: Path | None,
        report: Report,
        given: Sequence[str] = (),
    ) -> None:
        self.proctor = proctor
        self.limits = limits
        self.sandbox = sandbox
        self.files = files
        self.report = report
        self.given = given
        self.candidate: Child | None = None
        self.examiner: Child | None = None
        self.index: int | None = None
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

    def run(self, deadline: float) -> None:
        """Hold the exam.

        Raises
        ------
        ExaminerLost
            If the examiner, which only runs the instructor's code, does not come to its end.
        ProctorLost
            If the proctor died, and with it all that it had forked.
        """
        started = time.monotonic()
        self.examiner = self.proctor.fork("examiner")
        self._note_fork(started)
        channel = Channel(self.examiner.sock, JOB_CAPS)
        encoder, decoder = Encoder(JOB_CAPS), Decoder(JOB_CAPS, halves="replace")
        cells = self.report.cells()
        self.proctor.shelf.hand_out(cells)
        job = {
            "cells": cells,
            "given": self.report.given(),
            "seconds": max(0.0, deadline - time.monotonic()),
            "folder": str(self._given_files() or ""),
        }
        try:
            channel.send(encoder.encode(job), time.monotonic() + 60)
            while True:
                message = decoder.decode(channel.receive(self._patience(deadline)))
                if message[0] == "done":
                    self.report.timing.update(message[1])
                    return
                answer = self._serve(*message)
                if answer is not None:
                    channel.send(encoder.encode(answer[0]), time.monotonic() + 60)
                    if len(answer) > 1:
                        socket.send_fds(channel.sock, [b"+"], [answer[1]])
        except TimeoutError:
            late = time.monotonic() >= deadline + _MARGIN_S
            raise ExaminerLost("the test hung and was stopped", self.index, final=late) from None
        except (WireError, OSError) as error:
            how = _end(self.examiner, 5.0).how or str(error)
            raise ExaminerLost(f"the test's own process was lost: {how}", self.index) from None

    def _patience(self, deadline: float) -> float:
        return min(deadline, time.monotonic() + 2 * self.limits.cell_s) + _MARGIN_S

    def _serve(self, what: str, *content: Any) -> list[Any] | None:
        """Take a message of the examiner's; return the answer and a descriptor, if it waits."""
        if what == "begin":
            self.index = content[0]
        elif what == "outputs":
            index, outputs, seconds = content
            self.report.outputs[index] = outputs
            self.report.seconds[index] = seconds
        elif what == "remark":
            text, kind = content
            self.report.remark(text, Kind(kind))
        elif what == "fault":
            self.report.fault = self.report.fault or content[0]
        elif what == "computed":
            self.proctor.shelf.keep(*content)
        elif what == "interrupt" and self.candidate is not None:
            self.candidate.signal(signal.SIGINT)
        elif what == "ended":
            return [self._bury_candidate(*content).how]
        elif what == "fork":
            return ["", self._new_candidate()]
        return None

    def _new_candidate(self) -> int:
        started = time.monotonic()
        self.candidate = self.proctor.fork("candidate", self._own_files())
        self._note_fork(started)
        return self.candidate.sock.fileno()

    def _bury_candidate(self, greeted: bool) -> Ended:
        """End the candidate; one that never came into its sandbox ends the exam."""
        assert self.candidate is not None
        ended = _end(self.candidate, 0.2)
        self._count(ended)
        self.candidate = None
        if ended.status == kin.REFUSED and not greeted:
            raise AutograderError(
                "the sandbox cannot be entered here: `autograder doctor` says why and how to mend "
                "it; `--sandbox off` grades without it, if you trust this class"
            )
        return ended

    def _given_files(self) -> Path | None:
        """Copy the instructor's files, if there are any, for the examiner; return the folder."""
        if self.files is None or not self.given:
            return None
        folder = Path(tempfile.mkdtemp(prefix="examiner-"))
        self._copies.append(folder)
        for name in self.given:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.files / name, folder / name, follow_symlinks=False)
        return folder

    def _own_files(self) -> Path | None:
        """Return the folder for a candidate: its sandbox copies it, without one we do."""
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
    """End a child of a living proctor: that it died with its proctor is nobody's fault here."""
    ended = child.end(patience_s)
    if child.proctor_lost:
        raise ProctorLost("it died in the middle of an exam")
    return ended
