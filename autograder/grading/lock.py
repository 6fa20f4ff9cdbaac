"""One grading run of a course at a time: a second one waits, or is told to try again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from autograder import lock
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
        Wait while another run is grading, and say so.

    Raises
    ------
    Busy
        If there is another run and this one is not to wait.
    """
    path = course.autograded_dir / _LOCK
    waiting = "Another run is grading this course; this one begins when it ends." if wait else ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever may read the folder may grade: other accounts cannot open the file to write.
        held = lock.take(path, access=os.O_RDONLY, mode=0o666, waiting=waiting)
    except BlockingIOError:
        raise Busy("Another run is grading this course: try again when it has ended.") from None
    except OSError:  # no locks on this file system; or grading says what is wrong with the folder
        held = nullcontext()
    with held:
        yield
