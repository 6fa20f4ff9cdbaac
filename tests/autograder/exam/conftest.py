import pytest

from autograder.exam.processes.exam_pool import Conductor
from tests.support.toy_exam import LIMITS


@pytest.fixture(scope="session")
def conductor():
    """One proctor for all tests that only need the exam to work, without a sandbox."""
    with Conductor(LIMITS, sandbox="off") as conductor:
        yield conductor


@pytest.fixture(scope="session")
def examine(conductor):
    return conductor.examine
