"""Parents and children: no process outlives the exam or exceeds its limits."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

REFUSED = 3  # exit status of a candidate that cannot enter its sandbox
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when ``parent`` ends; exit if it has already ended."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends, so that they can be found."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def limit(**limits: int) -> None:
    """Limit this process and all that it starts; names are those of setrlimit(2)."""
    for name, value in limits.items():
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def close_all_but(keep: Iterable[int]) -> None:
    """Close all descriptors above 2 but those to keep."""
    first = 3
    for descriptor in sorted(keep):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def cpu_of_descendants(pid: int) -> float:
    """Return the seconds of processor time of a process's living children and theirs."""
    total, waiting = 0, _children(pid)
    while waiting:
        child = waiting.pop()
        waiting += _children(child)
        with suppress(OSError):
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))  # its own, and that of the children it reaped
    return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill_strays(known: set[int]) -> None:
    """Kill and reap the children that are not ``known``: processes that student code left behind.

    In a sandbox there are none, since the end of a process namespace ends all in it. Without one,
    this process inherits orphans, one generation after another.
    """
    for _ in range(100):
        strays = [pid for pid in _children(os.getpid()) if pid not in known]
        if not strays:
            return
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def crashed(by: signal.Signals) -> str:
    """Return a sentence that names the signal that ended a process."""
    return f"it crashed ({by.name})"
