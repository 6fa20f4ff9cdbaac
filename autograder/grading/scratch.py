"""A scratch folder that is removed when its run ends, or by the next run if it was killed."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder import lock
from autograder.removal import remove

PREFIX = "autograder-"
_LOCK = "in-use"
_YOUNG_S = 3600.0  # a folder may have been made a moment ago and not be locked yet


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder for students' files, and remove those of runs that were killed.

    A run holds a lock on its folder; the system releases it when the process ends in any way.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with lock.take(folder / _LOCK):
            yield folder
    finally:
        remove(folder)


def sweep() -> None:
    """Remove the folders of killed runs; a folder that cannot be removed stays."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime >= _YOUNG_S
            if old and (folder / _LOCK).is_file():  # else the folder is not one of ours
                with lock.take(folder / _LOCK):
                    remove(folder, ignore_errors=True)
