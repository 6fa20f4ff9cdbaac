"""One demonstration hub and one browser, for all tests that need them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import lab, require
from tests.support.hub.people import Instructor, Person, someone

ROOT = Path(__file__).resolve().parents[3]
HUB = ROOT / "deploy/jupyterhub"
sys.path[:0] = [str(ROOT / "tools"), *(str(HUB / name) for name in (".", "config", "warm"))]

from demo import demonstration  # noqa: E402

STUDENTS = 15


@pytest.fixture(scope="module")
def hub() -> Iterator[demonstration.Demonstration]:
    """Start a hub with real accounts and no submissions."""
    found = demonstration.Demonstration(ROOT / "build/hub-test", 18400, STUDENTS)
    require(os.geteuid() == 0, "the hub's tests make accounts, in a namespace: run them as root")
    require(found.real_accounts, "this machine gives root no namespaces of its own")
    require(shutil.which("npm") is not None, "the hub needs npm (Debian: apt-get install npm)")
    require(lab.CHROMIUM is not None, "Chromium is not installed")
    found.clear()
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Start Chromium once; each person gets a separate window."""
    with lab.chromium() as page:
        yield page.context.browser


@pytest.fixture
def person(hub, browser) -> Iterator:
    """Return a function that opens a window for a person, by name."""
    import contextlib

    with contextlib.ExitStack() as opened:

        def enter(name: str, kind: type[Person] | None = None) -> Person:
            kind = kind or (Instructor if name == demonstration.INSTRUCTOR else Person)
            return opened.enter_context(someone(browser, hub, name, kind))

        yield enter
