"""The exam pool's connection to the proctor: start it, order forks, learn how they ended."""

from __future__ import annotations

import dataclasses
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError, NotHeld
from autograder.exam.limits import Limits
from autograder.exam.notebook.once_cache import OnceCache
from autograder.exam.processes import process_tree
from autograder.exam.sandbox import environment
from autograder.exam.sandbox.cgroup import Cgroup

# On any machine, only a proctor that hangs takes this long.
START_S = 900.0
FORK_S = 300.0
_REPORT_S = 120.0
_MESSAGE = 1 << 16


class ProctorLost(Exception):
    """The proctor has died; another one can be started."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and the resources it used."""

    status: int
    cpu_s: float
    peak_bytes: int
    exhausted: bool = False
    by_us: bool = False

    @property
    def by_kill(self) -> bool:
        """Whether SIGKILL ended it, for any reason but its memory."""
        return self.status == -signal.SIGKILL and not self.exhausted

    @property
    def killed(self) -> bool:
        """Whether it was killed neither by this process nor by a limit."""
        return self.by_kill and not self.by_us

    @property
    def forbidden(self) -> bool:
        """Whether the sandbox ended it, for a system call that it refuses."""
        return self.status == -signal.SIGSYS and not self.exhausted

    @property
    def how(self) -> str:
        """The end as a sentence; "" if this process killed it."""
        if self.exhausted:
            return "it and what it started used up their memory"
        if self.by_kill:
            return ""
        if self.status < 0:
            return process_tree.crashed(signal.Signals(-self.status))
        return f"it ended by itself (exit status {self.status})"


class Child:
    """A forked candidate or examiner: its socket and its pidfd."""

    def __init__(
        self, pid: int, sock: socket.socket, pidfd: int, report: int, group: Cgroup | None = None
    ) -> None:
        self.pid = pid
        self.group = group
        self.sock = sock
        self._pidfd = pidfd
        self._report = report
        self._ended: Ended | None = None
        self.proctor_lost = False

    @property
    def gone(self) -> bool:
        """Whether its end of the socket is closed, for example because it has ended."""
        poll = select.poll()
        poll.register(self.sock, 0)
        return bool(poll.poll(0))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the process still lives."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)

    def end(self, patience_s: float = 0.0) -> Ended:
        """Close the socket, kill the process if it does not end in time, and wait for its end.

        ``proctor_lost`` is then True if it died because its proctor did.
        """
        if self._ended is None:
            self.sock.close()
            cpu_s, by_us = 0.0, False
            if not _readable(self._report, patience_s):
                # If a sandbox's outer process is killed, it does not learn what the inner one used.
                cpu_s = process_tree.cpu_of_descendants(self.pid)
                self.signal(signal.SIGKILL)
                by_us = True
            ended = self._read_report()
            self._ended = dataclasses.replace(ended, cpu_s=ended.cpu_s + cpu_s, by_us=by_us)
            os.close(self._pidfd)
            os.close(self._report)
        return self._ended

    def _read_report(self) -> Ended:
        if not _readable(self._report, _REPORT_S):
            return Ended(-signal.SIGKILL, 0.0, 0)
        data = os.read(self._report, _MESSAGE)
        if not data:  # the proctor died and closed the pipe
            self.proctor_lost = True
            return Ended(-signal.SIGKILL, 0.0, 0)
        return Ended(**json.loads(data))


def _readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(int(seconds * 1000)))


class ProctorClient:
    """A running proctor. Several threads may order forks.

    Attributes
    ----------
    once_cache
        Results that given cells have computed in its children; the same libraries give the same
        results.
    """

    def __init__(self, limits: Limits, sandbox: str) -> None:
        self.once_cache = OnceCache()
        self._limits = dataclasses.asdict(limits)
        self._lock = threading.Lock()
        self._ready = False
        self._home = Path(tempfile.mkdtemp(prefix="proctor-"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = self._start(theirs, sandbox)

    def _start(self, control: socket.socket, sandbox: str) -> subprocess.Popen:
        """Start it with a clean environment and the interpreter's own import search path."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
        env = environment(self._home) | {
            "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR") or str(cache),
            "KERAS_HOME": str(self._home),
        }
        command = [sys.executable, "-s", "-P", "-m", "autograder.exam.processes.proctor"]
        return subprocess.Popen(
            [*command, str(control.fileno()), sandbox],
            env=env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=[control.fileno()],
            start_new_session=True,
        )

    def fork(self, role: str, files: Path | None = None) -> Child:
        """Order the fork of a candidate or an examiner.

        Raises
        ------
        ProctorLost
            If the proctor is gone, or did not start.
        NotHeld
            If the process cannot be forked.
        """
        order = {"role": role, "limits": self._limits, "files": str(files) if files else None}
        with self._lock:
            self._await_ready()
            try:
                self._control.send(json.dumps(order).encode())
                reply, descriptors = self._receive(FORK_S)
            except OSError as error:
                raise ProctorLost(str(error)) from error
        if "error" in reply:
            raise NotHeld(f"the exam could not start a process ({reply['error']}): use fewer jobs")
        sock, pidfd, report = descriptors
        group = Cgroup(Path(reply["cgroup"])) if reply["cgroup"] else None
        return Child(reply["pid"], socket.socket(fileno=sock), pidfd, report, group)

    def _receive(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        self._control.settimeout(seconds)
        data, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, 3)
        if not data:
            raise ProctorLost("the proctor has ended")
        return json.loads(data), descriptors

    def _await_ready(self) -> None:
        """Wait until the libraries are imported; only the first order has to."""
        if self._ready:
            return
        try:
            reply, _ = self._receive(START_S)
        except (ProctorLost, OSError) as error:
            self.close()
            raise ProctorLost(f"it did not start ({error}): {self._last_words()}") from error
        if reply["threads"] != 1:
            self.close()
            raise AutograderError(
                "the exam's proctor has several threads and must not be forked: a library starts "
                "threads when it is imported; report this with the versions of your libraries"
            )
        shutil.rmtree(self._home, ignore_errors=True)
        self._ready = True

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it printed nothing"

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the proctor and all of its forks. May be called again."""
        self._control.close()
        deadline = time.monotonic() + 2
        while self.alive and time.monotonic() < deadline and self._ready:
            time.sleep(0.01)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)
