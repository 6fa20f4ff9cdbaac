"""Schedulers and workers as processes on the loopback address, to be hurt by the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent

# A worker whose versions are other ones.
OTHER = """
import importlib.metadata as metadata
from autograder.grading import exam_engine
real = metadata.version
metadata.version = lambda name: "9.9.9" if name.startswith("tensorflow") else real(name)
exam_engine.digest_of = lambda *folders: "0123456789abcdef"
from distributed.cli.dask_worker import main
main()
"""

# A worker without the kit.
WITHOUT = """
import sys
sys.modules["autograder"] = None
from distributed.cli.dask_worker import main
main()
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def until(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    """Wait until something is so.

    Raises
    ------
    TimeoutError
        If it does not come true.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come true")
        time.sleep(0.02)


class Lab:
    """One scheduler with its workers; ends all that it started."""

    def __init__(self, folder: Path, *, certificates: Path | None = None) -> None:
        self.folder = folder
        self.certificates = certificates
        self.protocol = "tls" if certificates else "tcp"
        self.port = free_port()
        self.processes: list[subprocess.Popen] = []
        self.plain: list[subprocess.Popen] = []
        self.scheduler = self.first = self.start_scheduler()

    @property
    def address(self) -> str:
        """The scheduler's."""
        return f"{self.protocol}://127.0.0.1:{self.port}"

    def start_scheduler(self) -> subprocess.Popen:
        """Start the scheduler, and wait until it listens."""
        line = ["-m", "distributed.cli.dask_scheduler", "--host", f"{self.protocol}://127.0.0.1"]
        line += [f"--port={self.port}", "--no-dashboard", *self._tls("scheduler")]
        self.scheduler = self._start(line)
        until(self._listens)
        return self.scheduler

    def start_worker(
        self, *more: str, nanny: bool = False, code: str | None = None
    ) -> subprocess.Popen:
        """Start a worker with one thread; it may come to its scheduler later."""
        line = ["-c", code] if code else ["-m", "distributed.cli.dask_worker"]
        line += [self.address, "--nthreads=1", "--no-dashboard", "--memory-limit=0"]
        line += ["--host=127.0.0.1", f"--local-directory={self.folder}", *more]
        line += self._tls("worker")
        return self._start(line if nanny else [*line, "--no-nanny"])

    def workers(self, count: int) -> list[subprocess.Popen]:
        """Return so many ordinary workers that the scheduler knows: former ones, or new ones."""
        self.plain = [one for one in self.plain if one.poll() is None]
        while len(self.plain) > count:
            _end(self.plain.pop())
        while len(self.plain) < count:
            self.plain.append(self.start_worker())
        self.registered(*self.plain)
        return list(self.plain)

    def registered(self, *workers: subprocess.Popen) -> None:
        """Wait until the scheduler knows some workers."""
        logs = [self.folder / f"{self.processes.index(one)}.log" for one in workers]
        until(lambda: all("Registered to" in log.read_text("utf-8") for log in logs))

    def reset(self) -> None:
        """End all workers but ordinary ones that are well; see that there is a scheduler."""
        keep = [one for one in self.plain if one.poll() is None and not stopped(one)]
        if self.scheduler is not self.first:
            keep = []
        for process in self.processes:
            if process is not self.scheduler and process not in keep:
                _end(process)
        self.plain = keep
        if self.scheduler.poll() is not None:
            self.start_scheduler()
        self.first = self.scheduler

    def _start(self, line: list[str]) -> subprocess.Popen:
        paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *line],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def _tls(self, role: str) -> list[str]:
        if self.certificates is None:
            return []
        names = {"ca-file": "ca", "cert": role, "key": f"{role}-key"}
        return [f"--tls-{option}={self.certificates / name}.pem" for option, name in names.items()]

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def close(self) -> None:
        """End every process, and what it has started."""
        for process in self.processes:
            _end(process)


def _end(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stopped(process: subprocess.Popen) -> bool:
    """Return whether a process was stopped by a signal."""
    return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED


class Relay:
    """A port that leads to another one, and can be cut and restored."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.mend()

    def mend(self) -> None:
        """Let connections through, from now on."""
        line = [sys.executable, str(HERE / "dask_relay.py"), str(self.port), str(self.target)]
        self.process = subprocess.Popen(line)

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
