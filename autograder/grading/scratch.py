"""A scratch folder that does not outlive its run, not even one that is killed."""

from __future__ import annotations

import fcntl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.removal import remove

PREFIX = "autograder-"
_LOCK = "in-use"
_YOUNG_S = 3600.0  # a folder may have been made a moment ago and not be locked yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for students' files, and take away those of runs that were killed.

    A run holds a lock on its folder for as long as it lives, however it ends.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        remove(folder)


def sweep() -> None:
    """Remove what killed runs have left; what cannot be removed stays."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime < _YOUNG_S:
                continue
            with (folder / _LOCK).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(folder, ignore_errors=True)
