"""Helpers that several tests share."""

from __future__ import annotations

import os
import subprocess

import pytest


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


def end(process: subprocess.Popen, patience_s: float = 20) -> None:
    """Ask a process to end, and end it if it does not."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
