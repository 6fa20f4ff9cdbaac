"""Putting the limits on a process, and measuring what all processes of a candidate use."""

from __future__ import annotations

import os
import platform
import re
import resource
from contextlib import suppress
from pathlib import Path

from autograder.exam.limits import MIB, Limits

_PROC = Path("/proc")
_USED = re.compile(r"^(?:RssAnon|RssShmem|VmPTE|VmSwap):\s+(\d+) kB$", re.MULTILINE)
# What a thread reserves: a stack of 8 MiB and, for a moment, twice an arena of the C library.
_RESERVED_BYTES = 128 * MIB
_LOCK_BYTES = 256
# The kernel's default where it is not told: net.core.wmem_default.
_SOCKET_BYTES = 212_992


def apply(limits: Limits, tasks: int) -> None:
    """Limit the calling process and all that it starts (setrlimit(2)); cannot be undone.

    Memory is limited by the data segment, since Linux 4.7 all private writable memory. The address
    space is limited too, for each 2 MiB of it may cost a page of page table; since libraries
    reserve more of it than they use, by a multiple and by what the threads reserve.

    Parameters
    ----------
    limits : Limits
        What is allowed.
    tasks : int
        Number of processes and threads, from `allowed_tasks`.
    """
    _limit(resource.RLIMIT_DATA, limits.memory_bytes)
    _limit(resource.RLIMIT_AS, 8 * limits.memory_bytes + tasks * _RESERVED_BYTES)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_NPROC, tasks)
    _limit(resource.RLIMIT_SIGPENDING, 4096)  # also the number of timers
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

    Private and shared anonymous pages, swapped ones and page tables count, mapped files (the
    libraries) do not. Pages that a forked child still shares with its parent count twice. The
    sockets of its network namespace count as if they were full, and locks of file regions by their
    number. A process that has ended counts 0.

    Parameters
    ----------
    pid : int
        A candidate's process id as the caller sees it. Where it is the first process of a
        namespace, nothing that it starts can leave its family.
    """
    total, waiting, family = 0, [pid], set()
    while waiting:
        member = waiting.pop()
        family.add(str(member))
        folder = _PROC / str(member)
        with suppress(OSError):  # it has ended meanwhile
            total += 1024 * sum(map(int, _USED.findall((folder / "status").read_text())))
            for task in (folder / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return total + _sockets(pid) * _socket_bytes() + _locks(family) * _LOCK_BYTES


def _sockets(pid: int) -> int:
    """Count the Unix sockets of a process's network namespace, also those that wait in a queue."""
    with suppress(OSError), (_PROC / str(pid) / "net/unix").open("rb") as lines:
        return sum(1 for _ in lines) - 1
    return 0


def _socket_bytes() -> int:
    """Return what a socket may hold: its buffer, and one message more."""
    with suppress(OSError):
        return 2 * int((_PROC / "sys/net/core/wmem_default").read_text())
    return 2 * _SOCKET_BYTES


def _locks(family: set[str]) -> int:
    """Count the locks of file regions that some processes hold or wait for."""
    with suppress(OSError), (_PROC / "locks").open() as lines:
        return sum(bool(family.intersection(line.split()[4:6])) for line in lines)
    return 0
