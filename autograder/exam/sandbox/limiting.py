"""Putting the limits on a process, and measuring what all processes of a candidate use."""

from __future__ import annotations

import os
import platform
import re
import resource
from contextlib import suppress
from pathlib import Path

from autograder.exam.limits import Limits

_PROC = Path("/proc")


def apply(limits: Limits, tasks: int) -> None:
    """Limit the calling process and all that it starts (setrlimit(2)); cannot be undone.

    Memory is limited by the data segment, since Linux 4.7 all private writable memory. The address
    space is not: TensorFlow reserves far more of it than it uses.

    Parameters
    ----------
    limits : Limits
        What is allowed.
    tasks : int
        Number of processes and threads, from `allowed_tasks`.
    """
    _limit(resource.RLIMIT_DATA, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_NPROC, tasks)
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_MSGQUEUE, resource.RLIMIT_MEMLOCK):
        _limit(nothing, 0)


def _limit(which: int, value: int) -> None:
    """Set soft and hard limit; a lower one that is already there stays."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def allowed_tasks(limits: Limits, uid: int) -> int:
    """Return the number of processes and threads to allow a candidate with user id `uid`.

    They are counted for each user id in each user namespace. Before Linux 5.14 they were counted
    for the user id on the whole machine, so what this user runs already is added there.
    """
    allowed = limits.processes + 4 * (os.cpu_count() or 1)
    version = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    return allowed if version >= (5, 14) else allowed + _tasks_of(uid)


def _tasks_of(uid: int) -> int:
    """Count the tasks of a user that can be seen."""
    total = 0
    for status in _PROC.glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if re.search(rf"^Uid:\s+{uid}\s", text, re.MULTILINE):
            total += int(re.search(r"^Threads:\s+(\d+)$", text, re.MULTILINE).group(1))
    return total


def memory_used(pid: int) -> int:
    """Return the bytes of memory in use by a process and all its descendants.

    Private and shared anonymous pages count, mapped files (the libraries) do not. Pages that a
    forked child still shares with its parent count twice. A process that has ended counts 0.

    Parameters
    ----------
    pid : int
        A candidate's process id as the caller sees it. Where it is the first process of a
        namespace, nothing that it starts can leave its family.
    """
    total, waiting = 0, [pid]
    while waiting:
        folder = _PROC / str(waiting.pop())
        with suppress(OSError):  # it has ended meanwhile
            status = (folder / "status").read_text()
            pages = re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+) kB$", status, re.MULTILINE)
            total += 1024 * sum(map(int, pages))
            for task in (folder / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return total
