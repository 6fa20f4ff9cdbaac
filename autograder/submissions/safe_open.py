"""Open files of a submission without following links and without blocking."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = _READ | os.O_DIRECTORY


def open_file(name: str, folder: int) -> int:
    """Open a file of an open folder for reading."""
    return os.open(name, _READ, dir_fd=folder)


def open_folder(source: int, place: str) -> int:
    """Open a folder below an open one, step by step, so that no step follows a link."""
    folder = os.dup(source)
    for part in filter(None, place.split("/")):
        try:
            inner = os.open(part, _FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def is_there(name: str, folder: int) -> bool:
    """Return whether an open folder has an entry of this name, of any type."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def read_small(folder: Path, name: str, most: int) -> bytes | None:
    """Return the first bytes of a regular file; None if it cannot be read."""
    try:
        holder = os.open(folder, _FOLDER)
        try:
            opened = open_file(name, holder)
        finally:
            os.close(holder)
        try:
            if stat.S_ISREG(os.fstat(opened).st_mode):
                return os.read(opened, most)
        finally:
            os.close(opened)
    except OSError:
        return None
    return None
