"""Run an engine over many jobs on a ``concurrent.futures`` executor, and survive dead workers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from concurrent.futures import ProcessPoolExecutor as Processes
from typing import Any

from autograder.grading.engine import Engine, Examined, Job


def processor_count() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_processes(workers: int, initializer: Callable[[], None] | None = None) -> Executor:
    """Return worker processes on this machine.

    They are spawned, not forked: the parent shows a progress bar from a thread of its own.
    """
    context = multiprocessing.get_context("spawn")
    return Processes(workers, mp_context=context, initializer=initializer)


class Workers:
    """An executor that is made anew when one of its processes dies.

    Parameters
    ----------
    make
        Makes an executor with a given number of workers.
    size
        How many jobs run at once.
    """

    def __init__(self, make: Callable[[int], Executor], size: int) -> None:
        self.make = make
        self.size = size
        self._executor: Executor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._executor is None:
            return
        if kind is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
        self._executor.shutdown(wait=True)

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, Examined | Exception | None]]:
        """Yield each job's tag with what came of it, in the order of completion.

        ``jobs`` is drawn from only as places get free, so that little waits in memory. A pair
        without a job comes back at once. An exception stands for a fault that is not the
        student's: the engine raised it, or its process died twice.
        """
        pending: dict[Future[Examined], tuple[Any, Job]] = {}
        source = iter(jobs)
        exhausted = False
        while pending or not exhausted:
            while not exhausted and len(pending) <= self.size:
                tag, job = next(source, (None, None))
                if tag is None:
                    exhausted = True
                elif job is None:
                    yield tag, None
                else:
                    pending[self._submit(engine, job)] = (tag, job)
            if pending:
                yield from self._finished(engine, pending)

    def _submit(self, engine: Engine, job: Job) -> Future[Examined]:
        """Hand a job to the executor, to a new one if its processes have died."""
        if self._executor is None:
            self._executor = self.make(self.size)
        try:
            return self._executor.submit(engine.examine, job)
        except BrokenExecutor:
            self._executor.shutdown(wait=False)
            self._executor = self.make(self.size)
            return self._executor.submit(engine.examine, job)

    def _finished(
        self, engine: Engine, pending: dict[Future[Examined], tuple[Any, Job]]
    ) -> Iterator[tuple[Any, Examined | Exception]]:
        """Wait for a job and yield all that are done."""
        for future in wait(pending, return_when=FIRST_COMPLETED).done:
            tag, job = pending.pop(future)
            try:
                yield tag, future.result()
            except BrokenExecutor:
                yield tag, self._alone(engine, job)
            except Exception as error:
                yield tag, error

    def _alone(self, engine: Engine, job: Job) -> Examined | Exception:
        """Try a job once more in a process of its own.

        When a worker dies, every job in flight is lost with it. Alone, only the one that kills
        its process fails again.
        """
        with self.make(1) as executor:
            try:
                return executor.submit(engine.examine, job).result()
            except Exception as error:
                return error
