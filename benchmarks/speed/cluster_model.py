"""A model of grading on a cluster, from measured times: the total time and the bottleneck.

There are three kinds of servers: one writer, which opens and records submissions; one scheduler,
which passes each submission twice; and workers, each with one submission at a time and the next one
ready. Only the choice of a measured exam for each submission is random.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.exam.results import ExamResult
from autograder.grading.engine import Job


class NoExam:
    """An engine that holds no exam: only the other costs of a submission remain."""

    sandbox = "required"

    def examine(self, job: Job) -> ExamResult:
        """Return the notebook unchanged."""
        return ExamResult(job.notebook)


@dataclass(frozen=True)
class Costs:
    """Seconds for one submission.

    Attributes
    ----------
    opening, recording
        The writer's time before and after the exam.
        passing
        The scheduler's time for one of the two passes.
        exams
        Measured times of a worker, to draw from.
    """

    opening: float
    recording: float
    passing: float
    exams: Sequence[float]

    @property
    def writer_limit(self) -> float:
        """Submissions per hour that one writer can process."""
        return 3600 / (self.opening + self.recording)

    @property
    def scheduler_limit(self) -> float:
        """Submissions per hour that one scheduler can pass."""
        return 3600 / (2 * self.passing)


def simulate(costs: Costs, submissions: int, workers: int, seed: int = 0) -> float:
    """Return the seconds from opening the first submission to recording the last."""
    return _Run(costs, submissions, workers, seed).length()


class _Run:
    """One run, event by event."""

    def __init__(self, costs: Costs, submissions: int, workers: int, seed: int) -> None:
        draw = random.Random(seed)
        # Each measured exam equally often, in any order.
        times = [costs.exams[n % len(costs.exams)] for n in range(submissions)]
        draw.shuffle(times)
        self.costs = costs
        self.exams = deque(times)
        self.unopened = submissions
        self.now = 0.0
        self.events: list[tuple[float, int, str, int]] = []
        self.number = 0
        self.idle = deque(range(workers))
        self.workers = workers
        self.done: deque[int] = deque()
        self.ready = 0
        self.writing = False
        self.scheduler_free = 0.0
        self.recorded = 0

    def length(self) -> float:
        """Run to the end; return the seconds."""
        total = self.unopened
        self._write()
        while self.recorded < total:
            self.now, _, what, worker = heapq.heappop(self.events)
            getattr(self, f"_{what}")(worker)
            self._send()
            self._write()
        return self.now

    def _at(self, when: float, what: str, worker: int = 0) -> None:
        self.number += 1
        heapq.heappush(self.events, (when, self.number, what, worker))

    def _pass(self, what: str, worker: int) -> None:
        """Pass a submission through the scheduler, which does one thing at a time."""
        self.scheduler_free = max(self.scheduler_free, self.now) + self.costs.passing
        self._at(self.scheduler_free, what, worker)

    def _write(self) -> None:
        """Give the writer its next work: a result first, else a submission if one is needed."""
        if self.writing:
            return
        if self.done:
            self.done.popleft()
            self._at(self.now + self.costs.recording, "written")
        elif self.unopened and self.ready < 2 + self.workers + len(self.idle):
            self.unopened -= 1
            self._at(self.now + self.costs.opening, "opened")
        else:
            return
        self.writing = True

    def _written(self, _: int) -> None:
        self.writing = False
        self.recorded += 1

    def _opened(self, _: int) -> None:
        self.writing = False
        self.ready += 1

    def _send(self) -> None:
        """Send ready submissions to idle workers."""
        while self.ready and self.idle:
            self.ready -= 1
            self._pass("arrived", self.idle.popleft())

    def _arrived(self, worker: int) -> None:
        self._at(self.now + self.exams.popleft(), "examined", worker)

    def _examined(self, worker: int) -> None:
        self._pass("returned", worker)

    def _returned(self, worker: int) -> None:
        self.idle.append(worker)
        self.done.append(worker)
