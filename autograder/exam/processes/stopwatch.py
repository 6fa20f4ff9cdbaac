"""Measure processor time and waiting of processes, independent of the machine's load.

Wall-clock time depends on how busy the machine is, so it decides nothing here: a process that is
ready to run but gets no processor neither uses processor time nor waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import Self

from autograder.exam.sandbox.cgroup import Cgroup

LOOK_S = 0.5
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_FRESH_S = 0.02


@dataclass(frozen=True)
class Spent:
    """Seconds of processor time, of waiting, and of wall-clock time."""

    processor_s: float = 0.0
    waited_s: float = 0.0
    wall_s: float = 0.0

    def __sub__(self, other: Spent) -> Spent:
        return Spent(
            self.processor_s - other.processor_s,
            self.waited_s - other.waited_s,
            self.wall_s - other.wall_s,
        )

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.processor_s + other.processor_s,
            self.waited_s + other.waited_s,
            self.wall_s + other.wall_s,
        )

    def __mul__(self, share: float) -> Spent:
        return Spent(self.processor_s * share, self.waited_s * share, self.wall_s * share)

    def __str__(self) -> str:
        return f"{self.processor_s:.1f} s of processor time, {self.wall_s:.1f} s on the clock"


@dataclass
class Sample:
    """The kernel's numbers for some processes and their descendants at one moment.

    Attributes
    ----------
    processor_s
        Processor time of all processes that live or have not been reaped, and of those they have
        reaped.
    group_s
        Processor time of the control group, including processes that ended and were never reaped.
    queued_s
        For each thread, the seconds in which it was ready to run and got no processor.
    ready
        Whether one of them, except the measuring process, runs or is ready to run.
    stopped
        Whether a process outside has stopped a candidate.
    pressed_s
        Seconds in which any process of the control group, or without one of this machine, was ready
        to run and got no processor; always 0 if the kernel does not report it.
    """

    processor_s: float = 0.0
    group_s: float = 0.0
    queued_s: dict[int, float] = field(default_factory=dict)
    ready: bool = False
    stopped: bool = False
    pressed_s: float = 0.0


def measure(roots: tuple[int, ...], group: Cgroup | None = None) -> Sample:
    """Read proc(5) for processes and all their descendants; ended ones add nothing."""
    sample, waiting = Sample(pressed_s=_pressed_s(group)), list(roots)
    sample.group_s = group.cpu_s() if group else 0.0
    while waiting:
        pid = waiting.pop()
        with suppress(OSError, ValueError, IndexError):
            state, *numbers = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            sample.processor_s += sum(map(int, numbers[10:14])) * _TICK_S
            sample.ready |= state == "R" and pid != os.getpid()
            # Process 1 of a namespace cannot be stopped from inside it.
            if state in "Tt" and _read(f"/proc/{pid}/status").split("NSpid:")[1].split()[1] == "1":
                sample.stopped = True
            for task in Path(f"/proc/{pid}/task").iterdir():
                with suppress(OSError, ValueError, IndexError):
                    waiting += map(int, _read(f"{task}/children").split())
                    queued = _read(f"{task}/schedstat").split()[1]
                    sample.queued_s[int(task.name)] = int(queued) * 1e-9
    return sample


def _pressed_s(group: Cgroup | None) -> float:
    path = f"{group.path}/cpu.pressure" if group else "/proc/pressure/cpu"
    with suppress(OSError, ValueError, IndexError):
        return int(_read(path).split("total=")[1].split()[0]) * 1e-6
    return 0.0


def _read(path: str) -> str:
    return Path(path).read_text()


class Meter:
    """Adds up the time that some processes and their descendants spend, sample by sample.

    In the time between two samples they ran, stood in a run queue, or waited for a sleep, a lock or
    input. At most ``every_s`` seconds of each interval count as waiting: a longer interval means
    that the measuring process got no processor either, or that the whole machine was stopped.

    Processor time of children that a process refuses to reap is known to a control group only;
    without one, it counts as waiting.

    Parameters
    ----------
    every_s
        Seconds from one sample to the next.
    sample, clock
        The sources of the numbers.
    """

    def __init__(
        self,
        *roots: int,
        every_s: float = LOOK_S,
        sample: Callable[[tuple[int, ...], Cgroup | None], Sample] = measure,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.every_s = every_s
        self.clock = clock
        self.spent = self._before = Spent()
        self._sample = sample
        self._looking = False
        self.watch(*roots)

    def watch(self, *roots: int, group: Cgroup | None = None) -> None:
        """Measure these processes and their descendants from now on; the sums stay.

        ``group`` is the candidate's control group, if it has one.
        """
        self._of = (roots, group)
        self._last = self._sample(*self._of)
        self._at = self._at_before = self.clock()
        self._before = self.spent

    def look(self) -> Spent:
        """Return the time spent so far."""
        now = self.clock()
        if self._looking or now - self._at < _FRESH_S:  # an alarm may interrupt a sample
            return self.spent
        self._looking = True
        try:
            sample = self._sample(*self._of)
            self._before, self._at_before = self.spent, self._at
            self._add(sample, now - self._at)
            self._at = now
        finally:
            self._looking = False
        return self.spent

    def spent_at(self, moment: float) -> Spent:
        """Return the time spent until a moment between the last two samples, by interpolation."""
        share = (moment - self._at_before) / max(self._at - self._at_before, _FRESH_S)
        return self._before + (self.spent - self._before) * min(max(share, 0.0), 1.0)

    def _add(self, sample: Sample, wall_s: float) -> None:
        last, self._last = self._last, sample
        in_group = sample.group_s - last.group_s
        ran = max(0.0, sample.processor_s - last.processor_s, in_group)
        queued = sum(max(0.0, s - last.queued_s.get(t, 0.0)) for t, s in sample.queued_s.items())
        waited = max(0.0, wall_s - ran - queued)
        if sample.ready:
            # The queue time of processes that have ended, or are still queued, is unknown.
            waited -= min(waited, sample.pressed_s - last.pressed_s)
        waited = 0.0 if sample.stopped else min(waited, self.every_s)
        self.spent += Spent(ran, waited, wall_s)


class Stopwatch:
    """A limit on a meter's seconds of processor time, and of waiting.

    A short activity needs no sample at all.

    Parameters
    ----------
    limit_s
        Seconds of processor time; the same number is allowed for waiting.
    outer
        Another stopwatch that also ends this one.
    ends
        A value of the meter's clock at which it is over in any case, in seconds.

    Attributes
    ----------
    over
        The one of the two that is over; None while neither is.
    """

    def __init__(
        self, meter: Meter, limit_s: float, outer: Self | None = None, ends: float = inf
    ) -> None:
        self.meter = meter
        self.limit_s = limit_s
        self.outer = outer
        self.ends = ends
        self.over: Stopwatch | None = None
        self.spent = Spent()
        self._every_s = min(meter.every_s, limit_s / 4)
        self._began = meter.clock()
        self._next = self._began + self._every_s
        self._start: Spent | None = None

    def left(self) -> float:
        """Return the seconds until the next sample, 0.0 once the limit is reached."""
        if self.over is None:
            now = self.meter.clock()
            if now >= self._next:
                self._look(now)
            if self.outer is not None and self.over is None and self.outer.left() <= 0.0:
                self.over = self.outer.over
        if self.over is not None:
            return 0.0
        soon = self._next if self.outer is None else min(self._next, self.outer._next)
        return max(soon - self.meter.clock(), 0.001)

    def _look(self, now: float) -> None:
        spent = self.meter.look()
        self._start = self._start or self.meter.spent_at(self._began)
        self.spent = replace(spent - self._start, wall_s=now - self._began)
        left_s = self.limit_s - max(self.spent.processor_s, self.spent.waited_s)
        self._next = now + min(self._every_s, max(left_s, 0.0) + _FRESH_S)
        if left_s < 0 or now >= self.ends:
            self.over = self

    def __str__(self) -> str:
        """Return a sentence part: the limit that was reached, and the time used."""
        if self.spent.processor_s > self.limit_s:
            what = f"used more than {self.limit_s:g} s of processor time"
        elif self.spent.waited_s > self.limit_s:
            what = f"waited for more than {self.limit_s:g} s"
        else:
            what = "did not end"
        return f"{what} ({self.spent})"


Deadline = Stopwatch | float


def left(deadline: Deadline) -> float:
    """Return the seconds to wait before asking again; not above 0 if the deadline has passed.

    Parameters
    ----------
    deadline
        A stopwatch, or a value of `time.monotonic`.
    """
    if isinstance(deadline, Stopwatch):
        return deadline.left()
    return deadline - time.monotonic()
