"""The fork server: imports the libraries once, and forks a kernel at each request.

Runs as a script (``python forkserver.py FD``), as the account whose kernels it forks. It has one
thread, runs no operation of TensorFlow, and ends when the other end of its socket is closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What notebooks import, and what a kernel imports when it starts. Without nnkit, which imports
# quickly and whose nnkit.plots changes Matplotlib's style for notebooks that import it. Without
# matplotlib_inline, which looks for the kernel's shell when it is imported.
LIBRARIES = (
    "numpy.random",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "tensorflow",
    "keras",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "jedi",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
)
INLINE = "module://matplotlib_inline.backend_inline"
_MESSAGE = 1 << 20


@dataclass
class _Kernel:
    """A forked kernel: its process, and the socket to the server that requested it."""

    pid: int
    pidfd: int
    sock: socket.socket


class ForkServer:
    """Forks kernels for the server at the other end of a socket."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)
        self.running: dict[int, _Kernel] = {}  # by pidfd
        self.ended: dict[int, _Kernel] = {}  # by socket: not yet reaped

    def serve(self) -> tuple[dict[str, Any], socket.socket] | None:
        """Fork and reap kernels until the server has ended: then return None.

        In each kernel, return the request and its socket.
        """
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor in self.running:
                    self._tell(self.running.pop(descriptor))
                elif descriptor in self.ended:
                    self._reap(self.ended.pop(descriptor))
                else:
                    data, descriptors, _, _ = socket.recv_fds(self.control, _MESSAGE, 1)
                    if not data:
                        return None
                    sock = socket.socket(fileno=descriptors[0])
                    sock.set_inheritable(False)
                    if self._is_kernel(sock):
                        return json.loads(data), sock

    def _is_kernel(self, sock: socket.socket) -> bool:
        """Fork; return whether this process is the kernel."""
        try:
            pid = os.fork()
        except OSError:  # too many processes, or too little memory
            sock.close()
            return False
        if pid == 0:
            self._forget()
            return True
        kernel = _Kernel(pid, os.pidfd_open(pid), sock)
        self.running[kernel.pidfd] = kernel
        self.poll.register(kernel.pidfd, select.POLLIN)
        return False

    def _forget(self) -> None:
        """Close, in a kernel, the descriptors of the fork server and of other kernels."""
        self.control.close()
        for kernel in (*self.running.values(), *self.ended.values()):
            os.close(kernel.pidfd)
            kernel.sock.close()

    def _tell(self, kernel: _Kernel) -> None:
        """Report how a kernel ended. It is reaped later, so no other process gets its id."""
        self.poll.unregister(kernel.pidfd)
        end = os.waitid(os.P_PIDFD, kernel.pidfd, os.WEXITED | os.WNOWAIT)
        status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
        with contextlib.suppress(OSError):
            kernel.sock.send(json.dumps({"status": status}).encode())
        self.ended[kernel.sock.fileno()] = kernel
        self.poll.register(kernel.sock, 0)  # a closed other end is always reported

    def _reap(self, kernel: _Kernel) -> None:
        self.poll.unregister(kernel.sock)
        os.waitid(os.P_PIDFD, kernel.pidfd, os.WEXITED)
        os.close(kernel.pidfd)
        kernel.sock.close()


def warm_up() -> dict[str, str]:
    """Import the libraries in the same state as in a kernel.

    Return the variables that they set.
    """
    before = dict(os.environ)
    # A cold kernel sets these before a notebook imports anything.
    os.environ.setdefault("MPLBACKEND", INLINE)
    sys.ps1, sys.ps2, sys.ps3 = "In : ", "...: ", "Out: "
    for name in LIBRARIES:
        importlib.import_module(name)
    # The first figure reads the list of fonts. pyplot does not know this one, and it has no
    # formula, whose fonts Matplotlib would keep open in the kernels.
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.plot([0, 1])
    axes.set(title="warm", xlabel="up")
    axes.figure.savefig(io.BytesIO())
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def other_threads() -> list[str]:
    """Return the names of threads that a fork would lose.

    OpenBLAS ends its threads at a fork, and starts them again when they are needed.
    """
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    own = str(os.getpid())
    tasks = [task for task in Path("/proc/self/task").iterdir() if task.name != own]
    return [(task / "comm").read_text().strip() for task in tasks]


def become_kernel(order: dict[str, Any], sock: socket.socket, variables: dict[str, str]) -> None:
    """Set this process up as a cold start would, and send its id to the server."""
    os.setsid()
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"] | variables)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = order["command"]
    sys.orig_argv = list(command)
    launcher = importlib.util.find_spec("ipykernel_launcher").origin
    sys.argv = [launcher, *order["arguments"]]
    del sys.ps1, sys.ps2, sys.ps3
    sys.modules["numpy"].random.seed()  # Python seeds its own generator again at every fork
    pidfd = os.pidfd_open(os.getpid())
    socket.send_fds(sock, [json.dumps({"pid": os.getpid()}).encode()], [pidfd])
    os.close(pidfd)


def run_kernel(arguments: list[str], sock: socket.socket, handlers: list[Any]) -> None:
    """Run the kernel until it is shut down."""
    from ipykernel.kernelapp import IPKernelApp

    class WarmKernelApp(IPKernelApp):
        def init_poller(self) -> None:
            """End with the server that requested the kernel, not with the fork server."""
            self.poller = threading.Thread(target=_end_with, args=(sock,), daemon=True)

        def init_io(self) -> None:
            """Show the libraries' log messages in the notebook."""
            streams = {sys.stdout: "stdout", sys.stderr: "stderr"}
            named = [(one, streams.get(one.stream)) for one in handlers]
            super().init_io()
            for handler, name in named:
                if name:
                    handler.setStream(getattr(sys, name))

    # A handle other than 0 tells the kernel that it has a frontend.
    WarmKernelApp.launch_instance(arguments, parent_handle=1)


def _end_with(sock: socket.socket) -> None:
    waiting = select.poll()
    waiting.register(sock, 0)
    waiting.poll()
    os._exit(1)


def main() -> None:
    """Import the libraries and serve; in a forked process, run the kernel."""
    del sys.path[0]  # this file's folder, which a kernel does not have
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    variables = warm_up()
    lost = other_threads()
    if lost:
        sys.exit(f"Kernels start cold: a library has started threads ({', '.join(lost)}).")
    handlers = [
        handler
        for handler in (reference() for reference in logging._handlerList)
        if isinstance(handler, logging.StreamHandler)
    ]
    gc.collect()
    gc.freeze()  # else a garbage collection in a kernel would copy every page of the libraries
    asked = ForkServer(control).serve()
    if asked is None:
        os._exit(0)
    order, sock = asked
    become_kernel(order, sock, variables)
    run_kernel(order["arguments"], sock, handlers)


if __name__ == "__main__":
    main()
