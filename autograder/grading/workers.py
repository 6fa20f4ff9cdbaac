"""Run an engine over many jobs on a ``concurrent.futures`` executor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job

MakeExecutor = Callable[[int], Executor]


def processor_count() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_threads(workers: int) -> Executor:
    """Return threads. The exam forks processes of its own, so that threads need only wait."""
    return ThreadPoolExecutor(workers, thread_name_prefix="exam")


class Crew(Protocol):
    """Whatever examines jobs: this machine's :class:`Workers`, or those of a cluster.

    Attributes
    ----------
    most
        How many workers examined at a time, for the record; None on this machine alone.
    """

    most: int | None

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, ExamResult | Exception | None]]:
        """Yield each job's tag with what came of it, in the order of completion."""
        ...


class Workers:
    """An executor, and how many jobs it runs at once.

    Parameters
    ----------
    make
        Makes an executor with a given number of workers.
    size
        How many jobs run at once.
    """

    most = None

    def __init__(self, make: MakeExecutor, size: int) -> None:
        self.size = size
        self.executor = make(size)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.executor.shutdown(wait=kind is None, cancel_futures=True)

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, ExamResult | Exception | None]]:
        """Yield each job's tag with what came of it, in the order of completion.

        ``jobs`` is drawn from only as places get free, so that little waits in memory. A pair
        without a job comes back at once. An exception stands for a fault that is not the
        student's.
        """
        pending: dict[Future[ExamResult], Any] = {}
        source = iter(jobs)
        exhausted = False
        while pending or not exhausted:
            # One more than can run, so that no worker waits for the next notebook.
            while not exhausted and len(pending) <= self.size:
                tag, job = next(source, (None, None))
                if tag is None:
                    exhausted = True
                elif job is None:
                    yield tag, None
                else:
                    pending[self.executor.submit(engine.examine, job)] = tag
            if pending:
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    yield pending.pop(future), future.exception() or future.result()
