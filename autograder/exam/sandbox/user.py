"""A candidate's identity: user namespaces, an unprivileged user id, no capabilities."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.exam.sandbox import linux

# A range that no distribution and no container manager assigns (systemd's table of user ids).
_FIRST_ID, _IDS = 0x70000000, 0x400000
# If a container has only a few ids: the upper half of the ordinary 16-bit range.
_FIRST_SMALL_ID, _SMALL_IDS = 0x8000, 0x7000
_ORDINARY_ID = 1000


def become_capable() -> None:
    """Get CAP_SYS_ADMIN, if necessary in a new user namespace.

    The real root of a machine has it. Any other user creates a user namespace, in which its
    creator has all capabilities; the caller must have one thread only. Root of a container maps
    all its user ids into it, so that candidates can have separate ids; an ordinary user can map
    only its own.
    """
    if linux.has_capability(linux.CAP_SYS_ADMIN):
        return
    uid, gid = os.geteuid(), os.getegid()
    ids = linux.has_capability(linux.CAP_SETUID) and linux.has_capability(linux.CAP_SETGID)
    if uid == 0 and ids:
        _unshare_user_as_root()
    else:
        linux.unshare(linux.NEW_USER)
        linux.allow_dumps(True)  # otherwise a process that was root does not own its /proc/self
        with _opened_proc() as proc:
            _write_own_map(proc, (uid, uid), (gid, gid))


@contextmanager
def _opened_proc() -> Iterator[int]:
    proc = open_proc()
    try:
        yield proc
    finally:
        os.close(proc)


def open_proc() -> int:
    """Return a descriptor of ``/proc`` that remains usable after a change of the file system."""
    return os.open("/proc", os.O_PATH | os.O_DIRECTORY)


def _write(proc: int, name: str, text: str) -> None:
    """Write a file below a ``/proc`` given by its descriptor."""
    descriptor = os.open(name, os.O_WRONLY, dir_fd=proc)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _write_own_map(proc: int, uids: tuple[int, int], gids: tuple[int, int]) -> None:
    """Map one user and one group into the caller's new namespace: (id inside, id outside)."""
    _write(proc, "self/setgroups", "deny")  # otherwise the kernel requires CAP_SETGID outside
    _write(proc, "self/uid_map", "{} {} 1".format(*uids))
    _write(proc, "self/gid_map", "{} {} 1".format(*gids))


def _unshare_user_as_root() -> None:
    """Create a user namespace with all ids of the current one.

    Only a process that stays outside, with CAP_SETUID there, may write such a map.
    """
    parent, (ours, theirs) = os.getpid(), (os.pipe(), os.pipe())
    helper = os.fork()
    if helper == 0:
        try:
            os.read(ours[0], 1)
            for name in ("uid_map", "gid_map"):
                rows = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
                same = "".join(f"{row[0]} {row[0]} {row[2]}\n" for row in rows)
                Path(f"/proc/{parent}", name).write_text(same)
            os.write(theirs[1], b"+")
        finally:
            os._exit(0)
    os.close(theirs[1])
    try:
        linux.unshare(linux.NEW_USER)
    finally:
        os.write(ours[1], b"+")
        answer = os.read(theirs[0], 1)
        os.waitpid(helper, 0)
        for descriptor in (*ours, theirs[0]):
            os.close(descriptor)
    if answer != b"+":
        raise OSError(errno.EPERM, "root may not map its user ids into a user namespace")


def candidate_ids() -> tuple[int, int]:
    """Return the user and group id for the calling candidate.

    Root gives every candidate unique ids, made from its process id; an ordinary user keeps its own.
    """
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    own = int(
        Path("/proc/self").readlink().name
    )  # the machine's number, also in a new PID namespace
    for first, count in ((_FIRST_ID, _IDS), (_FIRST_SMALL_ID, _SMALL_IDS)):
        if _mapped("uid_map", first, count) and _mapped("gid_map", first, count):
            return first + own % count, first + own % count
    return os.geteuid(), os.getegid()


def _mapped(name: str, first: int, count: int) -> bool:
    """Return whether a range of ids exists in the caller's user namespace."""
    rows = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
    ranges = [(int(inside), int(length)) for inside, _, length in rows]
    return any(low <= first and first + count <= low + length for low, length in ranges)


def become_candidate(uid: int, gid: int, proc: int) -> None:
    """Take the candidate's ids and a user namespace that owns nothing, then drop all rights.

    The mounts, the network and the process namespace belong to the user namespace outside. So
    even a candidate that regained all capabilities of its own could not undo them.

    Parameters
    ----------
    uid, gid : int
        From `candidate_ids`.
    proc : int
        From `open_proc`, before the file system was changed.
    """
    if uid != os.geteuid():
        linux.keep_capabilities_over_setuid()
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    try:
        linux.unshare(linux.NEW_USER)
    except OSError as error:
        if error.errno != errno.ENOSPC:  # user namespaces are switched off: nesting is impossible
            raise
    else:
        # A change of ids makes root the owner of /proc/self; a "dumpable" process owns its own.
        linux.allow_dumps(True)
        _write_own_map(proc, (uid or _ORDINARY_ID, uid), (gid or _ORDINARY_ID, gid))
        with suppress(OSError):  # a container may forbid it; the system call filter also refuses
            _write(proc, "sys/user/max_user_namespaces", "0")
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    linux.allow_dumps(False)
