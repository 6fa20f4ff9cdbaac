"""Assign submissions to workers: the state of a run, without Dask.

A `Task` is one submission, a `WorkerSlot` one worker, an `Attempt` a task on a worker. A worker has
at most one attempt per thread, so an attempt runs from the moment it is placed: when a worker dies,
only the tasks that it was running are possible causes.

Dask's own recovery cannot do this. When a worker dies, its scheduler blames every task assigned to
it, counts up to a limit of the scheduler's own configuration, and may place the task next to others
again; ``retries`` covers exceptions only, and runs the task on any worker, the broken one included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

#: Attempts before a submission is set aside.
ATTEMPTS = 3
#: Bytes of submissions in memory at a time.
MOST_BYTES = 512 * 2**20
# Ready tasks beyond one for each worker, and failures in a row that count as a worker's fault.
_SPARE = 2
_FAULTS = 3


@dataclass(eq=False)
class Task:
    """One submission; ``alone`` after its worker died: its next worker runs nothing else."""

    tag: Any
    key: str
    payload: bytes
    failures: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    alone: bool = False
    attempts: int = 0
    done: bool = False


@dataclass(eq=False)
class Attempt:
    """A task on a worker; ``late`` when it is overdue; ``job`` waits for its result."""

    task: Task
    worker: WorkerSlot
    key: str
    late: bool = False
    job: Any = None


@dataclass(eq=False)
class WorkerSlot:
    """One worker: ``open`` when it is accepted; if it is refused, ``refusal`` is the reason."""

    address: str
    threads: int
    open: bool = False
    refusal: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    faulty: list[Task] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether it can be expected to finish an attempt."""
        return self.open and sum(attempt.late for attempt in self.attempts) < self.threads

    def has_room(self, task: Task) -> bool:
        """Return whether a task can be placed here now."""
        if task.alone or any(attempt.task.alone for attempt in self.attempts):
            return self.usable and not self.attempts
        return self.usable and len(self.attempts) < self.threads


class Schedule:
    """The tasks of a run and their workers.

    Attributes
    ----------
    outcomes
        Tasks that were set aside, with the reason, for the caller to take.
    given_up
        Attempts whose worker is gone, for the caller to cancel.
    """

    def __init__(self) -> None:
        self.workers: dict[str, WorkerSlot] = {}
        self.ready: deque[Task] = deque()
        self.outcomes: deque[tuple[Task, str]] = deque()
        self.given_up: list[Attempt] = []

    @property
    def attempts(self) -> list[Attempt]:
        """All attempts on workers."""
        return [attempt for worker in list(self.workers.values()) for attempt in worker.attempts]

    @property
    def waiting(self) -> bool:
        """Whether a task is not done."""
        return bool(self.ready or any(not a.task.done for a in self.attempts))

    @property
    def usable(self) -> list[WorkerSlot]:
        """The workers that can be expected to finish an attempt."""
        return [worker for worker in list(self.workers.values()) if worker.usable]

    @property
    def wants_more(self) -> bool:
        """Whether another task should be made ready."""
        bytes_ = sum(len(attempt.task.payload) for attempt in self.attempts)
        bytes_ += sum(len(task.payload) for task in self.ready)
        places = sum(worker.threads + 1 - len(worker.attempts) for worker in self.usable)
        return bytes_ < MOST_BYTES and len(self.ready) < places + _SPARE

    def meet(self, addresses: dict[str, int]) -> list[WorkerSlot]:
        """Update the workers to those that exist (threads by address); return the new ones."""
        for address in set(self.workers) - set(addresses):
            self.lose(self.workers[address])
        new = [WorkerSlot(a, max(1, n)) for a, n in addresses.items() if a not in self.workers]
        self.workers.update({worker.address: worker for worker in new})
        return new

    def lose(self, worker: WorkerSlot) -> None:
        """Take back the tasks of a worker that has died; each may be the cause."""
        if self.workers.get(worker.address) is worker:
            del self.workers[worker.address]
        for attempt in list(worker.attempts):
            self.remove(attempt)
            self.given_up.append(attempt)
            if not attempt.late:
                attempt.task.alone = True
                self.fail(attempt, f"the worker {worker.address} ended while it examined it")

    def place(self) -> Iterator[Attempt]:
        """Yield attempts to start, as long as there is room."""
        kept: list[WorkerSlot] = []  # not used until they are empty, for a task that must run alone
        for task in list(self.ready):
            workers = [worker for worker in self._suitable(task) if worker not in kept]
            free = [worker for worker in workers if worker.has_room(task)]
            if free:
                self.ready.remove(task)
                yield self._attempt(task, min(free, key=_load))
            elif task.alone and workers:
                kept.append(min(workers, key=_load))

    def finish(self, attempt: Attempt) -> bool:
        """Mark an attempt's task as done; return whether this result is the task's first."""
        self.remove(attempt)
        if attempt.task.done:
            return False
        self._close(attempt.task)
        attempt.worker.faulty.clear()
        return True

    def fail(self, attempt: Attempt, reason: str) -> None:
        """Count a failure: the task is tried again, or set aside with its reasons."""
        task = attempt.task
        if task.done:
            return
        task.tried.add(attempt.worker.address)
        task.failures.append(reason)
        if len(task.failures) < ATTEMPTS:
            self._put_back(task)
            return
        self._close(task)
        reasons = "; ".join(dict.fromkeys(task.failures))
        self.outcomes.append((task, f"it was tried {ATTEMPTS} times on the cluster: {reasons}"))

    def fault(self, attempt: Attempt, reason: str) -> None:
        """Count an exam that failed to run; refuse a worker with several in a row."""
        self.remove(attempt)
        worker = attempt.worker
        if attempt.task not in worker.faulty:
            worker.faulty.append(attempt.task)
        if len(worker.faulty) >= _FAULTS and len(self.usable) > 1:
            worker.open = False
            worker.refusal = f"it failed {_FAULTS} submissions in a row: {reason}"
        self.fail(attempt, f"{worker.address}: {reason}")

    def overdue(self, attempt: Attempt, seconds: float) -> None:
        """Try a task whose worker takes too long on another worker; the first result counts."""
        attempt.late = True
        self.fail(attempt, f"{attempt.worker.address} gave no answer in {seconds:.0f} s")

    def scatter(self) -> None:
        """Take all tasks back without counting a failure, since the scheduler is lost."""
        self.given_up += self.attempts
        self.workers.clear()
        for attempt in self.given_up:
            self._put_back(attempt.task)

    def remove(self, attempt: Attempt) -> None:
        """Remove an attempt from its worker."""
        if attempt in attempt.worker.attempts:
            attempt.worker.attempts.remove(attempt)

    def _put_back(self, task: Task) -> None:
        """Make a task the next to be placed, unless it is done, ready, or on another worker."""
        elsewhere = any(a.task is task and not a.late for a in self.attempts)
        if not (task.done or elsewhere or task in self.ready):
            self.ready.appendleft(task)

    def _close(self, task: Task) -> None:
        task.done = True
        if task in self.ready:
            self.ready.remove(task)

    def _suitable(self, task: Task) -> list[WorkerSlot]:
        """Return the workers on which a task has not failed; all if it has failed on each."""
        workers = self.usable
        return [worker for worker in workers if worker.address not in task.tried] or workers

    def _attempt(self, task: Task, worker: WorkerSlot) -> Attempt:
        task.attempts += 1
        attempt = Attempt(task, worker, f"{task.key}-{task.attempts}")
        worker.attempts.append(attempt)
        return attempt


def _load(worker: WorkerSlot) -> float:
    return len(worker.attempts) / worker.threads
