"""One grading run of a course at a time: a second one waits, or is told to come again."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.course import Course
from autograder.errors import AutograderError

_LOCK = ".grading.lock"


class Busy(AutograderError):
    """Another run is grading this course."""


@contextmanager
def turn(course: Course, *, wait: bool = True) -> Iterator[None]:
    """Hold a course's turn to grade, for as long as this process lives at most.

    Two runs at once would write the same student's autograded notebook in each other's way.

    Parameters
    ----------
    wait
        Wait while another run is at it, and say so.

    Raises
    ------
    Busy
        If there is another run and this one is not to wait.
    """
    try:
        course.autograded_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(course.autograded_dir / _LOCK, os.O_RDONLY | os.O_CREAT, 0o666)
    except OSError:  # grading will say what is the matter with the folder
        yield
        return
    try:
        _take(lock, wait)
        yield
    finally:
        os.close(lock)


def _take(lock: int, wait: bool) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    except BlockingIOError:
        if not wait:
            raise Busy(
                "Another run is grading this course: come again when it has ended."
            ) from None
    except OSError:  # a file system without locks
        return
    print("Another run is grading this course; this one begins when it ends.", file=sys.stderr)
    fcntl.flock(lock, fcntl.LOCK_EX)
