"""Who examines what: the bookkeeping of a run on a cluster, without a line of Dask.

Every submission is a :class:`Piece`, every worker a :class:`Lane`, and a piece on a lane is a
:class:`Copy`. A lane holds one copy more than its worker has threads, so that no worker waits.
Dask runs a lane's copies in order: those in front are the ones that a worker's end is blamed on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: So often a submission is tried before it is set aside.
ATTEMPTS = 3
#: Bytes of submissions that are on their way at a time.
MOST_BYTES = 512 * 2**20
# So many are ready beyond those that can be placed, and so many failures in a row are a worker's.
_SPARE = 2
_FAULTS = 3


@dataclass(eq=False)
class Piece:
    """One submission on its way."""

    tag: Any
    key: str
    parcel: bytes
    failures: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    alone: bool = False  # its worker ended: nothing else shall be with it the next time
    attempts: int = 0
    done: bool = False


@dataclass(eq=False)
class Copy:
    """A piece on a lane; ``late`` is one that was given up and is still there."""

    piece: Piece
    lane: Lane
    key: str
    began: float | None = None
    late: bool = False
    future: Any = None


@dataclass(eq=False)
class Lane:
    """One worker."""

    address: str
    threads: int
    open: bool = False
    refusal: str | None = None
    copies: list[Copy] = field(default_factory=list)
    faulty: list[Piece] = field(default_factory=list)
    question: Any = None  # the future of its answer whether it comes in

    @property
    def usable(self) -> bool:
        """Whether anything can be expected from it."""
        return self.open and sum(copy.late for copy in self.copies) < self.threads

    @property
    def load(self) -> float:
        """How busy it is; 1 where each thread has something to do."""
        return len(self.copies) / self.threads

    def room(self, piece: Piece, spare: int = 1) -> bool:
        """Say whether a piece can be placed here."""
        if not self.usable:
            return False
        if piece.alone or any(copy.piece.alone for copy in self.copies):
            return not self.copies
        return len(self.copies) < self.threads + spare


class Book:
    """The pieces of a run and the lanes that they are on.

    Parameters
    ----------
    deadline_s
        So long a worker may take over a piece.
    clock
        Seconds that only grow.
    """

    def __init__(self, deadline_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.deadline_s = deadline_s
        self.clock = clock
        self.lanes: dict[str, Lane] = {}
        self.ready: deque[Piece] = deque()
        self.copies: dict[str, Copy] = {}
        self.outcomes: deque[tuple[Piece, str]] = deque()
        self.given_up: list[Copy] = []

    @property
    def waiting(self) -> bool:
        """Whether a piece has not come to its end."""
        return bool(self.ready or any(not copy.piece.done for copy in self.copies.values()))

    @property
    def usable(self) -> list[Lane]:
        """The lanes that something can be expected from."""
        return [lane for lane in self.lanes.values() if lane.usable]

    @property
    def hungry(self) -> bool:
        """Whether another piece should be made ready."""
        bytes_ = sum(len(copy.piece.parcel) for copy in self.copies.values())
        bytes_ += sum(len(piece.parcel) for piece in self.ready)
        places = sum(lane.threads + 1 - len(lane.copies) for lane in self.usable)
        return bytes_ < MOST_BYTES and len(self.ready) < max(0, places) + _SPARE

    def meet(self, addresses: dict[str, int]) -> list[Lane]:
        """Take note of who is there, by address with threads; return the lanes that are new."""
        for address in set(self.lanes) - set(addresses):
            self.lose(self.lanes.pop(address))
        new = [Lane(a, max(1, n)) for a, n in addresses.items() if a not in self.lanes]
        self.lanes.update({lane.address: lane for lane in new})
        return new

    def lose(self, lane: Lane) -> None:
        """Take back what a worker had that has ended; what it was at may be why."""
        had, lane.copies = lane.copies, []
        for copy in had:
            self.remove(copy)
            self.given_up.append(copy)
            if copy.began is not None and not copy.late:
                copy.piece.alone = True
                self.fail(copy, f"the worker {lane.address} ended while it examined it")
            else:
                self.put_back(copy.piece)

    def place(self) -> Iterator[Copy]:
        """Yield copies to submit, for as long as there is room."""
        kept: list[Lane] = []  # until they are empty, for a piece that has to be alone
        for piece in list(self.ready):
            lanes = [lane for lane in self._fit(piece) if lane not in kept]
            free = [lane for lane in lanes if lane.room(piece)]
            if free:
                self.ready.remove(piece)
                yield self._copy(piece, min(free, key=_load))
            elif piece.alone and lanes:
                kept.append(min(lanes, key=_load))

    def move(self) -> tuple[Copy, Copy] | None:
        """Return a copy that waits on a busy lane, and its successor on an idle one."""
        idle = next((lane for lane in self.usable if not lane.copies), None)
        if idle is None or self.ready:
            return None
        for lane in sorted(self.lanes.values(), key=lambda lane: -lane.load):
            for copy in reversed(lane.copies):
                if copy.began is None and idle.room(copy.piece):
                    self.remove(copy)
                    return copy, self._copy(copy.piece, idle)
        return None

    def finish(self, copy: Copy) -> bool:
        """Say whether a copy's result is the first for its piece, which is then done."""
        self.remove(copy)
        if copy.piece.done:
            return False
        copy.piece.done = True
        if copy.piece in self.ready:
            self.ready.remove(copy.piece)
        copy.lane.faulty.clear()
        return True

    def fail(self, copy: Copy, reason: str) -> None:
        """Count a failure: the piece is tried again, or set aside with its reasons."""
        piece = copy.piece
        if piece.done:
            return
        piece.tried.add(copy.lane.address)
        piece.failures.append(reason)
        if len(piece.failures) < ATTEMPTS:
            self.put_back(piece)
            return
        piece.done = True
        if piece in self.ready:
            self.ready.remove(piece)
        reasons = "; ".join(dict.fromkeys(piece.failures))
        self.outcomes.append((piece, f"it was tried {ATTEMPTS} times on the cluster: {reasons}"))

    def fault(self, copy: Copy, reason: str) -> None:
        """Count an exam that could not be held, also against a worker where it is one of many."""
        self.remove(copy)
        lane = copy.lane
        if copy.piece not in lane.faulty:
            lane.faulty.append(copy.piece)
        if len(lane.faulty) >= _FAULTS and len(self.usable) > 1:
            lane.open, lane.refusal = False, f"it failed {_FAULTS} submissions in a row: {reason}"
        self.fail(copy, f"{lane.address}: {reason}")

    def overdue(self) -> list[Copy]:
        """Give up what has been examined for too long, and take back what waits behind it."""
        now = self.clock()
        found = [
            copy
            for copy in self.copies.values()
            if copy.began is not None and not copy.late and now - copy.began > self.deadline_s
        ]
        for copy in found:
            copy.late = True
            copy.piece.tried.add(copy.lane.address)
            self.fail(copy, f"{copy.lane.address} gave no answer in {self.deadline_s:.0f} s")
            for behind in [c for c in copy.lane.copies if c.began is None]:
                self.remove(behind)
                self.given_up.append(behind)
                self.put_back(behind.piece)
        return found

    def scatter(self) -> None:
        """Take everything back without blame: the scheduler is gone, and knows of nothing."""
        self.lanes.clear()
        for copy in list(self.copies.values()):
            self.remove(copy)
            self.put_back(copy.piece)

    def put_back(self, piece: Piece) -> None:
        """Make a piece the next to be placed, unless it is done, waits, or is elsewhere."""
        elsewhere = any(c.piece is piece and not c.late for c in self.copies.values())
        if not (piece.done or elsewhere or piece in self.ready):
            self.ready.appendleft(piece)

    def remove(self, copy: Copy) -> None:
        """Take a copy off its lane, and let the next one there begin."""
        self.copies.pop(copy.key, None)
        if copy in copy.lane.copies:
            copy.lane.copies.remove(copy)
        self._begin(copy.lane)

    def _fit(self, piece: Piece) -> list[Lane]:
        """Return the lanes for a piece: where it has not failed, as long as there is one."""
        lanes = self.usable
        return [lane for lane in lanes if lane.address not in piece.tried] or lanes

    def _copy(self, piece: Piece, lane: Lane) -> Copy:
        piece.attempts += 1
        copy = Copy(piece, lane, f"{piece.key}-{piece.attempts}")
        self.copies[copy.key] = copy
        lane.copies.append(copy)
        self._begin(lane)
        return copy

    def _begin(self, lane: Lane) -> None:
        for copy in lane.copies[: lane.threads]:
            if copy.began is None:
                copy.began = self.clock()


def _load(lane: Lane) -> float:
    return lane.load
