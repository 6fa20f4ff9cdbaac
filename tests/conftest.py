"""What all tests share. On a user's machine a test may skip for want of a thing; in CI it fails."""

import functools
import os
import sys
from pathlib import Path

import pytest

# `nbgrader` and `alembic` are looked up by name; kernels and subprocesses inherit the rest.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


# Modules that take minutes: begun last, one of them would go on alone.
LONGEST = (
    "test_student_lab.py",
    "test_audits.py",
    "test_topics.py",
    "test_thresholds.py",
    "test_attacks.py",
    "test_instructors.py",
    "test_dask_faults.py",
    "test_logins.py",
    "test_warm.py",
)


def pytest_collection_modifyitems(items):
    """Begin with the longest modules."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session", autouse=True)
def one_proctor():
    """Keep the exam's proctor from one run of grading to the next: each would import TensorFlow."""
    from tests.support import proctors

    with pytest.MonkeyPatch.context() as patch:
        proctors.keep(patch)
        yield
    proctors.stop_all()


@pytest.fixture(scope="session", autouse=True)
def one_question_to_alembic():
    """Ask alembic once for the version that nbgrader writes into each new gradebook."""
    from nbgrader import api

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skipped test into a failure where nothing may be missing."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {report.longrepr}"
