"""The proctor: imports the libraries once, then forks candidates and examiners, and reaps them.

Started as a process of its own (``python -m autograder.exam.processes.proctor FD``). It receives no
cell of a notebook and holds no secret, so neither do its forks.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.exam import candidate, examiner, sandbox
from autograder.exam.limits import Limits
from autograder.exam.notebook.determinism import make_deterministic
from autograder.exam.notebook.random_seeds import plant
from autograder.exam.notebook.shell import ExamShell, make_shell
from autograder.exam.processes import huge_pages, process_tree
from autograder.exam.processes.confine import Confinement
from autograder.exam.sandbox import cgroup
from autograder.exam.sandbox.allow_list import View
from autograder.exam.sandbox.cgroup import Cgroup
from autograder.exam.sandbox.init_process import MEMORY

LIBRARIES = (
    "numpy",
    "matplotlib.pyplot",
    "tensorflow",
    "keras",
    "nnkit.checks",
    "nnkit.plots",
    "nnkit.datasets",
)
_MESSAGE = 1 << 16


@dataclass
class _Child:
    pid: int
    pidfd: int
    report: int
    memory: int
    group: Cgroup | None


class Proctor:
    """Serves orders from the control socket until its other end closes."""

    def __init__(self, control: socket.socket, shell: ExamShell, view: View | None) -> None:
        self.control = control
        self.shell = shell
        self.view = view
        self.children: dict[int, _Child] = {}
        self.groups: list[Cgroup] = []
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def serve(self) -> None:
        """Fork and reap; return when the control socket is closed."""
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor in self.children:
                    self._reap(self.children.pop(descriptor))
                elif not self._obey():
                    living = [child.group for child in self.children.values() if child.group]
                    cgroup.remove(self.groups + living)
                    return

    def _obey(self) -> bool:
        order = self.control.recv(_MESSAGE)
        if not order:
            return False
        self._fork(**json.loads(order))
        return True

    def _fork(self, role: str, limits: dict[str, Any], files: str | None) -> None:
        """Fork a child; send its socket, its pidfd and the pipe for the report of its end."""
        ours, theirs = socket.socketpair()
        report, report_in = os.pipe()
        memory, memory_in = os.pipe()
        parent, allowed, group = os.getpid(), Limits(**limits), None
        if role == "candidate":
            group = cgroup.create(allowed)
            confinement = Confinement(self.view, Path(files) if files else None, group, memory_in)
            serve = functools.partial(candidate.serve, theirs, self.shell, allowed, confinement)
        else:
            serve = functools.partial(examiner.serve, theirs, self.shell, allowed)
        try:
            pid = os.fork()
        except OSError as error:
            self.control.send(json.dumps({"error": str(error)}).encode())
            for descriptor in (
                report,
                report_in,
                memory,
                memory_in,
                ours.detach(),
                theirs.detach(),
            ):
                os.close(descriptor)
            self._remove(group)
            return
        if pid == 0:
            _live(serve, parent, keep=[theirs.fileno(), memory_in])
        os.set_blocking(memory, False)
        child = _Child(pid, os.pidfd_open(pid), report=report_in, memory=memory, group=group)
        self.children[child.pidfd] = child
        self.poll.register(child.pidfd, select.POLLIN)
        reply = json.dumps({"pid": pid, "cgroup": str(group.path) if group else None}).encode()
        with suppress(OSError):  # the exam pool has closed the control socket
            socket.send_fds(self.control, [reply], [ours.fileno(), child.pidfd, report])
        for descriptor in (report, memory_in, ours.detach(), theirs.detach()):
            os.close(descriptor)

    def _reap(self, child: _Child) -> None:
        """Reap a child that has ended, kill its leftover processes, and report what it used."""
        self.poll.unregister(child.pidfd)
        _, status, usage = os.wait4(child.pid, 0)
        report = {
            "status": os.waitstatus_to_exitcode(status),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_bytes": usage.ru_maxrss * 1024,
            "exhausted": self._exhausted(child),
        }
        process_tree.kill_strays({other.pid for other in self.children.values()})
        with suppress(OSError):
            os.write(child.report, json.dumps(report).encode())
        for descriptor in (child.report, child.pidfd, child.memory):
            os.close(descriptor)
        self._remove(child.group)

    @staticmethod
    def _exhausted(child: _Child) -> bool:
        """Whether it was killed for its memory, by the kernel or by its sandbox."""
        with suppress(BlockingIOError):
            if os.read(child.memory, len(MEMORY)) == MEMORY:
                return True
        return child.group is not None and child.group.exhausted

    def _remove(self, group: Cgroup | None) -> None:
        """Remove a control group, and earlier ones that still held dying processes."""
        self.groups += [group] if group else []
        self.groups = [each for each in self.groups if not each.close()]


def _live(serve: Callable[[], None], parent: int, keep: list[int]) -> NoReturn:
    """Become a candidate or an examiner, with no descriptors but those to keep. Never returns."""
    status = 1
    try:
        process_tree.die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        process_tree.close_all_but(keep)
        serve()
        status = 0
    except BaseException:
        traceback.print_exc()  # to the exam pool's log, as long as stderr points to it
    finally:
        sys.stderr.flush()
        os._exit(status)


def _forget_style() -> None:
    """Undo the changes that importing `nnkit.plots` makes to Matplotlib.

    A cell that imports it makes them again; without that import, Matplotlib has its own settings,
    as in a notebook.
    """
    import matplotlib

    import nnkit

    matplotlib.rcdefaults()
    del sys.modules["nnkit.plots"], nnkit.plots


def main() -> None:
    """Import the libraries, report that the proctor is ready, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in LIBRARIES:
        importlib.import_module(name)
    make_deterministic()
    plant(0)  # the first call takes 20 ms, which each child would need again
    shell = make_shell()
    _forget_style()
    view = sandbox.default_view() if sys.argv[2] == "required" else None
    process_tree.adopt_orphans()
    gc.collect()
    gc.freeze()  # otherwise a collection in a child would copy every page of the libraries
    huge_pages.gather()
    threads = len(list(Path("/proc/self/task").iterdir()))
    control.send(json.dumps({"ready": True, "threads": threads}).encode())
    cgroup.sweep()
    Proctor(control, shell, view).serve()


if __name__ == "__main__":
    main()
