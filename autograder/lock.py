"""A lock on a file: the kernel frees it when the process that holds it ends, in any way."""

from __future__ import annotations

import fcntl
import os
import sys
from io import FileIO
from pathlib import Path


def take(path: Path, *, access: int = os.O_RDWR, mode: int = 0o600, waiting: str = "") -> FileIO:
    """Lock a file, made where there is none; to close what is returned is to free the lock.

    Parameters
    ----------
    access
        How to open the file. An account that may only read it can lock it with ``os.O_RDONLY``.
    mode
        The permissions of a file that is made.
    waiting
        What to print on standard error before waiting for a process that holds the lock. Default:
        do not wait.

    Returns
    -------
    FileIO
        The file, open and unbuffered.

    Raises
    ------
    BlockingIOError
        If another process holds the lock, and this one is not to wait.
    OSError
        If the file cannot be opened, or its file system has no locks.
    """
    file = FileIO(os.open(path, access | os.O_CREAT, mode), "r+")
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not waiting:
                raise
            print(waiting, file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
    except BaseException:
        file.close()
        raise
    return file
