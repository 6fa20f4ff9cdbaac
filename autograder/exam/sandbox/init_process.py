"""The process outside that waits for a candidate: it forwards signals and the exit status."""

from __future__ import annotations

import os
import resource
import signal
from typing import NoReturn

from autograder.exam.limits import Limits
from autograder.exam.sandbox import linux
from autograder.exam.sandbox.rlimits import memory_used

_PASSED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
_WATCHED = {*_PASSED, signal.SIGCHLD}
_INTERVAL_S = 0.25
MEMORY = b"memory"


def block_signals() -> set[signal.Signals]:
    """Block the signals that `keep` waits for; return the former mask."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it is ignored, the exit status is lost
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED))


def keep(pid: int, parent: int, uid: int, limits: Limits, memory_pipe: int | None) -> NoReturn:
    """Wait for a candidate, kill it if its processes use too much memory, and end as it ended.

    The caller must have called `block_signals` before the fork. It keeps only the descriptors 0 to
    2 and the rights that it needs.

    Parameters
    ----------
    pid : int
        The candidate, the first process of its namespace: all others in it end with it.
    parent : int
        The caller's parent; if it has died meanwhile, the candidate is killed.
    uid : int
        The candidate's user id; the caller takes it, so that it may send it signals.
    limits : Limits
        All processes together may use twice ``memory_bytes``.
    memory_pipe : int or None
        A descriptor to which `MEMORY` is written if they use more.
    """
    if uid != os.geteuid():
        os.setresuid(uid, uid, uid)
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    linux.allow_dumps(False)
    linux.die_with_parent(signal.SIGKILL)  # after the ids, since changing them resets it
    if os.getppid() != parent:
        os._exit(1)
    ended, status = 0, 0
    while not ended:
        event = signal.sigtimedwait(_WATCHED, _INTERVAL_S)
        if event is None and memory_used(pid) > 2 * limits.memory_bytes:
            if memory_pipe is not None:
                os.write(memory_pipe, MEMORY)
            os.kill(pid, signal.SIGKILL)
        elif event is not None and event.si_signo in _PASSED:
            os.kill(pid, event.si_signo)
        ended, status = os.waitpid(pid, os.WNOHANG)
    _end_like(status)


def _end_like(status: int) -> NoReturn:
    """End with another process's exit code, or by the signal that ended it."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))
