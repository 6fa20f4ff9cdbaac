"""A model of grading on a cluster, fed by measured times: how long, and what is the limit.

Three kinds of servers: one writer, which opens and records submissions; one scheduler, which
passes each on twice; and workers, each with one submission at a time, while another is ready for
it. The only random part is which of the measured exams each submission has.
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
    """An engine that examines nothing: what remains is the cost of all around an exam."""

    sandbox = "required"

    def examine(self, job: Job) -> ExamResult:
        """Give the notebook back."""
        return ExamResult(job.notebook)


@dataclass(frozen=True)
class Costs:
    """Seconds for one submission.

    Attributes
    ----------
    opening, recording
        Of the writer, before and after the exam.
    passing
        Of the scheduler, for one of the two ways.
    exams
        Of a worker: measured ones, to draw from.
    """

    opening: float
    recording: float
    passing: float
    exams: Sequence[float]

    @property
    def writer_limit(self) -> float:
        """Submissions that one writer can take in an hour."""
        return 3600 / (self.opening + self.recording)

    @property
    def scheduler_limit(self) -> float:
        """Submissions that one scheduler can pass on in an hour."""
        return 3600 / (2 * self.passing)


def simulate(costs: Costs, submissions: int, workers: int, seed: int = 0) -> float:
    """Return the seconds from the first submission opened to the last recorded."""
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
        """Run to the end."""
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
        """Go through the scheduler, which does one thing at a time."""
        self.scheduler_free = max(self.scheduler_free, self.now) + self.costs.passing
        self._at(self.scheduler_free, what, worker)

    def _write(self) -> None:
        """Give the writer something to do: a result first, else a submission if one is wanted."""
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
        """Submit what is ready to the workers that are idle."""
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
