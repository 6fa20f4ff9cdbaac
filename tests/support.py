"""Helpers that several tests share."""

from __future__ import annotations

import os

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
