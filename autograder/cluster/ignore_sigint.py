"""Preloaded by Dask in each local worker: ignores Ctrl-C, which the command handles."""

from __future__ import annotations

import signal

from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Ignore a terminal's Ctrl-C, which reaches all its processes; the command ends the worker."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
