import pytest

from autograder.exam.processes.exam_pool import ExamPool
from tests.support.toy_exam import LIMITS


@pytest.fixture(scope="session")
def exam_pool():
    """One proctor for all tests that only need the exam to work, without a sandbox."""
    with ExamPool(LIMITS, sandbox="off") as exam_pool:
        yield exam_pool


@pytest.fixture(scope="session")
def examine(exam_pool):
    return exam_pool.examine
