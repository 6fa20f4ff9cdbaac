"""Helpers that several tests share."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import pytest

# Far above what anything takes on a busy machine: it only ends what hangs.
PATIENCE_S = 300


def require(condition: bool, reason: str) -> None:
    """Skip the test with a reason where a condition does not hold; fail where ``CI`` is set.

    A user's machine may lack the network or a browser. Where all tests must run, a skipped one
    would pass unseen.
    """
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(f"must run where CI is set, but: {reason}")
    pytest.skip(reason)


def wait_for(condition: Callable[[], object], why: str) -> None:
    """Wait until a condition holds; fail with a reason if it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.05)


def end(process: subprocess.Popen, patience_s: float = PATIENCE_S) -> None:
    """Ask a process to end, and end it if it does not."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
