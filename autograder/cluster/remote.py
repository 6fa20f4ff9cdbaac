"""Code that runs on a worker: one proctor for each engine, and the exams.

A worker is prepared by `enter` before it gets a submission. Calls are sent as bytes (`call`) that
only the worker unpickles, so the scheduler does not need the kit.
"""

from __future__ import annotations

import asyncio
import hashlib
import pickle
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker
from distributed.utils import sync
from tornado.ioloop import PeriodicCallback

from autograder.cluster.payload import pack_answer, unpack
from autograder.cluster.versions import differences, installed
from autograder.errors import AutograderError
from autograder.grading.engine import Engine
from autograder.grading.scratch import scratch_folder
from autograder.removal import remove

#: Seconds after which an unused proctor is stopped; the next exam starts another.
IDLE_S = 600.0


class _Call:
    """A call that is made when it is unpickled."""

    def __init__(self, function: Callable[..., Any], *given: Any) -> None:
        self.parts = (function, given)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.parts


def call(function: Callable[..., Any], *given: Any) -> bytes:
    """Return a call as bytes: ``pickle.loads`` makes the call and returns its result."""
    return pickle.dumps(_Call(function, *given))


class ProctorPlugin(WorkerPlugin):
    """Keeps one engine's proctor on a worker, and the scratch folder of its submissions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.refusal: str | None = None
        self.runs: set[str] = set()
        self.active = 0
        self._guard = threading.Lock()
        self._stack = ExitStack()
        self._used = time.monotonic()

    async def setup(self, worker: Worker) -> None:
        """Start the proctor; if no exam can run, keep the reason."""
        del worker
        try:
            self.scratch = self._stack.enter_context(scratch_folder())
            if start := getattr(self.engine, "start", None):
                await asyncio.to_thread(start)
        except Exception as error:  # with any error, this worker runs no exam
            self.refusal = one_line(error)
        self._rest = PeriodicCallback(self.rest, 60_000)
        self._rest.start()

    async def teardown(self, worker: Worker) -> None:
        """Stop the proctor and the exams in progress."""
        del worker
        self._rest.stop()
        await asyncio.to_thread(self._stop)
        self._stack.close()

    async def rest(self) -> None:
        """Stop a proctor that has been idle for a long time, e.g. since its command was killed."""
        if not self.active and time.monotonic() - self._used > IDLE_S:
            await asyncio.to_thread(self._stop)

    def examine(self, payload: bytes) -> bytes | str:
        """Examine one submission; return the packed result, or why the exam failed to run."""
        self._count(1)
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            return pack_answer(self.engine.examine(unpack(payload, folder)))
        except Exception as error:  # with any error, the command decides where to try again
            return one_line(error)
        finally:
            remove(folder, ignore_errors=True)
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._guard:
            self.active += change
            self._used = time.monotonic()

    def _stop(self) -> None:
        if stop := getattr(self.engine, "stop", None):
            stop()


def enter(wanted: dict[str, str], engine: bytes, run: str) -> str | None:
    """Prepare this worker for a run of an engine; return why it refuses, or None.

    Parameters
    ----------
    wanted
        The versions of the command, by name.
    engine
        The pickled engine; it is not unpickled if versions differ.
    """
    if found := differences(wanted, installed()):
        return found
    worker, name = get_worker(), plugin_name(engine)
    plugin = worker.plugins.get(name)
    if plugin is None:
        plugin = ProctorPlugin(pickle.loads(engine))
        sync(worker.loop, worker.plugin_add, plugin=plugin, name=name)
    plugin.runs.add(run)
    if plugin.refusal:
        sync(worker.loop, worker.plugin_remove, name=name)
    return plugin.refusal


def examine(name: str, payload: bytes) -> bytes | str | None:
    """Examine a submission on this worker; None if the worker was not prepared."""
    plugin = get_worker().plugins.get(name)
    return plugin.examine(payload) if plugin else None


async def leave(name: str, run: str, dask_worker: Worker) -> None:
    """Stop the proctor and its exams, unless another run is using it."""
    plugin = dask_worker.plugins.get(name)
    if plugin is None:
        return
    plugin.runs.discard(run)
    if not plugin.runs:
        await dask_worker.plugin_remove(name=name)


def plugin_name(engine: bytes) -> str:
    """Return the plug-in's name on every worker, one for each engine."""
    return f"autograder-{hashlib.sha256(engine).hexdigest()[:12]}"


def one_line(error: BaseException) -> str:
    """Return an exception in one line."""
    first = next(iter(str(error).strip().splitlines()), "")
    return str(error) if isinstance(error, AutograderError) else f"{type(error).__name__}: {first}"
