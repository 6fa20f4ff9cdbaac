import pytest

from autograder.exam.conductor import Conductor
from autograder.exam.limits import Limits

LIMITS = Limits(cell_s=6, call_s=2, submission_s=90, output_bytes=100_000)


@pytest.fixture(scope="session")
def conductor():
    """One proctor for all tests that only need the exam to work, without a sandbox."""
    with Conductor(LIMITS, sandbox="off") as conductor:
        yield conductor


@pytest.fixture(scope="session")
def examine(conductor):
    return conductor.examine
