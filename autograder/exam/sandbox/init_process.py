"""The process outside that waits for a candidate: it passes signals in and the end out."""

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
    """Hold back the signals that `keep` waits for; return the former mask."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored, it would take the exit status away
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED))


def keep(pid: int, parent: int, uid: int, limits: Limits, tell: int | None) -> NoReturn:
    """Wait for a candidate, kill it when its family uses too much memory, and end as it ended.

    The caller must have used `block_signals` before the fork. It keeps no descriptor but 0 to 2
    and no right that it doesn't need.

    Parameters
    ----------
    pid : int
        The candidate, the first process of its namespace: with it all others in there end.
    parent : int
        The caller's parent; if it has died meanwhile, the candidate is killed.
    uid : int
        The candidate's user id; the caller takes it, so that it may send it signals.
    limits : Limits
        All processes together may use twice ``memory_bytes``.
    tell : int or None
        A descriptor to which `MEMORY` is written if they use more.
    """
    if uid != os.geteuid():
        os.setresuid(uid, uid, uid)
    linux.drop_capabilities()
    linux.forbid_new_privileges()
    linux.allow_dumps(False)
    linux.die_with_parent(signal.SIGKILL)  # after the ids: a change of them undoes it
    if os.getppid() != parent:
        os._exit(1)
    ended, status = 0, 0
    while not ended:
        event = signal.sigtimedwait(_WATCHED, _INTERVAL_S)
        if event is None and memory_used(pid) > 2 * limits.memory_bytes:
            if tell is not None:
                os.write(tell, MEMORY)
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
