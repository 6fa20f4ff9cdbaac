"""A control group for each candidate: the kernel counts and limits what its processes use.

Only a group counts all memory, including what the kernel holds for a process: page tables, buffers
of sockets and pipes, locks, inodes, names. It needs the unified hierarchy (cgroup v2) and the right
to make groups: root has it, a user in a unit of ``systemd --user``, a service with ``Delegate=``. A
candidate's group is *next to* the grader's, because a group with processes cannot distribute
memory. Without a memory controller, a group still counts processor time and ends all its processes.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

from autograder.exam.limits import Limits

_PROC = Path("/proc")
_NAME = "exam-{}-{}"  # id of the process that made it, and a number
_MADE = re.compile(r"exam-(\d+)-\d+")
_numbers = itertools.count()


class Cgroup:
    """One group; every method also works if the group or a file of it is gone.

    Parameters
    ----------
    path : Path
        Its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def join(self) -> None:
        """Move the calling process into it; its later forks are in it, too.

        If the group was removed, the process stays in its own; its other limits apply.
        """
        with suppress(FileNotFoundError):
            (self.path / "cgroup.procs").write_text("0")

    def limit(self, limits: Limits) -> None:
        """Limit all processes together to twice ``memory_bytes`` plus their scratch space.

        Their writable file systems are in memory. If they need more, all of them are killed.
        """
        self._set("memory.oom.group", 1)
        self._set("memory.swap.max", 0)
        self._set("memory.max", 2 * limits.memory_bytes + 3 * limits.scratch_bytes)

    @property
    def limits_memory(self) -> bool:
        """Whether the group counts and limits memory."""
        return (self.path / "memory.max").exists()

    @property
    def memory(self) -> int:
        """Bytes in use, including the kernel's for these processes; 0 if they are not counted."""
        return int(self._read("memory.current") or 0)

    @property
    def exhausted(self) -> bool:
        """Whether processes were killed because the memory was used up."""
        return self._field("memory.events", "oom_kill") > 0

    def cpu_s(self) -> float:
        """Return the seconds of processor time of all its processes, ended ones included."""
        return self._field("cpu.stat", "usage_usec") / 1e6

    def kill(self) -> None:
        """Kill all processes in it."""
        try:
            (self.path / "cgroup.kill").write_text("1")
        except OSError:  # before Linux 5.14
            for pid in self._read("cgroup.procs").split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)

    def close(self) -> bool:
        """Kill the remaining processes, and remove the group; return whether it is gone.

        A killed process needs a moment to end, so a second call may be needed.
        """
        with suppress(OSError):
            if self._field("cgroup.events", "populated"):
                self.kill()
            self.path.rmdir()
        return not self.path.exists()

    def _read(self, name: str) -> str:
        try:
            return (self.path / name).read_text()
        except OSError:
            return ""

    def _field(self, name: str, field: str) -> int:
        found = re.search(rf"^{field} (\d+)$", self._read(name), re.MULTILINE)
        return int(found[1]) if found else 0

    def _set(self, name: str, value: int) -> None:
        """Write a setting; skip one that this kernel or this group does not have."""
        with suppress(OSError):
            if (self.path / name).exists():
                (self.path / name).write_text(str(value))


def create(limits: Limits, proc: Path = _PROC) -> Cgroup | None:
    """Make a group with limits for a candidate; return None if that is not possible."""
    parent = _parent(proc)
    if parent is None:
        return None
    if os.geteuid() != 0:  # a user may change what was delegated to it; the rest is root's decision
        if parent == _own(proc):
            _leave(parent)
        with suppress(OSError):
            (parent / "cgroup.subtree_control").write_text("+memory")
    group = Cgroup(parent / _NAME.format(os.getpid(), next(_numbers)))
    try:
        group.path.mkdir()
    except OSError:
        return None
    group.limit(limits)
    return group


def remove(groups: list[Cgroup], seconds: float = 1.0) -> None:
    """Kill the processes left in some groups and remove the groups; give up after ``seconds``."""
    deadline = time.monotonic() + seconds
    while (groups := [group for group in groups if not group.close()]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.01)


def sweep(proc: Path = _PROC) -> None:
    """Remove the empty groups of graders that were killed.

    Candidates die with their grader; a group with processes belongs to a grader that is not
    visible here, for example in a container with its own process numbers.
    """
    parent = _parent(proc)
    for path in parent.glob("exam-*") if parent else ():
        made = _MADE.fullmatch(path.name)
        if made and not (proc / made[1]).exists():
            with suppress(OSError):
                path.rmdir()


def remedy(proc: Path = _PROC) -> str:
    """Return what to do so that groups count the memory of candidates; "" if they do."""
    mount = _mount(proc)
    if mount is None or "memory" not in _words(mount[0] / "cgroup.controllers"):
        return "boot with systemd.unified_cgroup_hierarchy=1 (cgroup v2)"
    parent = _parent(proc)
    if parent is None:
        if os.geteuid() == 0:
            return "start the container with a writable /sys/fs/cgroup and a group for the grader"
        return "start it by systemd-run --user --scope, or as a service with Delegate=memory"
    kind = "subtree_control" if os.geteuid() == 0 else "controllers"
    if "memory" not in _words(parent / f"cgroup.{kind}"):
        return f"as root: echo +memory > {parent}/cgroup.subtree_control"
    return ""


def _parent(proc: Path) -> Path | None:
    """Return the folder in which groups can be made.

    That is the parent of the grader's own group, or the hierarchy's root. If only the grader's own
    group was delegated to a user, the grader moves into a group below it (`_leave`).
    """
    own, mount = _own(proc), _mount(proc)
    if own is None or mount is None:
        return None
    if own == mount[0]:
        # The hierarchy's own root may hold processes and groups; a namespace's may not.
        return None if (own / "cgroup.type").exists() or not _writable(own) else own
    if _writable(own.parent):
        return own.parent
    return own if os.geteuid() != 0 and _writable(own) else None


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _leave(folder: Path) -> None:
    """Move the grader, and all processes of its group, into a group below it."""
    below = folder / "grader"
    with suppress(OSError):
        below.mkdir(exist_ok=True)
        for _ in range(100):  # they may fork meanwhile
            for pid in _words(folder / "cgroup.procs"):
                with suppress(ProcessLookupError):  # it has ended meanwhile
                    (below / "cgroup.procs").write_text(pid)


def _own(proc: Path) -> Path | None:
    """Return the folder of the grader's own group."""
    mount = _mount(proc)
    if mount is None:
        return None
    rows = (proc / "self/cgroup").read_text().splitlines()
    own = next((row[3:] for row in rows if row.startswith("0::")), "")
    try:
        return mount[0] / Path(own).relative_to(mount[1])
    except ValueError:  # the mount shows another part of the hierarchy
        return None


def _mount(proc: Path) -> tuple[Path, str] | None:
    """Return where the unified hierarchy is mounted, and which part of it; None if it is not."""
    for line in (proc / "self/mountinfo").read_text().splitlines():
        fields = line.split()
        if fields[fields.index("-") + 1] == "cgroup2":
            return Path(fields[4]), fields[3]
    return None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []
