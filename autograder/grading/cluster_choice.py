"""The choice of a cluster for a run: Dask is imported only where one is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from autograder import terminal
from autograder.course import Course
from autograder.course.sections import configured
from autograder.errors import AutograderError

if TYPE_CHECKING:
    from autograder.cluster.cluster_workers import ClusterWorkers


@dataclass(frozen=True)
class ClusterChoice:
    """The options of the command line: an address, and settings that override ``c.Cluster``."""

    address: str
    settings: dict[str, str | bool | None] = field(default_factory=dict)


def choose(
    address: str | None, jobs: int | None, **settings: str | bool | None
) -> ClusterChoice | None:
    """Return the cluster that the options ask for; None for this machine.

    Raises
    ------
    AutograderError
        If the options contradict each other.
    """
    if address is not None and jobs is not None:
        raise AutograderError(
            "--jobs is for this machine, and --dask for others: a cluster has as many jobs at once "
            "as its workers have threads. Give one of the two (--dask local:N starts N workers)."
        )
    if address is None and any(settings.values()):
        names = ", ".join(f"--{name.replace('_', '-')}" for name, s in settings.items() if s)
        raise AutograderError(f"{names} says how to reach a cluster: name it with --dask ADDRESS.")
    return None if address is None else ClusterChoice(address, settings)


@contextmanager
def enter_cluster(
    course: Course, choice: ClusterChoice, console: Console
) -> Iterator[ClusterWorkers]:
    """Connect to a cluster for the length of a run, and print the address of its dashboard.

    Raises
    ------
    AutograderError
        If Dask is not installed, no scheduler answers, or the connection is not safe.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise AutograderError(
            f"--dask needs Dask, which is not installed ({error}): "
            "pip install -c constraints.txt -e '.[cluster]'"
        ) from error
    from autograder.cluster.address import place
    from autograder.cluster.cluster_workers import ClusterWorkers
    from autograder.cluster.settings import Cluster

    settings = configured(Cluster, course.config, "cluster setting", **choice.settings)
    patience_s = 60 * settings.patience_minutes
    with ClusterWorkers(place(choice.address, settings), patience_s=patience_s) as workers:
        where = terminal.clean(workers.place.address)
        dashboard = workers.link.dashboard
        line = f"Grading on the workers of {where}"
        console.print(
            f"{line}; its dashboard: {dashboard}" if dashboard else line,
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
        yield workers
