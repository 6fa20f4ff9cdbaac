"""Remove a folder with any content and any depth, as a student's program may create it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(path: Path, *, ignore_errors: bool = False) -> None:
    """Remove a file, a link or a whole folder; a missing one is no error.

    ``shutil.rmtree`` calls itself for each level and holds each level open, so that it fails at a
    thousand nested folders. Here every folder is first moved to the top, and no path gets longer
    than two names.

    Raises
    ------
    OSError
        If something cannot be removed, unless errors are ignored.
    """
    try:
        if not os.path.lexists(path):
            return
        if stat.S_ISDIR(path.lstat().st_mode):
            top = os.open(path, _FOLDER)
            try:
                _clear(top)
            finally:
                os.close(top)
            path.rmdir()
        else:
            path.unlink()
    except OSError:
        if not ignore_errors:
            raise


def _clear(top: int) -> None:
    """Remove the content of an open folder; its folders wait at the top under numbers."""
    waiting, count = _empty(top, None, 0)
    while waiting:
        name = waiting.pop()
        with suppress(PermissionError):  # a folder without rights; root needs none
            os.chmod(name, 0o700, dir_fd=top)
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            found, count = _empty(inner, top, count)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
        waiting += found


def _empty(folder: int, top: int | None, count: int) -> tuple[list[str], int]:
    """Unlink a folder's files and move its folders to the top; return their names there."""
    found = []
    for name in os.listdir(folder):
        if not stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(name, dir_fd=folder)
        elif top is None:
            found.append(name)
        else:
            with suppress(PermissionError):
                os.chmod(name, 0o700, dir_fd=folder)
            count, moved = _moved(name, folder, top, count)
            found.append(moved)
    return found, count


def _moved(name: str, folder: int, top: int, count: int) -> tuple[int, str]:
    """Move a folder to the top under a number that is free there."""
    while True:
        count += 1
        moved = f".{count}"
        try:
            os.stat(moved, dir_fd=top, follow_symlinks=False)
        except FileNotFoundError:
            os.rename(name, moved, src_dir_fd=folder, dst_dir_fd=top)
            return count, moved
