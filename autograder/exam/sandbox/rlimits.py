"""Set the limits of a process, and measure the memory of all processes of a candidate."""

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
# Memory reserved by a thread: a stack of 8 MiB and, briefly, two arenas of the C library.
_RESERVED_BYTES = 128 * MIB
_LOCK_BYTES = 256
# The kernel's default if it cannot be read: net.core.wmem_default.
_SOCKET_BYTES = 212_992


def apply(limits: Limits, tasks: int) -> None:
    """Limit the calling process and all that it starts (setrlimit(2)); cannot be undone.

    Memory is limited by the data segment, which since Linux 4.7 is all private writable memory. The
    address space is limited too, since each 2 MiB of it may need a page of page table. That limit
    is a multiple of the memory limit plus the threads' reservations, since libraries reserve more
    than they use.

    Parameters
    ----------
    limits : Limits
        The limits to set.
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
    """Set soft and hard limit; keep a lower hard limit."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def allowed_tasks(limits: Limits, uid: int) -> int:
    """Return the number of processes and threads to allow a candidate with user id `uid`.

    They are counted for each user id in each user namespace. Before Linux 5.14 they were counted
    for the user id on the whole machine, so the tasks that this user already runs are added.
    """
    allowed = limits.processes + 4 * (os.cpu_count() or 1)
    version = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    return allowed if version >= (5, 14) else allowed + _tasks_of(uid)


def _tasks_of(uid: int) -> int:
    """Count the visible tasks of a user."""
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

    Private and shared anonymous pages, swapped pages and page tables are counted, mapped files (the
    libraries) are not. Pages that a forked child still shares with its parent are counted twice.
    The sockets of its network namespace are counted as full, and each lock of a file region has a
    fixed size. A process that has ended adds 0.

    Parameters
    ----------
    pid : int
        A candidate's process id as the caller sees it. If it is the first process of a namespace,
        all processes that it starts stay its descendants.
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
    """Count the Unix sockets of a process's network namespace, including queued ones."""
    with suppress(OSError), (_PROC / str(pid) / "net/unix").open("rb") as lines:
        return sum(1 for _ in lines) - 1
    return 0


def _socket_bytes() -> int:
    """Return the bytes that a socket may hold: its buffer, and one more message."""
    with suppress(OSError):
        return 2 * int((_PROC / "sys/net/core/wmem_default").read_text())
    return 2 * _SOCKET_BYTES


def _locks(family: set[str]) -> int:
    """Count the locks of file regions that some processes hold or wait for."""
    with suppress(OSError), (_PROC / "locks").open() as lines:
        return sum(bool(family.intersection(line.split()[4:6])) for line in lines)
    return 0
