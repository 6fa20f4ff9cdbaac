"""Workers on this machine: a small cluster for the length of one run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dask
from distributed import LocalCluster
from distributed.security import Security

from autograder.cluster.address import Place
from autograder.errors import AutograderError

# Dask's profiler samples a worker 100 times a second; exams run in other processes.
_SETTINGS = {"distributed.worker.profile.enabled": False}


@contextmanager
def local_cluster(workers: int) -> Iterator[Place]:
    """Start single-threaded workers on the loopback address; stop them with the run.

    They and the scheduler use TLS with a certificate that stays in memory: other accounts of this
    machine can reach the port, too.

    Raises
    ------
    AutograderError
        If they cannot be started.
    """
    security = Security.temporary()
    try:
        with dask.config.set(_SETTINGS):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                security=security,
                dashboard_address="127.0.0.1:0",
                preload=["autograder.cluster.ignore_sigint"],
                memory_limit=None,  # the exam has its own limits
                silence_logs=logging.CRITICAL,
            )
    except Exception as error:  # Dask raises exceptions of many classes
        first = next(iter(str(error).splitlines()), "")
        raise AutograderError(
            f"{workers} workers could not be started on this machine ({type(error).__name__}: "
            f"{first}): `autograder doctor` shows the free memory; try fewer."
        ) from error
    try:
        yield Place(cluster.scheduler_address, workers, security)
    finally:
        with suppress(Exception):  # a worker that was killed, or does not end in time
            cluster.close(timeout=10)
