"""One run of an engine on a cluster: take jobs, place them on workers, yield the results.

The thread that iterates over the results packs submissions and records grades. Everything about
workers happens in the connection's thread, which puts results, and requests for the next
submission, into one queue.
"""

from __future__ import annotations

import asyncio
import hashlib
import pickle
import queue
import time
import uuid
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from autograder.cluster import payload, remote
from autograder.cluster.link import Link
from autograder.cluster.scheduler import Attempt, Schedule, Task, WorkerSlot
from autograder.cluster.versions import installed
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job

Outcome = tuple[Any, ExamResult | Exception | None]

KEPT = "The grades so far are in the gradebook: run the same command again to grade the others."
# Seconds to wait for other workers if all present ones are refused.
_GRACE_S = 5.0
# An exam includes the start of its proctor and may be started three times, and its limit is
# processor time, of which a busy worker gives it only a part.
_MARGIN_S = 240.0
_SLOWEST = 4
_SUBMISSION_S = 600.0


class _Event(Enum):
    WANTED = auto()  # there is room for another submission
    LOST = auto()  # the scheduler does not answer


@dataclass(frozen=True)
class _Ended:
    """A task's end: a packed result, or the reason why it is set aside."""

    tag: Any
    answer: bytes | None = None
    failure: str = ""


class Run:
    """An engine's run over many jobs.

    Submissions go to the workers that `Schedule` selects, one at a time for each thread, while the
    next ones are prepared in this process.

    Parameters
    ----------
    link
        The connection; it is restored if it is lost.
    engine
        Examines submissions; each worker gets it once.
    deadline_s
        Seconds for one submission, after which it is tried on another worker. Default: four times
        the engine's limit for a submission, plus four minutes.

    Attributes
    ----------
    most
        The largest number of workers that were usable at a time.
    """

    def __init__(self, link: Link, engine: Engine, deadline_s: float | None = None) -> None:
        self.link = link
        self.engine = pickle.dumps(engine)
        self.plugin = remote.plugin_name(self.engine)
        limit = getattr(getattr(engine, "limits", None), "submission_s", _SUBMISSION_S)
        self.deadline_s = deadline_s or _SLOWEST * limit + _MARGIN_S
        self.schedule = Schedule()
        self.most = 0
        self._inbox: queue.SimpleQueue[_Event | _Ended | BaseException] = queue.SimpleQueue()
        self._drawn: deque[Task] = deque()
        self._asked = False  # for a submission that has not arrived yet
        self._jobs: set[asyncio.Task[None]] = set()
        self._attending: Future[None] | None = None

    def outcomes(self, jobs: Iterable[tuple[Any, Job | None]]) -> Iterator[Outcome]:
        """Yield each job's tag with its result; take a new job whenever there is room.

        Raises
        ------
        AutograderError
            If no worker is left, or the scheduler stays lost.
        """
        source = iter(jobs)
        unfinished, exhausted = 0, False
        self._attending = self.link.start(self._attend())
        try:
            while unfinished or not exhausted:
                match self._inbox.get():
                    case _Ended(tag, answer, failure):
                        unfinished -= 1
                        failed = None if answer else AutograderError(failure)
                        yield tag, failed or payload.unpack_answer(answer)
                    case _Event.LOST:
                        self.link.reconnect(KEPT)
                        self._attending = self.link.start(self._attend())
                    case _Event.WANTED:
                        tag, job = next(source, (None, None))
                        if tag is None:
                            exhausted = True
                            continue
                        task, error = self._pack(tag, job)
                        if task:
                            unfinished += 1
                            self._drawn.append(task)
                            self.link.soon(self._settle)
                        else:
                            self._inbox.put(_Event.WANTED)
                            yield tag, error
                    case BaseException() as error:
                        raise error
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop waiting for workers; `leave` stops their exams."""
        if self._attending:
            self._attending.cancel()

    def leave(self) -> None:
        """Let the workers stop what they are running for this run."""
        if self.link.alive:
            addresses = [worker.address for worker in self.schedule.usable]
            self.link.tell(remote.leave, self.plugin, self.link.name, addresses=addresses)

    def _pack(self, tag: Any, job: Job | None) -> tuple[Task | None, Exception | None]:
        """Return a job as a task, or the exception if it cannot be sent."""
        if job is None:
            return None, None
        try:
            packed = payload.pack(job)
        except (AutograderError, OSError) as error:
            return None, error
        content = f"{self.link.name}\0{job.student}\0{job.topic}\0".encode() + packed
        return Task(tag, f"{job.topic}-{hashlib.sha256(content).hexdigest()[:16]}", packed), None

    # The methods below run in the connection's thread.

    async def _attend(self) -> None:
        """Follow workers that join and leave, until the scheduler is lost or no worker is left."""
        hopeful = time.monotonic()
        try:
            async for found in self.link.rosters():
                for worker in self.schedule.meet(found):
                    self._start(self._ask(worker))
                self._settle()
                refused = [worker.refusal for worker in self.schedule.workers.values()]
                patience_s = _GRACE_S if refused and all(refused) else self.link.patience_s
                if self.schedule.usable or not self.schedule.waiting:
                    hopeful = time.monotonic()
                elif time.monotonic() - hopeful > patience_s:
                    self._inbox.put(AutograderError(f"{self._why_no_worker()} {KEPT}"))
                    return
            self.schedule.scatter()
            self._inbox.put(_Event.LOST)
        except Exception as error:  # an error in this module must end the run, not hang it
            self._inbox.put(error)
        finally:
            for job in list(self._jobs):
                job.cancel()

    async def _ask(self, worker: WorkerSlot) -> None:
        """Ask a worker whether it has the same versions and can run exams; use it if so."""
        call = remote.call(remote.enter, installed(), self.engine, self.link.name)
        try:
            if self.link.place.trusts(worker.address):
                key = f"enter-{uuid.uuid4().hex[:16]}"
                worker.refusal = await self.link.call(worker.address, key, call)
            else:
                worker.refusal = "it is on another machine, and there is no TLS"
        except ModuleNotFoundError as error:
            missing = remote.one_line(error)
            worker.refusal = f"the kit, or a part of it, is not installed there ({missing})"
        except Exception as error:  # a worker can raise anything, and so can the connection
            worker.refusal = remote.one_line(error)
        worker.open = worker.refusal is None
        self.most = max(self.most, len(self.schedule.usable))
        self._settle()

    async def _examine(self, attempt: Attempt) -> None:
        """Wait for an attempt's result, and process it."""
        call = remote.call(remote.examine, self.plugin, attempt.task.payload)
        timer = asyncio.get_running_loop().call_later(self.deadline_s, self.overdue, attempt)
        try:
            answer = await self.link.call(attempt.worker.address, attempt.key, call)
        except Exception as error:  # a worker can raise anything, and so can the connection
            answer = remote.one_line(error)
            if not self.link.alive:
                return  # all tasks are taken back
        finally:
            timer.cancel()
        match answer:
            case bytes():
                if self.schedule.finish(attempt):
                    self._inbox.put(_Ended(attempt.task.tag, answer))
            case str():
                self.schedule.fault(attempt, answer)
            case None:  # this is a new worker at the same address, which has not been asked yet
                self.schedule.lose(attempt.worker)
        self._settle()

    def overdue(self, attempt: Attempt) -> None:
        """Try a submission whose deadline has passed on another worker."""
        self.schedule.overdue(attempt, self.deadline_s)
        self._settle()

    def _settle(self) -> None:
        """Place ready tasks, report tasks set aside, and ask for another job if there is room."""
        schedule = self.schedule
        while self._drawn:
            schedule.ready.append(self._drawn.popleft())
            self._asked = False
        while schedule.given_up:
            schedule.given_up.pop().job.cancel()
        for attempt in schedule.place():
            attempt.job = self._start(self._examine(attempt))
        while schedule.outcomes:
            task, reason = schedule.outcomes.popleft()
            self._inbox.put(_Ended(task.tag, failure=reason))
        if schedule.wants_more and not self._asked:
            self._asked = True
            self._inbox.put(_Event.WANTED)

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        job = asyncio.ensure_future(coroutine)
        self._jobs.add(job)
        job.add_done_callback(self._ended)
        return job

    def _ended(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        if not job.cancelled() and (error := job.exception()):
            self._inbox.put(error)

    def _why_no_worker(self) -> str:
        """Return why no worker is left."""
        where, minutes = self.link.place.address, f"{self.link.patience_s / 60:g} minutes"
        workers = self.schedule.workers.values()
        if not workers:
            return f"The scheduler at {where} has had no worker for {minutes}: start some."
        reasons = {worker.refusal or f"no answer for {minutes}": worker for worker in workers}
        several = "; ".join(f"{worker.address}: {reason}" for reason, worker in reasons.items())
        return f"None of the {len(workers)} workers of {where} can grade. {several}."
