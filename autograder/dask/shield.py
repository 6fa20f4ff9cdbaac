"""Loaded by Dask into each worker of this machine: Ctrl-C is for the command, which ends them."""

from __future__ import annotations

import signal

from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Let a terminal's Ctrl-C, which reaches all its processes, pass by a worker."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
