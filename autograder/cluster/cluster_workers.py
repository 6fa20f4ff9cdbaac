"""The workers of a cluster, used by grading in place of this machine's own processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Self

from autograder.cluster.address import Place
from autograder.cluster.link import Link, reason
from autograder.cluster.local import local_cluster
from autograder.cluster.running import Run
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job

_CONNECT_S = 30.0


class ClusterWorkers:
    """Runs an engine on the workers of a Dask cluster; a context manager.

    Parameters
    ----------
    place
        The scheduler's address, or the number of workers to start on this machine.
    patience_s
        Seconds to wait for a lost scheduler or worker.
    deadline_s
        Seconds for one submission, after which it is tried on another worker; see :class:`Run`.

    Attributes
    ----------
    most
        The largest number of workers that were usable at a time.
    """

    def __init__(
        self, place: Place, *, patience_s: float = 600.0, deadline_s: float | None = None
    ) -> None:
        self.link = Link(place, patience_s)
        self.deadline_s = deadline_s
        self._stack = ExitStack()
        self._runs: list[Run] = []

    def __enter__(self) -> Self:
        """Connect.

        Raises
        ------
        AutograderError
            If no scheduler answers, or it is not safe.
        """
        try:
            if not self.place.address:
                self.link.place = self._stack.enter_context(local_cluster(self.place.workers))
            self.link.connect(_CONNECT_S)
        except OSError as error:
            self.__exit__()
            raise AutograderError(
                f"No scheduler answers at {self.place.address or 'this machine'} "
                f"({reason(error)}). Is `dask scheduler` running there, and are its certificate "
                "and yours signed by the same authority?"
            ) from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let the workers stop what they are running for this command, and disconnect."""
        for run in self._runs[-1:]:
            run.stop()
            run.leave()
        self.link.close()
        self._stack.close()

    @property
    def place(self) -> Place:
        """The scheduler's address."""
        return self.link.place

    @property
    def current(self) -> Run:
        """The current run."""
        return self._runs[-1]

    @property
    def count(self) -> int:
        """The number of workers that are usable now."""
        return len(self._runs[-1].schedule.usable) if self._runs else 0

    @property
    def most(self) -> int:
        """The largest number of workers that were usable at a time."""
        return max((run.most for run in self._runs), default=0)

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, ExamResult | Exception | None]]:
        """Yield each job's tag with its result, in the order of completion.

        Raises
        ------
        AutograderError
            If no worker is left, or the scheduler stays lost.
        """
        run = Run(self.link, engine, self.deadline_s)
        self._runs.append(run)
        yield from run.outcomes(jobs)
