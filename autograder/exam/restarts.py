"""Keep a candidate alive: start another where one ended, and run the earlier cells in it again."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field

from autograder.exam.limits import Limits
from autograder.exam.messages import Cell, Packed
from autograder.exam.notebook.outputs import Output, error_output
from autograder.exam.processes.stopwatch import Meter, Stopwatch
from autograder.exam.remote.candidate_client import CandidateClient
from autograder.exam.remote.remote_errors import ExamFault, ProcessEnded
from autograder.exam.remote.reports import ReportLine
from autograder.remarks import Kind

MAX_RESTARTS = 8
MAX_FALSE_STARTS = 3


@dataclass
class Candidates:
    """The candidates of one exam, one after the other.

    Attributes
    ----------
    whole
        The stopwatch of the whole submission.
    computed
        By the index of a given cell, what a candidate need not compute in it.
    seen, broken
        The cells that were run, and the indices of those that ended a candidate: they are not run
        again.
    """

    line: ReportLine
    link: CandidateClient
    limits: Limits
    meter: Meter
    whole: Stopwatch
    computed: dict[int, dict[str, Packed]] = field(default_factory=dict)
    seen: list[Cell] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    restarts: int = -1

    def watch(self, cell: Cell) -> Stopwatch:
        """Return a stopwatch for a cell."""
        return Stopwatch(self.meter, cell.limit_s or self.limits.cell_s, self.whole)

    def need(self) -> None:
        """Make sure that there is a candidate in which all earlier cells have run.

        Raises
        ------
        ProcessEnded
            If candidates end again and again.
        """
        while not self.link.talk.alive:
            if self.restarts >= MAX_RESTARTS or self.whole.left() <= 0:
                raise ProcessEnded("the process that runs your code ended again and again")
            self.restarts += 1
            self._start()
            with suppress(ProcessEnded):
                self._replay()

    def run(self, cell: Cell) -> list[Output]:
        """Run a cell in the candidate; without it in future if it ends the candidate.

        Any error is the candidate's end, and never this process's. Of what a candidate
        sends, `Conversation` lets nothing through that is not as agreed. Should it have missed
        something, the exam goes on all the same.
        """
        try:
            self.need()
            return self._run(cell)
        except ExamFault as fault:
            return [error_output(type(fault).__name__, str(fault))]
        except Exception as error:
            fault = self.link.talk.lost(f"it sent what cannot be read ({type(error).__name__})")
            self.broken.add(cell.index)
            self.line.remark(f"{cell.label}: {fault}", Kind.TAMPERED)
            return [error_output(type(fault).__name__, str(fault))]

    def _run(self, cell: Cell) -> list[Output]:
        self.seen.append(cell)
        watch = self.watch(cell)
        try:
            outputs, late = self._send(cell, watch)
        except ExamFault as fault:
            self.broken.add(cell.index)
            self.line.remark(f"{cell.label}: {fault}; the notebook went on without it", fault.kind)
            raise
        if late:
            text = f"{cell.label} ran out of time and was interrupted: it {watch.over}"
            self.line.remark(text, Kind.CRASHED)
        return outputs

    def _start(self) -> None:
        """Connect to a new candidate; one that does not get ready is replaced.

        No student code has run in it then: the fault is the machine's.
        """
        for _ in range(MAX_FALSE_STARTS):
            try:
                sock, pid, group = self.line.fork()
                self.meter.watch(os.getpid(), pid, group=group)
                self.link.connect(sock)
            except ProcessEnded as fault:
                why = str(fault)
            else:
                return
        self.line.give_up(why)

    def _replay(self) -> None:
        again = [cell for cell in self.seen if cell.index not in self.broken]
        for cell in again:
            try:
                self._send(cell, self.watch(cell))
            except ExamFault as fault:
                self.broken.add(cell.index)
                text = f"{cell.label}: {fault} when it was run again; it was left out"
                self.line.remark(text, fault.kind)
                return

    def _send(self, cell: Cell, watch: Stopwatch) -> tuple[list[Output], bool]:
        """Let the candidate run a cell; a given one with what it needs not compute again."""
        known = self.computed.get(cell.index, {})
        return self.link.run_cell(cell.source, cell.seed, known, watch)
