"""The examiner: runs given cells and tests in order, and sends the candidate requests."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import Any

from autograder.exam.limits import Limits
from autograder.exam.messages import (
    Cell,
    CellBegun,
    CellEnded,
    Computed,
    Finished,
    Job,
    Role,
    SelfFault,
    trusted_decoder,
)
from autograder.exam.notebook import random_seeds, student_kernel
from autograder.exam.notebook.namespace import (
    ExamNamespace,
    class_names,
    defined_names,
    deleted_names,
    is_asked,
)
from autograder.exam.notebook.once_cache import Computing
from autograder.exam.notebook.outputs import Output, error_output
from autograder.exam.notebook.shell import ExamShell, redirect, run
from autograder.exam.notebook.submission_source import SubmissionText
from autograder.exam.processes import process_tree
from autograder.exam.processes.alarm import alarm
from autograder.exam.processes.stopwatch import Meter, Stopwatch
from autograder.exam.remote.candidate_client import CandidateClient
from autograder.exam.remote.proxies import About, Proxy
from autograder.exam.remote.remote_errors import ExamFault, OutOfTime
from autograder.exam.remote.reports import Reports
from autograder.exam.restarts import Candidates
from autograder.exam.verdicts import described, failed, verdict
from autograder.exam.wire import JOB_CAPS, type_names
from autograder.exam.wire.channel import Channel
from autograder.remarks import Kind
from nnkit.checks.reach import Source


class Examiner:
    """One exam.

    Parameters
    ----------
    reports
        The connection to the exam pool.
    shell
        Runs given cells and tests.
    job
        The cells, and the sources of all given cells.
    """

    def __init__(self, reports: Reports, shell: ExamShell, limits: Limits, job: Job) -> None:
        self.reports = reports
        self.shell = shell
        self.cells = job.cells
        self.meter = Meter(os.getpid())
        # The time that an author allows beyond the course's limit is added to the whole.
        more = sum(max(0.0, cell.limit_s - limits.cell_s) for cell in job.cells)
        self.whole = Stopwatch(self.meter, limits.submission_s + more)
        self.client = CandidateClient(
            reports, limits, self.meter, reports.tell if job.traced else None
        )
        self.candidates = Candidates(reports, self.client, limits, self.meter, self.whole)
        self.text = SubmissionText(shell.transform_cell)
        self.client.source_of = self._source_of
        students = (cell.source for cell in job.cells if cell.role == Role.STUDENT)
        self.client.references.own_words = type_names.words_of(students)
        shell.came_back = lambda: self.client.returned
        self.names = ExamNamespace()
        shell.live_in(self.names)
        self.names.lookup = None
        given = map(shell.transform_cell, job.given)
        self.reserved = {name for source in given for name in defined_names(source)}
        self.unfinished = ""
        self.timing = {"cells": 0.0, "tests": 0.0}

    def run(self) -> None:
        """Run all cells in order and report each one's outputs."""
        steps: dict[Role, Callable[[Cell], list[Output]]] = {
            Role.GIVEN: self._given,
            Role.TEST: self._test,
            Role.STUDENT: self._student,
            Role.LOST: self._missed,
        }
        for cell in self.cells:
            started = time.monotonic()
            self.reports.tell(CellBegun(cell.index, cell.role, cell.name))
            try:
                if self.whole.left() <= 0:
                    raise OutOfTime(f"this cell was not run: the whole submission {self.whole}")
                outputs = steps[cell.role](cell)
            except ExamFault as fault:
                outputs = [error_output(type(fault).__name__, str(fault))]
            spent = time.monotonic() - started
            self.timing["tests" if cell.role == Role.TEST else "cells"] += spent
            self.reports.tell(CellEnded(cell.index, outputs, spent))
        if self.whole.over:
            text = f"the whole submission {self.whole}; the rest was not run"
            self.reports.remark(text, Kind.CRASHED)
        self.reports.tell(Finished(self.timing))

    def _student(self, cell: Cell) -> list[Output]:
        """Run a cell in the candidate; `checks.forbid` reads its source."""
        self.text.add(cell.source)
        return self.candidates.run(cell)

    def _given(self, cell: Cell) -> list[Output]:
        """Run a cell in both processes: a student's changes to its names stay in the candidate."""
        before = set(self.names)
        given = self.client.references.given
        computing = Computing(self.shell, cell.seed, cell.known, given)
        self.client.conversation.fault = None
        with self._clock(cell, self.candidates.watch(cell)), computing:
            run(self.shell, cell.source)
        if self.client.conversation.fault is not None:
            self.unfinished = f"{cell.label}, which is given, did not finish in time"
        given |= set(self.names) - before
        self.candidates.computed[cell.index] = computing.known
        if computing.new:
            self.reports.tell(Computed(cell.once_cache, computing.known))
        for why in computing.alone:
            self.reports.remark(f"{cell.label}: what `once` returned is computed again: {why}")
        outputs = self.shell.outputs.take()
        if errors := list(filter(failed, outputs)):
            self._by_itself(cell, f"{cell.label}, which is given", errors[-1])
        self._student(cell)  # if it fails, the test that uses the candidate reports it
        return outputs

    def _test(self, cell: Cell) -> list[Output]:
        """Run a test; any error in it costs its points and nothing else."""
        if self.unfinished:
            return [error_output("NotRun", self.unfinished)]
        try:
            outputs = self._judged(cell, self._run_test(cell))
        except Exception as error:
            if error is self.client.conversation.fault:
                self._note_fault(cell)
            outputs = [error_output(*described(error))]
        if any(map(failed, outputs)):
            self._missed(cell)
        return outputs

    def _missed(self, cell: Cell) -> list[Output]:
        """Reserve the names that a failed or lost test defines."""
        source = self.shell.transform_cell(cell.source)
        self.reserved |= defined_names(source) - deleted_names(source)
        return []

    def _run_test(self, cell: Cell) -> BaseException | None:
        """Run a test that may use the candidate's names; return the exception that ended it."""
        self.candidates.need()
        watch = self.candidates.watch(cell)
        self.client.begin(cell.seed, watch, cell.limit_s)
        borrowed: dict[str, Any] = {}
        error: BaseException | None = None
        self.names.lookup = self._lookup
        self.shell.ast_node_interactivity = "none"  # a last value is not a score
        try:
            with self._clock(cell, watch):
                borrowed = self._names_in_classes(cell.source)
                self.names.update(borrowed)
                error = run(self.shell, cell.source)
        finally:
            self.names.lookup = None
            self.client.end()
            self.shell.ast_node_interactivity = "last_expr"
            for name in borrowed:
                self.names.pop(name, None)
        return error

    def _judged(self, cell: Cell, error: BaseException | None) -> list[Output]:
        """Return a test's outputs; add remarks about how it ended."""
        outputs, fault = self.shell.outputs.take(), self.client.conversation.fault
        self._note_fault(cell)
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if error is not None and fault is None and name not in self.reserved:
            self._by_itself(cell, f"{cell.label}, a test", error_output(*described(error)))
        return verdict(outputs, error, fault, self.client.returned)

    def _lookup(self, name: str) -> Any:
        """Look up a name in the candidate, but never one that a given cell defines.

        If such a cell was moved, it may not have run yet: the candidate's `checks` would then judge
        the candidate.
        """
        if name in self.reserved:
            raise KeyError(name)
        return self.client.lookup(name)

    def _names_in_classes(self, source: str) -> dict[str, Any]:
        """Look up names used in classes, which Python does not ask for: see `ExamNamespace`."""
        found = {}
        for name in class_names(self.shell.transform_cell(source)):
            if name not in self.names and is_asked(name):
                try:
                    found[name] = self._lookup(name)
                except (KeyError, ExamFault):
                    continue
        return found

    def _source_of(self, about: About) -> Source | None:
        """Return the code of a function as it was handed in, or None with a remark.

        Without it, `checks.forbid` sees only the calls that the function makes on the example.
        """
        name = about.origin or about.name or "a function"
        source = self.text.source(name)
        if source is not None and source.parts():
            return source
        self.reports.remark(f"the code of `{name}` was not found in the notebook: check it by hand")
        return None

    def _by_itself(self, cell: Cell, what: str, error: Output) -> None:
        """Report that an instructor's cell fails before it uses anything of the student."""
        if not self.client.asked:
            lines = f"{error['ename']}: {error['evalue']}".strip().splitlines()
            first = cell.source.strip().splitlines()[0]
            text = f"{what} and begins `{first}`, fails by itself ({lines[0]})"
            self.reports.tell(SelfFault(text))

    def _note_fault(self, cell: Cell) -> None:
        fault = self.client.conversation.fault
        if fault is not None:
            self.reports.remark(f"{cell.label} (test): {fault}", fault.kind)

    @contextmanager
    def _clock(self, cell: Cell, watch: Stopwatch) -> Iterator[None]:
        """Prepare to run a cell in this process, and stop it when its time is up."""
        redirect(self.shell)
        random_seeds.plant(cell.seed)
        with alarm(self.client.conversation, self.meter, watch):
            yield


def serve(sock: socket.socket, shell: ExamShell, limits: Limits) -> None:
    """Become an examiner: receive the job from the exam pool and run it."""
    process_tree.limit(RLIMIT_DATA=2 * limits.memory_bytes, RLIMIT_CORE=0)
    channel = Channel(sock, JOB_CAPS)
    job: Job = trusted_decoder().decode(channel.receive(inf))
    shell.outputs.limit = limits.output_bytes
    redirect(shell)
    let_tensorflow_read_proxies()
    if job.folder:
        student_kernel.work_in(Path(job.folder))
    Examiner(Reports(channel), shell, limits, job).run()


def let_tensorflow_read_proxies() -> None:
    """Let ``tf.convert_to_tensor`` and TensorFlow's operations convert a proxy to its value."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return

    def convert(value: Any, dtype: Any = None, name: str | None = None, **_: Any) -> Any:
        return tf.convert_to_tensor(value.__array__(), dtype=dtype, name=name)

    tf.register_tensor_conversion_function(Proxy, convert)
