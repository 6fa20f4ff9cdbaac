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
    """Return an executor of threads: the exam has its own processes, so the threads only wait."""
    return ThreadPoolExecutor(workers, thread_name_prefix="exam")


class Runner(Protocol):
    """Runs jobs: this machine's `Workers`, or the workers of a cluster.

    Attributes
    ----------
    most
        The largest number of workers that examined at the same time; None on this machine.
    """

    most: int | None

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, ExamResult | Exception | None]]:
        """Yield pairs of a job's tag and its result, in the order of completion."""
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
        """Yield pairs of a job's tag and its result, in the order of completion.

        ``jobs`` is consumed only when a worker is free, so that few jobs wait in memory. A tag
        without a job is yielded at once, with None. The result is an exception if the exam failed
        for a reason that is not the student's.
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
