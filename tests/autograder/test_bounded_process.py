"""Calls that take too much end with a reason, and cost no other call anything."""

import os
import re
import time

import pytest

from autograder.bounded_process import Bounded, Exceeded
from autograder.errors import AutograderError


def blowing_up(letters: int) -> bool:
    return re.match(r"(a+)+$", "a" * letters + "b") is not None


def filling(size: int) -> int:
    return len(bytearray(size))


def failing(error: type[Exception]) -> None:
    raise error("as it was told")


@pytest.fixture
def bounded():
    made = Bounded(cpu_s=1.0, memory_bytes=256 << 20)
    yield made
    made.close()


def test_one_process_serves_call_after_call(bounded):
    first = bounded.call(os.getpid)
    assert bounded.call(os.getpid) == first != os.getpid()
    with pytest.raises(Exceeded, match=r"it cannot be read \(ValueError\)$") as raised:
        bounded.call(failing, ValueError)
    assert "as it was told" in raised.value.detail
    with pytest.raises(AutograderError, match="as it was told"):
        bounded.call(failing, AutograderError)
    with pytest.raises(Exceeded, match="256 MiB of memory"):
        bounded.call(filling, 1 << 30)
    assert bounded.call(filling, 10) == 10
    assert bounded.call(os.getpid) == first


def test_what_never_ends_is_ended_and_the_next_call_is_served(bounded):
    first = bounded.call(os.getpid)
    with pytest.raises(Exceeded, match="more than 1 s of processor time"):
        bounded.call(blowing_up, 60)
    assert bounded.call(os.getpid) != first


def test_a_process_that_is_gone_costs_one_call(bounded):
    with pytest.raises(Exceeded, match="exit status 3"):
        bounded.call(os._exit, 3)
    with pytest.raises(Exceeded, match="SIGABRT"):
        bounded.call(os.abort)
    assert bounded.call(max, 1, 2) == 2


def test_who_sleeps_is_ended_too(bounded):
    bounded.patience_s = 0.5
    with pytest.raises(Exceeded, match=r"within 0\.5 s"):
        bounded.call(time.sleep, 600)
