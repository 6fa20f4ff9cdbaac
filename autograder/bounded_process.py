"""Process what a student wrote in a child process with limits on time and memory.

The kernel counts processor time and address space, also inside a regular expression, where no
signal handler of Python would run. One process serves call after call; a new one starts only after
the last one ended. It is a fresh interpreter, not a fork, since the caller may have threads.
"""

from __future__ import annotations

import atexit
import functools
import pickle
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeVar

from autograder.errors import AutograderError
from autograder.serverless import leave_out_server

CPU_S = 20.0
# For a call that sleeps, or a machine that is busy with other work.
PATIENCE_S = 600.0
MEMORY_BYTES = 2 << 30
MOST_DETAIL = 4_000

_START = (
    "import sys; sys.path[:] = {path!r}; "
    "from autograder.bounded_process import serve; serve({channel})"
)
Result = TypeVar("Result")


class Exceeded(Exception):
    """The call gave no result; the text says why, as the end of a sentence.

    ``detail`` is for the person who runs the program: it may quote the student's text.
    """

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why)
        self.detail = detail or why


class Bounded:
    """A child process that makes one call at a time. Several threads may call.

    Parameters
    ----------
    cpu_s, patience_s
        Seconds that a call may take: processor time, and time by the clock.
    memory_bytes
        Address space that a call may take, on top of the interpreter's own.
    """

    def __init__(
        self,
        cpu_s: float = CPU_S,
        memory_bytes: int = MEMORY_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.cpu_s, self.memory_bytes, self.patience_s = cpu_s, memory_bytes, patience_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Connection | None = None

    def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Call a module's function in the child process and return its result.

        The function, its arguments and its result are pickled.

        Raises
        ------
        Exceeded
            If there is no result: the call takes too long or too much memory, or fails.
        AutograderError
            If the function raises one, or no process can be started.
        """
        try:
            order = pickle.dumps((self.cpu_s, self.memory_bytes, function, args))
        except RecursionError:
            raise Exceeded("it is nested too deep") from None
        with self._lock:
            try:
                good, result = self._answer(order)
            except BaseException:
                self._end()
                raise
        if not good:
            raise result if isinstance(result, AutograderError) else Exceeded(*result)
        return result

    def close(self) -> None:
        """End the process; a later call starts another one."""
        with self._lock:
            self._end()

    def _answer(self, order: bytes) -> tuple[bool, Any]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._start()
        try:
            self._channel.send_bytes(order)
            if not self._channel.poll(self.patience_s):
                raise Exceeded(f"it did not end within {self.patience_s:g} s")
            return pickle.loads(self._channel.recv_bytes())
        except (EOFError, OSError):
            raise Exceeded(self._how()) from None

    def _start(self) -> None:
        self._channel, theirs = Pipe()
        start = _START.format(path=sys.path, channel=theirs.fileno())
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", start],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C ends the parent, and the parent ends the child
            )
        except OSError as error:
            raise AutograderError(
                f"No process could be started ({error.strerror}). Close other programs, try again."
            ) from error
        finally:
            theirs.close()

    def _how(self) -> str:
        """Return why the process ended, as the end of a sentence."""
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            return "the process that makes it does not answer"
        if status == -signal.SIGXCPU:
            return f"it takes more than {self.cpu_s:g} s of processor time"
        name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"the process that makes it ended ({name})"

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._channel.close()
            self._process = self._channel = None


@functools.cache
def shared() -> Bounded:
    """Return the process in which this program makes all pages and reports."""
    bounded = Bounded()
    atexit.register(bounded.close)
    return bounded


def serve(channel: int) -> None:
    """Answer calls until the parent process closes the channel."""
    leave_out_server()  # for the modules that a call imports
    connection = Connection(channel)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            order = connection.recv_bytes()
        except EOFError:
            return
        try:
            cpu_s, memory_bytes, function, args = pickle.loads(order)
            _limit(cpu_s, memory_bytes)
            answer = pickle.dumps((True, function(*args)))
        except AutograderError as error:
            answer = pickle.dumps((False, AutograderError(str(error))))
        except MemoryError:
            why = f"it takes more than {memory_bytes >> 20} MiB of memory"
            answer = pickle.dumps((False, (why,)))
        except Exception as error:
            why = f"it cannot be read ({type(error).__name__})"
            answer = pickle.dumps((False, (why, traceback.format_exc()[-MOST_DETAIL:])))
        connection.send_bytes(answer)
        order = answer = args = None


def _limit(cpu_s: float, memory_bytes: int) -> None:
    """Set the limits of one call, on top of what the process has used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + cpu_s) + 1)
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
        own = int(file.read().split()[0]) * resource.getpagesize()
    _lower(resource.RLIMIT_AS, own + memory_bytes)


def _lower(limit: int, value: int) -> None:
    """Set a resource limit, but not above the machine's hard limit."""
    _, most = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if most == resource.RLIM_INFINITY else min(value, most), most))
