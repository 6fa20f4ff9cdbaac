"""A lock on a file: the kernel releases it when the process that holds it ends, in any way."""

from __future__ import annotations

import fcntl
import os
import sys
from io import FileIO
from pathlib import Path


def take(path: Path, *, access: int = os.O_RDWR, mode: int = 0o600, waiting: str = "") -> FileIO:
    """Lock a file, which is created if it is missing; closing the result releases the lock.

    Parameters
    ----------
    access
        Flags for ``os.open``. An account that may only read the file can lock it with
        ``os.O_RDONLY``.
    mode
        The permissions of a file that is created.
    waiting
        Message for standard error before waiting for a process that holds the lock. Default: do
        not wait.

    Returns
    -------
    FileIO
        The file, open and unbuffered.

    Raises
    ------
    BlockingIOError
        If another process holds the lock and ``waiting`` is empty.
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
