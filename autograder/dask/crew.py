"""The workers of a cluster, as grading takes them in place of this machine's own."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Self

from autograder.dask import address as addresses
from autograder.dask import remote
from autograder.dask.address import Place
from autograder.dask.link import Link
from autograder.dask.local import local_cluster
from autograder.dask.running import KEPT, Run
from autograder.dask.versions import installed
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job

_CONNECT_S = 30.0
_RETRY_S = 0.5


class ClusterWorkers:
    """Runs an engine on the workers of a Dask cluster; a context manager.

    Parameters
    ----------
    place
        Where the scheduler is, or how many workers to start here.
    patience_s
        Seconds to wait for a scheduler, or for a worker, that has gone.
    deadline_s
        Seconds for one submission, after which it is tried on another worker. Default: four times
        what the engine allows a submission, and four minutes.
    wanted
        The versions that a worker must have. Default: those of this process.

    Attributes
    ----------
    most
        The largest number of workers that examined at a time.
    """

    def __init__(
        self,
        place: Place,
        *,
        patience_s: float = 600.0,
        deadline_s: float | None = None,
        wanted: dict[str, str] | None = None,
    ) -> None:
        self.place = place
        self.patience_s = patience_s
        self.deadline_s = deadline_s
        self.wanted = wanted or installed()
        self.id = uuid.uuid4().hex[:12]
        self.most: int | None = 0
        self._stack = ExitStack()
        self._link: Link | None = None
        self._run: Run | None = None

    def __enter__(self) -> Self:
        """Connect.

        Raises
        ------
        AutograderError
            If no scheduler answers, or it is not safe.
        """
        try:
            if not self.place.address:
                self.place = self._stack.enter_context(local_cluster(self.place.workers))
            self._connect(_CONNECT_S)
        except OSError as error:
            self.__exit__()
            raise AutograderError(
                f"No scheduler answers at {self.place.address or 'this machine'} "
                f"({_reason(error)}). Is `dask scheduler` running there, and are its certificate "
                "and yours signed by the same authority?"
            ) from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Let the workers end what they are at for this run, and disconnect."""
        if self._link is not None:
            if self._run is not None and self._link.alive:
                names = [lane.address for lane in self._run.book.usable]
                self._link.tell(remote.leave, self._run.name, self.id, addresses=names)
            self._link.close()
            self._link = None
        self._stack.close()

    @property
    def link(self) -> Link:
        """The present connection."""
        assert self._link is not None, "the cluster was not entered"
        return self._link

    @property
    def count(self) -> int:
        """How many workers can be given something at present."""
        return len(self._run.book.usable) if self._run else 0

    def run(
        self, engine: Engine, jobs: Iterable[tuple[Any, Job | None]]
    ) -> Iterator[tuple[Any, ExamResult | Exception | None]]:
        """Yield each job's tag with what came of it, in the order of completion.

        Raises
        ------
        AutograderError
            If no worker is left, or the scheduler stays away.
        """
        self._run = Run(self, engine)
        yield from self._run.outcomes(jobs)

    def reconnect(self, reason: str) -> None:
        """Connect anew, as soon as the scheduler is there again.

        Raises
        ------
        AutograderError
            If it stays away for longer than the patience lasts.
        """
        self.link.close()
        end = time.monotonic() + self.patience_s
        while True:
            try:
                self._reach()
                self._connect(min(_CONNECT_S, max(1.0, end - time.monotonic())))
                return
            except OSError as error:
                reason = _reason(error)
            if time.monotonic() >= end:
                raise AutograderError(
                    f"The scheduler at {self.place.address} has been away for "
                    f"{self.patience_s / 60:g} minutes ({reason}). {KEPT}"
                )
            time.sleep(_RETRY_S)

    def _reach(self) -> None:
        """See whether anything listens, which costs less than a client that waits for it."""
        host, _, port = self.place.address.partition("://")[2].rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()

    def _connect(self, seconds: float) -> None:
        link = Link(self.place, seconds)
        self._link = link
        if self.place.address.startswith("tcp://") and not self.place.insecure:
            scheduler = link.scheduler
            if not addresses.on_loopback(addresses.host_of(scheduler)):
                raise AutograderError(addresses.unsafe(scheduler))


def _reason(error: OSError) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
