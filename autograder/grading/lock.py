"""One grading run of a course at a time: a second one waits, or stops with `Busy`."""

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
def grading_lock(course: Course, *, wait: bool = True) -> Iterator[None]:
    """Hold a course's lock for grading; it is released at the latest when this process ends.

    Two runs at once would overwrite each other's autograded notebooks.

    Parameters
    ----------
    wait
        Wait while another run is grading, and print a message.

    Raises
    ------
    Busy
        If another run is grading and ``wait`` is False.
    """
    path = course.autograded_dir / _LOCK
    waiting = "Another run is grading this course; this one begins when it ends." if wait else ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened for reading: accounts that may grade need not be able to write the file.
        held = lock.take(path, access=os.O_RDONLY, mode=0o666, waiting=waiting)
    except BlockingIOError:
        raise Busy("Another run is grading this course: try again when it has ended.") from None
    except OSError:  # no locks on this file system; or grading reports the fault of the folder
        held = nullcontext()
    with held:
        yield
