"""The Jupyter server's side of the fork server: request a kernel, and control its process."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Frozen modules hide breakpoints from a debugger; the kernel's specification disables them, too.
PYTHON = (sys.executable, "-Xfrozen_modules=off")
# Waiting for a fork server that is still importing is quicker than a cold start.
PATIENCE_S = 30
REPLY_S = 5
_UNKNOWN = 1


class ForkServer:
    """A process that has the libraries imported and forks kernels.

    The socket to it has no name, so no other process can send it a request.

    Parameters
    ----------
    environment
        The variables while the libraries are imported. Default: those of this process.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self.environment = dict(os.environ if environment is None else environment)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(REPLY_S)
        with theirs:
            self.process = subprocess.Popen(
                [*PYTHON, str(Path(__file__).with_name("forkserver.py")), str(theirs.fileno())],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",  # where no file of a student can replace a library or its settings
            )

    def fork(self, command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> Forked:
        """Fork a kernel and return its process; wait while the libraries are being imported.

        Parameters
        ----------
        command
            The command that starts it cold.
        cwd, environment
            Its folder and its variables.

        Raises
        ------
        OSError
            If the fork server gives no kernel.
        """
        order = {"command": list(command), "cwd": str(cwd), "env": dict(environment)}
        order["arguments"] = order["command"][order["command"].index("ipykernel_launcher") + 1 :]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                socket.send_fds(self._control, [json.dumps(order).encode()], [theirs.fileno()])
            ours.settimeout(PATIENCE_S)
            reply, descriptors, _, _ = socket.recv_fds(ours, 1 << 12, 1)
            if not descriptors:
                raise ConnectionResetError("the fork server forked no kernel")
        except BaseException:
            ours.close()
            raise
        os.set_inheritable(descriptors[0], False)
        return Forked(json.loads(reply)["pid"], descriptors[0], ours)

    def stop(self) -> None:
        """End the fork server; its kernels go on."""
        self._control.close()
        self.process.wait()


class Forked:
    """A kernel's process, no child of this one, with the interface of ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pidfd: int, sock: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._pidfd = pidfd
        self._sock = sock

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal, or None while it runs."""
        if self.returncode is None and self._has_ended(0):
            self.returncode = self._status()
            os.close(self._pidfd)
            self._sock.close()  # another process may get its id from now on
        return self.returncode

    def wait(self) -> int | None:
        """Wait until it has ended; return its exit status."""
        if self.returncode is None:
            self._has_ended(None)
        return self.poll()

    def send_signal(self, signum: int) -> None:
        """Send a signal to this process only."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._pidfd, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, timeout_ms: int | None) -> bool:
        waiting = select.poll()
        waiting.register(self._pidfd, select.POLLIN)
        return bool(waiting.poll(timeout_ms))

    def _status(self) -> int:
        """Return the exit status that the fork server reports, if it could report one."""
        self._sock.settimeout(REPLY_S)
        try:
            return json.loads(self._sock.recv(1 << 12) or "{}").get("status", _UNKNOWN)
        except OSError:
            return _UNKNOWN
