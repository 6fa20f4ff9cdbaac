"""The engine that grades by the exam: student code and tests run in separate processes."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import platform
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from traitlets.config import Config

import nnkit
from autograder import exam, gradebook, grading, submissions, topics
from autograder.course.sections import configured
from autograder.errors import AutograderError
from autograder.exam import sandbox as exam_sandbox
from autograder.exam.exam import Trace
from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from autograder.exam.results import ExamResult
from autograder.exam.sandbox import Availability
from autograder.grading.engine import Job
from autograder.grading.exam_limits import ExamLimits

# Packages that may change the outcome of a test, next to our own sources.
_PACKAGES = ("ipython", "keras", "matplotlib", "msgpack", "nbformat", "nbgrader", "numpy")
_TENSORFLOW = ("tensorflow", "tensorflow-cpu")


class _Held:
    """The engine's exam pool in this process; it is not pickled with the engine."""

    def __init__(self) -> None:
        self.guard = threading.Lock()
        self.exam_pool: ExamPool | None = None

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), ()


@dataclass(frozen=True)
class ExamEngine:
    """Examine through one exam pool, from any number of threads.

    Pickling the engine keeps the settings and drops the exam pool: on a cluster, each worker makes
    its own pool with its own proctor.
    """

    limits: Limits = field(default_factory=Limits)
    sandbox: str = "required"
    _held: _Held = field(default_factory=_Held, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, config: Config, **chosen: float | str | None) -> ExamEngine:
        """Return the engine that a course configures; ``chosen`` overrides the configuration.

        Raises
        ------
        AutograderError
            If a limit is invalid.
        """
        settings = configured(ExamLimits, config, "exam limit", **chosen)
        return cls(settings.limits, settings.sandbox)

    @property
    def version(self) -> str:
        """A text that changes whenever a grade may: sources, packages and limits."""
        return json.dumps([installed(), dataclasses.asdict(self.limits), self.sandbox])

    def start(self) -> None:
        """Make sure that an exam can be held here, and start the proctor.

        The proctor imports its libraries, which takes seconds, while the caller goes on. Without
        this call, the first exam starts it.

        Raises
        ------
        AutograderError
            As `check` does.
        """
        self.check()
        self.exam_pool().start()

    def check(self) -> None:
        """Make sure that an exam can be held here.

        Raises
        ------
        AutograderError
            If the sandbox is required and not available; the message has reason and remedy.
        """
        if self.sandbox == "required" and not (found := _available()).ok:
            raise AutograderError(
                f"Student code cannot be confined on this machine, so nothing was graded: "
                f"{found.reason}. To fix it: {found.remedy}."
            )

    def run(
        self,
        notebook: NotebookNode,
        folder: Path,
        given: Sequence[str] = (),
        trace: Trace | None = None,
    ) -> ExamResult:
        """Hold the exam for one notebook; see `ExamPool.examine`."""
        return self.exam_pool().examine(notebook, files=folder, given=given, trace=trace)

    def examine(self, job: Job, trace: Trace | None = None) -> ExamResult:
        """Hold the exam for one submission."""
        return self.run(job.notebook, job.folder, job.given, trace)

    def stop(self) -> None:
        """End the proctor and all its forks, including exams in progress."""
        with self._held.guard:
            exam_pool, self._held.exam_pool = self._held.exam_pool, None
        atexit.unregister(self.stop)
        if exam_pool is not None:
            exam_pool.stop()

    def stop_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the exams in progress if the run is stopped, so that no worker waits for them."""
        if kind is not None:
            self.stop()

    def exam_pool(self) -> ExamPool:
        """Return the exam pool, which exists until the engine is stopped or the process ends."""
        with self._held.guard:
            if self._held.exam_pool is None:
                self._held.exam_pool = ExamPool(self.limits, self.sandbox)
                atexit.register(self.stop)
            return self._held.exam_pool


@functools.cache
def _available() -> Availability:
    """Try the sandbox, once for each process: nbgrader's command asks for each submission."""
    return exam_sandbox.available()


@functools.cache
def installed() -> dict[str, str]:
    """Return the versions of all software that takes part in an exam, by name.

    The version of "nnkit" has a digest of its sources.
    """
    deciding = (exam, grading, gradebook, submissions, topics, nnkit)
    sources = digest_of(*(Path(package.__file__).parent for package in deciding))
    return {
        "nnkit": f"{nnkit.__version__} ({sources[:12]})",
        "Python": platform.python_version(),
        "TensorFlow": " ".join(
            f"{_version(name)} ({name})" for name in _TENSORFLOW if _version(name)
        ),
        **{name: _version(name) for name in _PACKAGES},
    }


def digest_of(*folders: Path) -> str:
    """Return a digest of the sources in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
