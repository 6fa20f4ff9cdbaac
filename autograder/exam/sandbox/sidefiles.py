"""Copy the side files of a submission into its scratch directory, without trusting them."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def copy(source: Path, target: Path, room: int) -> None:
    """Copy plain files and folders; links and pipes of a submission are not followed.

    Notebooks are not copied: nbgrader's autograded copy carries the hidden tests. Files that do not
    fit into `room` bytes are left out, so that some space remains to work in.
    """
    with suppress(OSError):  # full, or so many folders that there is no room for their names
        for folder, folders, names in os.walk(source):
            folders[:] = [name for name in folders if name != ".ipynb_checkpoints"]
            place = target / Path(folder).relative_to(source)
            place.mkdir(exist_ok=True)
            for name in names:
                if not name.endswith(".ipynb"):
                    room -= _copy_file(Path(folder) / name, place / name, room)


def _copy_file(source: Path, target: Path, room: int) -> int:
    """Copy one plain file of at most `room` bytes; return the bytes written."""
    with suppress(OSError):  # unreadable or gone
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(source, flags), "rb") as stream:  # noqa: PTH123
            about = os.fstat(stream.fileno())
            if stat.S_ISREG(about.st_mode) and about.st_size <= room:
                return target.write_bytes(stream.read(room))
    return 0
