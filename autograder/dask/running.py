"""One run of an engine on a cluster: draws jobs, places them, and takes in what happens."""

from __future__ import annotations

import hashlib
import pickle
import queue
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from autograder.dask import address as addresses
from autograder.dask import parcel, remote
from autograder.dask.book import Book, Copy, Lane, Piece
from autograder.dask.link import Done, Lost, Roster
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job

if TYPE_CHECKING:
    from autograder.dask.crew import ClusterWorkers

Outcome = tuple[Any, ExamResult | Exception | None]

KEPT = (
    "What was graded is kept in the gradebook: give the same command again to go on with the "
    "others."
)
# Workers that are refused are not the last word while others may still be on their way.
_GRACE_S = 5.0
# An exam begins with its proctor, may be begun three times, and keeps its time itself: that of the
# processor, of which a busy worker gives it a share.
_MARGIN_S = 240.0
_SLOWEST = 4
_SUBMISSION_S = 600.0


class Run:
    """An engine's run over many jobs, in the thread that iterates over its outcomes."""

    def __init__(self, crew: ClusterWorkers, engine: Engine) -> None:
        self.crew = crew
        self.engine = pickle.dumps(engine)
        self.name = remote.plugin_name(self.engine)
        limit = getattr(getattr(engine, "limits", None), "submission_s", _SUBMISSION_S)
        self.book = Book(crew.deadline_s or _SLOWEST * limit + _MARGIN_S)
        self.asked: dict[str, Lane] = {}
        self.exhausted = False
        self.hopeful = time.monotonic()

    def outcomes(self, jobs: Iterable[tuple[Any, Job | None]]) -> Iterator[Outcome]:
        """Yield each job's tag with what came of it; draw jobs as there is room for them."""
        source = iter(jobs)
        while True:
            yield from self._attend()
            if not self.exhausted and self.book.hungry:
                tag, job = next(source, (None, None))
                if tag is None:
                    self.exhausted = True
                elif job is None:
                    yield tag, None
                else:
                    yield from self._take(tag, job)
            if self.exhausted and not self.book.waiting and not self.book.outcomes:
                return

    def _take(self, tag: Any, job: Job) -> Iterator[Outcome]:
        """Make a job ready to travel; one that cannot comes back at once."""
        try:
            packed = parcel.pack(job)
        except (AutograderError, OSError) as error:
            yield tag, error
            return
        content = f"{self.crew.id}\0{job.student}\0{job.topic}\0".encode() + packed
        key = f"{job.topic}-{hashlib.sha256(content).hexdigest()[:16]}"
        self.book.ready.append(Piece(tag, key, packed))
        self._place()

    def _attend(self) -> Iterator[Outcome]:
        """Take in what has happened, place what is ready, yield what is done."""
        for event in self._events():
            match event:
                case Done():
                    yield from self._done(event)
                case Roster(found):
                    for lane in self.book.meet(found):
                        self._ask(lane)
                case Lost(reason):
                    self._begin_again(reason)
            self._place()
        self._look_at_the_clock()
        while self.book.outcomes:
            piece, reason = self.book.outcomes.popleft()
            yield piece.tag, AutograderError(reason)

    def _events(self) -> Iterator[Done | Roster | Lost]:
        """Yield what is in the inbox; wait for the first if there is nothing else to do."""
        idle = self.book.waiting and (self.exhausted or not self.book.hungry)
        inbox = self.crew.link.inbox
        try:
            yield inbox.get(idle and not self.book.outcomes, 1.0)
            while inbox is self.crew.link.inbox:
                yield inbox.get_nowait()
        except queue.Empty:
            return

    def _ask(self, lane: Lane) -> None:
        """Ask a worker in; it says whether it has the versions, and can hold exams."""
        place = self.crew.place
        if place.address.startswith("tcp://") and not place.insecure:
            host = addresses.host_of(lane.address)
            if not addresses.on_loopback(host):
                lane.refusal = "it is on another machine, and there is no TLS"
                return
        key = f"enter-{uuid.uuid4().hex[:16]}"
        call = remote.call(remote.enter, self.crew.wanted, self.engine, self.crew.id)
        self.asked[key] = lane
        lane.question = self.crew.link.submit(call, lane.address, key)

    def _done(self, done: Done) -> Iterator[Outcome]:
        """Take in that a task has ended."""
        if lane := self.asked.pop(done.key, None):
            self._answered(lane, done)
        elif copy := self.book.copies.get(done.key):
            yield from self._examined(copy, done)

    def _answered(self, lane: Lane, done: Done) -> None:
        """Open a worker's lane, or keep the reason why not."""
        if done.lost:
            self._gone(lane)
            return
        lane.refusal = done.failure or done.value
        if (done.failure or "").startswith("ModuleNotFoundError"):
            lane.refusal = f"the kit, or a part of it, is not installed there ({done.failure})"
        lane.open = lane.refusal is None
        self.crew.most = max(self.crew.most or 0, self.crew.count)

    def _examined(self, copy: Copy, done: Done) -> Iterator[Outcome]:
        """Take in what a worker says of a submission; its result is let go once it is recorded."""
        what, content = done.value or (None, done.failure)
        if done.lost or what == remote.ABSENT:
            self._gone(copy.lane)
        elif what == remote.EXAMINED and self.book.finish(copy):
            self._place()
            yield copy.piece.tag, parcel.unpack_answer(content)
        elif what == remote.FAULT:
            self.book.fault(copy, content)
        elif what is None and self.crew.link.alive:  # else all of this connection is taken back
            self.book.remove(copy)
            copy.piece.alone = copy.piece.alone or done.killed
            self.book.fail(copy, f"{copy.lane.address}: {done.failure}")

    def _gone(self, lane: Lane) -> None:
        """Take back what a worker had; if there is another one at its address, it is asked in."""
        if self.book.lanes.get(lane.address) is lane:
            del self.book.lanes[lane.address]
            self.book.lose(lane)

    def _place(self) -> None:
        """Submit what there is room for."""
        for copy in self.book.place():
            self._submit(copy)
        while self.exhausted and (moved := self.book.move()):
            before, after = moved
            self.crew.link.forget(before.future)
            self._submit(after)

    def _submit(self, copy: Copy) -> None:
        call = remote.call(remote.examine, self.name, copy.piece.parcel)
        copy.future = self.crew.link.submit(call, copy.lane.address, copy.key)

    def _begin_again(self, reason: str) -> None:
        """Take everything back, and wait for the scheduler."""
        self.book.scatter()
        self.asked.clear()
        self.crew.reconnect(reason)
        self.hopeful = time.monotonic()

    def _look_at_the_clock(self) -> None:
        """Give up what takes too long, and the run where no worker is left for it."""
        self.book.overdue()
        while self.book.given_up:
            self.crew.link.forget(self.book.given_up.pop().future)
        if self.book.usable or not self.book.waiting:
            self.hopeful = time.monotonic()
            return
        lanes = list(self.book.lanes.values())
        refused = bool(lanes) and all(lane.refusal for lane in lanes)
        if time.monotonic() - self.hopeful > (_GRACE_S if refused else self.crew.patience_s):
            raise AutograderError(f"{self._despair(lanes)} {KEPT}")

    def _despair(self, lanes: list[Lane]) -> str:
        """Say why no worker is left."""
        where, minutes = self.crew.place.address, f"{self.crew.patience_s / 60:g} minutes"
        if not lanes:
            return f"The scheduler at {where} has had no worker for {minutes}: start some."
        said = {lane.refusal or f"it has not answered for {minutes}": lane for lane in lanes}
        several = "; ".join(f"{lane.address}: {reason}" for reason, lane in said.items())
        return f"None of the {len(lanes)} workers of {where} can grade. {several}."
