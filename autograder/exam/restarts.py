"""Keep a candidate alive: replace one that ended, and run the earlier cells in it again."""

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
from autograder.exam.remote.reports import Reports
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
        For the index of a given cell, results that a candidate need not compute in it.
    seen, broken
        The cells that were run, and the indices of those that ended a candidate: they are not run
        again.
    """

    reports: Reports
    client: CandidateClient
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
        while not self.client.conversation.alive:
            if self.restarts >= MAX_RESTARTS or self.whole.left() <= 0:
                raise ProcessEnded("the process that runs your code ended again and again")
            self.restarts += 1
            self._start()
            with suppress(ProcessEnded):
                self._replay()

    def run(self, cell: Cell) -> list[Output]:
        """Run a cell in the candidate; if it ends the candidate, never run it again.

        An error ends the candidate, never this process. `Conversation` rejects each invalid message
        of a candidate; if it misses one, the exam still goes on.
        """
        try:
            self.need()
            return self._run(cell)
        except ExamFault as fault:
            return [error_output(type(fault).__name__, str(fault))]
        except Exception as error:
            fault = self.client.conversation.lost(
                f"it sent what cannot be read ({type(error).__name__})"
            )
            self.broken.add(cell.index)
            self.reports.remark(f"{cell.label}: {fault}", Kind.TAMPERED)
            return [error_output(type(fault).__name__, str(fault))]

    def _run(self, cell: Cell) -> list[Output]:
        self.seen.append(cell)
        watch = self.watch(cell)
        try:
            outputs, late = self._send(cell, watch)
        except ExamFault as fault:
            self.broken.add(cell.index)
            self.reports.remark(
                f"{cell.label}: {fault}; the notebook went on without it", fault.kind
            )
            raise
        if late:
            text = f"{cell.label} ran out of time and was interrupted: it {watch.over}"
            self.reports.remark(text, Kind.CRASHED)
        return outputs

    def _start(self) -> None:
        """Connect to a new candidate; replace one that does not get ready.

        No student code has run in it then: the machine is the cause.
        """
        for _ in range(MAX_FALSE_STARTS):
            try:
                sock, pid, group = self.reports.fork()
                self.meter.watch(os.getpid(), pid, group=group)
                self.client.connect(sock)
            except ProcessEnded as fault:
                why = str(fault)
            else:
                return
        self.reports.give_up(why)

    def _replay(self) -> None:
        again = [cell for cell in self.seen if cell.index not in self.broken]
        for cell in again:
            try:
                self._send(cell, self.watch(cell))
            except ExamFault as fault:
                self.broken.add(cell.index)
                text = f"{cell.label}: {fault} when it was run again; it was left out"
                self.reports.remark(text, fault.kind)
                return

    def _send(self, cell: Cell, watch: Stopwatch) -> tuple[list[Output], bool]:
        """Let the candidate run a cell; a given cell with the results it need not compute again."""
        known = self.computed.get(cell.index, {})
        return self.client.run_cell(cell.source, cell.seed, known, watch)
