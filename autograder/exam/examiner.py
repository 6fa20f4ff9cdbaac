"""The examiner: walks through the notebook, runs given cells and tests, and asks the candidate."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

from autograder.exam import kin, seeds, student_kernel, type_names
from autograder.exam.channel import Channel
from autograder.exam.handles import About, Handle
from autograder.exam.keeping import Computing, Packed
from autograder.exam.limits import Limits
from autograder.exam.line import JOB_CAPS, Line
from autograder.exam.link import Link, stopped
from autograder.exam.names import ExamNamespace, class_names, defined_names, deleted_names, is_asked
from autograder.exam.outputs import Output, error_output
from autograder.exam.raising import ExamFault, OutOfTime, ProcessEnded
from autograder.exam.shell import ExamShell, redirect, run
from autograder.exam.sources import SubmissionText
from autograder.exam.stopwatch import Meter, Stopwatch
from autograder.exam.wire import Decoder
from autograder.remark import Kind
from nnkit.checks.reach import Source

MAX_RESTARTS = 8
MAX_FALSE_STARTS = 3


@dataclass(frozen=True)
class Cell:
    """A code cell of the job; ``index`` is its place in the notebook, from 0.

    What a given cell is ``known`` to compute by `nnkit.once` has its place on the conductor's
    ``shelf``. ``limit_s`` is the author's limit for this cell and a call of it; 0 where there is
    none.
    """

    index: int
    kind: str
    source: str
    seed: int
    limit_s: float = 0.0
    shelf: str = ""
    known: dict[str, Packed] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What a person calls it."""
        return f"cell {self.index + 1}"


@dataclass
class Examiner:
    """One exam.

    ``given`` holds the sources of all given cells, also of those that are not among ``cells``:
    what they define is never asked of the candidate.
    """

    line: Line
    shell: ExamShell
    limits: Limits
    cells: list[Cell]
    given: list[str]
    meter: Meter = field(default_factory=lambda: Meter(os.getpid()))
    whole: Stopwatch = field(init=False)
    link: Link = field(init=False)
    names: ExamNamespace = field(init=False)
    text: SubmissionText = field(init=False)
    seen: list[Cell] = field(default_factory=list)
    reserved: set[str] = field(init=False)
    unfinished: str = ""
    broken: set[int] = field(default_factory=set)
    computed: dict[int, dict[str, Packed]] = field(default_factory=dict)
    restarts: int = -1
    timing: dict[str, float] = field(default_factory=lambda: {"cells": 0.0, "tests": 0.0})

    def __post_init__(self) -> None:
        # What an author allows a cell beyond the course's limit, the whole may take longer.
        more = sum(max(0.0, cell.limit_s - self.limits.cell_s) for cell in self.cells)
        self.whole = Stopwatch(self.meter, self.limits.submission_s + more)
        self.link = Link(self.line, self.limits, self.meter)
        self.text = SubmissionText(self.shell.transform_cell)
        self.link.source_of = self._source_of
        students = (cell.source for cell in self.cells if cell.kind == "student")
        self.link.own_words = type_names.words_of(students)
        self.shell.came_back = lambda: self.link.returned
        self.names = ExamNamespace()
        self.shell.live_in(self.names)
        self.names.lookup = None
        given = map(self.shell.transform_cell, self.given)
        self.reserved = {name for source in given for name in defined_names(source)}

    def run(self) -> None:
        """Run all cells in order and report what each put out."""
        steps = {
            "given": self._given,
            "test": self._test,
            "student": self._student,
            "lost": self._missed,
        }
        for cell in self.cells:
            started = time.monotonic()
            self.line.begin(cell.index)
            try:
                if self.whole.left() <= 0:
                    raise OutOfTime(f"this cell was not run: the whole submission {self.whole}")
                outputs = steps[cell.kind](cell)
            except ExamFault as fault:
                outputs = [error_output(type(fault).__name__, str(fault))]
            spent = time.monotonic() - started
            self.timing["tests" if cell.kind == "test" else "cells"] += spent
            self.line.report(cell.index, outputs, spent)
        if self.whole.over:
            text = f"the whole submission {self.whole}; the rest was not run"
            self.line.remark(text, Kind.CRASHED)
        self.line.done(self.timing)

    def _student(self, cell: Cell) -> list[Output]:
        """Run a cell over there; whatever goes wrong is the candidate's end, and never this one's.

        Of what a candidate sends, `Link` lets nothing through that is not as agreed. Should it
        have missed something, the exam goes on all the same.
        """
        try:
            self._need_candidate()
            return self._run_there(cell)
        except ExamFault as fault:
            return [error_output(type(fault).__name__, str(fault))]
        except Exception as error:
            fault = self.link.lost(f"it sent what cannot be read ({type(error).__name__})")
            self.broken.add(cell.index)
            self.line.remark(f"{cell.label}: {fault}", Kind.TAMPERED)
            return [error_output(type(fault).__name__, str(fault))]

    def _given(self, cell: Cell) -> list[Output]:
        """Run a cell on both sides: what students change of it over there counts only there."""
        before = set(self.names)
        computing = Computing(self.shell, cell.seed, cell.known, self.link.given)
        self.link.fault = None
        with self._clock(cell, self._watch(cell)), computing:
            run(self.shell, cell.source)
        if self.link.fault is not None:
            self.unfinished = f"{cell.label}, which is given, did not come to its end in time"
        self.link.given |= set(self.names) - before
        self.computed[cell.index] = computing.known
        if computing.new:
            self.line.computed(cell.shelf, computing.known)
        for why in computing.alone:
            self.line.remark(f"{cell.label}: what `once` returned is computed again: {why}")
        outputs = self.shell.outputs.take()
        if failed := [output for output in outputs if output["output_type"] == "error"]:
            self._by_itself(cell, f"{cell.label}, which is given", failed[-1])
        self._student(cell)  # should it fail, the test that asks for the candidate will say so
        return outputs

    def _test(self, cell: Cell) -> list[Output]:
        """Run a test; whatever goes wrong in it costs its points and nothing else."""
        if self.unfinished:
            return [error_output("NotRun", self.unfinished)]
        try:
            outputs = self._judged(cell, self._run_test(cell))
        except Exception as error:
            if error is self.link.fault:
                self._note_fault(cell)
            outputs = [error_output(*_described(error))]
        if any(output["output_type"] == "error" for output in outputs):
            self._missed(cell)
        return outputs

    def _missed(self, cell: Cell) -> list[Output]:
        """Never ask the candidate for what a test that failed, or was lost, would have defined."""
        source = self.shell.transform_cell(cell.source)
        self.reserved |= defined_names(source) - deleted_names(source)
        return []

    def _run_test(self, cell: Cell) -> BaseException | None:
        """Run a test that may ask for the candidate's names; return what ended it."""
        self._need_candidate()
        watch = self._watch(cell)
        self.link.begin(cell.seed, watch, cell.limit_s)
        borrowed: dict[str, Any] = {}
        error: BaseException | None = None
        self.names.lookup = self._lookup
        self.shell.ast_node_interactivity = "none"  # a last value is no score
        try:
            with self._clock(cell, watch):
                borrowed = self._names_in_classes(cell.source)
                self.names.update(borrowed)
                error = run(self.shell, cell.source)
        finally:
            self.names.lookup = None
            self.link.end()
            self.shell.ast_node_interactivity = "last_expr"
            for name in borrowed:
                self.names.pop(name, None)
        return error

    def _lookup(self, name: str) -> Any:
        """Ask the candidate for a name, but never for one that a given cell defines.

        Such a cell may not have run yet, if it was moved: the candidate's `checks` would then judge
        the candidate.
        """
        if name in self.reserved:
            raise KeyError(name)
        return self.link.lookup(name)

    def _source_of(self, about: About) -> Source | None:
        """Return the code of a function as it was handed in; a person is told where there is none.

        `checks.forbid` then sees only what the function calls on the example.
        """
        name = about.origin or about.name or "a function"
        source = self.text.source(name)
        if source is not None and source.parts():
            return source
        self.line.remark(f"the code of `{name}` was not found in the notebook: look how it is done")
        return None

    def _judged(self, cell: Cell, error: BaseException | None) -> list[Output]:
        """Return a test's outputs; without an error among them only if it earned its points."""
        outputs = [o for o in self.shell.outputs.take() if o["output_type"] != "execute_result"]
        for output in outputs:
            if output.get("name") == "stderr":
                output["name"] = "stdout"  # nbgrader would take it for a failure
        fault = self.link.fault
        self._note_fault(cell)
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if error is not None and fault is None and name not in self.reserved:
            self._by_itself(cell, f"{cell.label}, a test", error_output(*_described(error)))
        failed = any(output["output_type"] == "error" for output in outputs)
        if (fault or error) and not failed:
            outputs.append(error_output(*_described(fault or error)))
        elif fault is None and self.link.returned and _by_the_test(error):
            # "'NoneType' object is not subscriptable" says little to whoever has not seen the test.
            failures = [output for output in outputs if output["output_type"] == "error"]
            failures[-1]["evalue"] += f" (your code had returned {self.link.returned})"
        return outputs

    def _by_itself(self, cell: Cell, what: str, error: Output) -> None:
        """Say that a cell of the instructor's fails before anything of the student's is used."""
        if not self.link.asked:
            lines = f"{error['ename']}: {error['evalue']}".strip().splitlines()
            first = cell.source.strip().splitlines()[0]
            self.line.fault(f"{what} and begins `{first}`, fails by itself ({lines[0]})")

    def _note_fault(self, cell: Cell) -> None:
        if self.link.fault is not None:
            self.line.remark(f"{cell.label} (test): {self.link.fault}", self.link.fault.kind)

    def _names_in_classes(self, source: str) -> dict[str, Any]:
        """Fetch what Python would not ask for: see `ExamNamespace`."""
        found = {}
        for name in class_names(self.shell.transform_cell(source)):
            if name not in self.names and is_asked(name):
                try:
                    found[name] = self._lookup(name)
                except (KeyError, ExamFault):
                    continue
        return found

    def _run_there(self, cell: Cell) -> list[Output]:
        """Run a cell in the candidate; without it in future if it ends the candidate."""
        self.seen.append(cell)
        self.text.add(cell.source)
        watch = self._watch(cell)
        try:
            outputs, late = self._send(cell, watch)
        except ExamFault as fault:
            self.broken.add(cell.index)
            self.line.remark(f"{cell.label}: {fault}; the notebook went on without it", fault.kind)
            return [error_output(type(fault).__name__, str(fault))]
        if late:
            text = f"{cell.label} ran out of time and was interrupted: it {watch.over}"
            self.line.remark(text, Kind.CRASHED)
        return outputs

    def _need_candidate(self) -> None:
        """Make sure that there is a candidate in which all earlier cells have run.

        Raises
        ------
        ProcessEnded
            If candidates end again and again.
        """
        while not self.link.alive:
            if self.restarts >= MAX_RESTARTS or self.whole.left() <= 0:
                raise ProcessEnded("the process that runs your code ended again and again")
            self.restarts += 1
            self._start_candidate()
            with suppress(ProcessEnded):
                self._replay()

    def _start_candidate(self) -> None:
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
                self._send(cell, self._watch(cell))
            except ExamFault as fault:
                self.broken.add(cell.index)
                text = f"{cell.label}: {fault} when it was run again; it was left out"
                self.line.remark(text, fault.kind)
                return

    def _send(self, cell: Cell, watch: Stopwatch) -> tuple[list[Output], bool]:
        """Let the candidate run a cell; a given one with what it needs not compute again."""
        known = self.computed.get(cell.index, {})
        return self.link.run_cell(cell.source, cell.seed, known, watch)

    def _watch(self, cell: Cell) -> Stopwatch:
        return Stopwatch(self.meter, cell.limit_s or self.limits.cell_s, self.whole)

    @contextmanager
    def _clock(self, cell: Cell, watch: Stopwatch) -> Iterator[None]:
        """Prepare to run a cell here, and stop it when its time is up."""
        redirect(self.shell)
        seeds.plant(cell.seed)

        def ring(*_: object) -> None:
            # A message has a deadline of its own.
            if not self.link.listening and watch.left() <= 0:
                self.link.fault = OutOfTime(stopped(watch))
                raise self.link.fault

        signal.signal(signal.SIGALRM, ring)
        # Raised again at each further look: a test may catch the first.
        every_s = min(self.meter.every_s, watch.limit_s / 4)
        signal.setitimer(signal.ITIMER_REAL, every_s, every_s)
        try:
            yield
        except OutOfTime:
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _by_the_test(error: BaseException | None) -> bool:
    """Whether a test ended because it could not use a value, and not within student code."""
    kinds = (TypeError, AttributeError, LookupError, ValueError)
    return isinstance(error, kinds) and not getattr(error, "student_raised", False)


def serve(sock: socket.socket, shell: ExamShell, limits: Limits, _order: dict[str, Any]) -> None:
    """Become an examiner: take the job from the conductor and do it."""
    kin.limit(RLIMIT_DATA=2 * limits.memory_bytes, RLIMIT_CORE=0)
    channel = Channel(sock, JOB_CAPS)
    job = Decoder(JOB_CAPS).decode(channel.receive(inf))
    shell.outputs.limit = limits.output_bytes
    redirect(shell)
    _let_tensorflow_read_handles()
    cells = [Cell(**cell) for cell in job["cells"]]
    if job["folder"]:
        student_kernel.work_in(Path(job["folder"]))
    Examiner(Line(channel), shell, limits, cells, job["given"]).run()


def _described(error: BaseException) -> tuple[str, str]:
    """Return an exception's name and message; one that holds a handle may fail to tell it."""
    try:
        return type(error).__name__, str(error)
    except Exception:
        return type(error).__name__, ""


def _let_tensorflow_read_handles() -> None:
    """Let ``tf.convert_to_tensor`` and the operations take a handle for its value."""
    tf = sys.modules.get("tensorflow")
    if tf is None:
        return

    def convert(value: Any, dtype: Any = None, name: str | None = None, **_: Any) -> Any:
        return tf.convert_to_tensor(value.__array__(), dtype=dtype, name=name)

    tf.register_tensor_conversion_function(Handle, convert)
