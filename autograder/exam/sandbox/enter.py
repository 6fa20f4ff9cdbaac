"""Enter the sandbox: turn a newly forked process into a confined candidate.

The order matters: a process namespace, the other namespaces, the file system, the user, the limits,
and last the system call filter, since it forbids calls that the other steps need.
"""

from __future__ import annotations

import errno
import os
import select
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.exam.limits import Limits
from autograder.exam.sandbox import (
    environment,
    filesystem,
    init_process,
    linux,
    rlimits,
    seccomp,
    user,
)
from autograder.exam.sandbox.allow_list import View
from autograder.exam.sandbox.cgroup import Cgroup
from autograder.exam.sandbox.errors import SandboxError

_NAMESPACES = linux.NEW_MOUNT | linux.NEW_IPC | linux.NEW_NET | linux.NEW_UTS | linux.NEW_CGROUP
_HOST = "exam"


def enter(
    view: View,
    limits: Limits,
    keep_fds: Iterable[int] = (),
    group: Cgroup | None = None,
    memory_pipe: int | None = None,
) -> Path:
    """Confine the calling process and return the scratch directory, its new working directory.

    The caller must be newly forked and have one thread only. It stays outside, waits, and ends as
    the candidate ends; the function returns in a child of it, process 1 of a new namespace. A
    signal to the caller (SIGINT, SIGTERM) reaches the candidate; when the caller or its parent
    dies, the candidate and all that it started are killed.

    Parameters
    ----------
    view : View
        The files that the candidate may read.
    limits : Limits
        The limits of the candidate. The time limits are not enforced here.
    keep_fds : iterable of int
        Descriptors above 2 that stay open. All others are closed, and 0 to 2 are ``/dev/null``.
    group : Cgroup or None
        A control group that the candidate joins. The caller does not, so that the kernel does not
        end it when the candidate's memory is used up.
    memory_pipe : int or None
        A descriptor, for the caller only, to which `init_process.MEMORY` is written when the
        candidate is killed because its processes use too much memory.

    Returns
    -------
    Path
        The scratch directory.

    Raises
    ------
    SandboxError
        If a step fails, in either of the two processes. No student code has run.
    """
    keep = sorted({fd for fd in keep_fds if fd > 2})
    with _step("make a process namespace"):
        _require_one_thread()
        user.become_capable()
        uid, gid = user.candidate_ids()
        tasks = rlimits.allowed_tasks(limits, uid)
        alive = _split(uid, limits, memory_pipe)
    with _step("join its control group"):
        if group is not None:
            group.join()
    with _step("close open descriptors"):
        _close_all_but([*keep, alive])
        _settle_signals()
        environment.scrub(filesystem.SCRATCH)
        os.setsid()  # otherwise kill(0, …) would reach the process group outside
    with _step("make namespaces for mounts, network, messages and names"):
        linux.unshare(_NAMESPACES)
        linux.set_hostname(_HOST)
    with _step("make the file system"):
        proc = user.open_proc()
        filesystem.build(view, limits)
        filesystem.give_to(uid, gid)
        filesystem.seal()
    with _step("give up all rights"):
        user.become_candidate(uid, gid, proc)
        os.close(proc)
        _follow_into_death(alive)
    with _step("set the limits"):
        rlimits.apply(limits, tasks)
        seccomp.install()
    return filesystem.SCRATCH


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Turn the errors of a step into a SandboxError that names it."""
    try:
        yield
    except OSError as error:
        raise SandboxError(
            f"the sandbox could not {what}: {error}; `autograder doctor` says why"
        ) from error


def _split(uid: int, limits: Limits, memory_pipe: int | None) -> int:
    """Fork into the process that waits outside and the candidate; return in the candidate.

    Returns a descriptor that is hung up when the process outside ends.
    """
    parent = os.getppid()
    linux.unshare(linux.NEW_PID)
    alive, alive_outside = os.pipe()
    mask = init_process.block_signals()
    pid = os.fork()
    if pid != 0:
        os.setsid()
        _close_all_but([alive_outside] if memory_pipe is None else [alive_outside, memory_pipe])
        init_process.keep(pid, parent, uid, limits, memory_pipe)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return alive


def _require_one_thread() -> None:
    """Refuse several threads with a clear message; the kernel's message is unclear."""
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise OSError(errno.EINVAL, "the calling process has several threads")


def _close_all_but(keep: Iterable[int]) -> None:
    """Close all descriptors above 2 but those to keep, and put 0 to 2 on ``/dev/null``."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for descriptor in sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        if descriptor > 2 and descriptor not in keep:
            with suppress(OSError):  # the one by which the folder was read
                os.close(descriptor)


def _settle_signals() -> None:
    """Undo the parent's signal handlers; SIGINT raises KeyboardInterrupt."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _follow_into_death(alive: int) -> None:
    """Die when the process outside dies; exit if it is dead already."""
    linux.die_with_parent(signal.SIGKILL)
    poll = select.poll()
    poll.register(alive, 0)
    if poll.poll(0):
        os._exit(1)
    os.close(alive)
