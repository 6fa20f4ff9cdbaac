"""Record the outcome of each cell that was run, for the summary in the notebook's last cell."""

from __future__ import annotations

import ast
import hashlib
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from types import CodeType
from typing import Any

from IPython.core.getipython import get_ipython

from nnkit.checks.report import CheckFailed
from nnkit.checks.versions import Version, changed, read_by, versions

_MAY_TEST = re.compile(r"\b(checks|assert)\b")
# Layout does not matter: an editor that formats what it saves changes no test.
_LAYOUT = re.compile(r"[\s,()]+")
# A cell with one of these may set any name.
_ANYTHING = {"exec", "eval", "globals", "locals", "vars", "setattr", "get_ipython"}
_TEST_CELL = "test-"
_MAX_WHY = 300
_ATTRIBUTE = "_nnkit_runs"


class State(Enum):
    """The state of a test."""

    PASSED = "passed"
    FAILED = "failed"
    UNWRITTEN = "not written yet"
    NOT_RUN = "not run"
    STALE = "run before you changed the task"
    EDITED = "the text of the test was changed"


@dataclass(frozen=True)
class Run:
    """The last run of a cell: when, its text, its outcome, and the values that it judged."""

    order: int
    digest: str
    state: State
    why: str
    reads: set[str]
    judged: dict[str, Version]


@dataclass
class Log:
    """The runs of one kernel: by the cell's text, and by its id if the front end sends it.

    ``follow`` is called after every cell, once a panel is shown.
    """

    shell: Any
    order: int = 0
    by_text: dict[str, Run] = field(default_factory=dict)
    by_id: dict[str, Run] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    follow: Callable[[], None] | None = None

    def note(self, result: Any) -> None:
        """Record one run; IPython calls this after every cell.

        An error in it must not reach the student.
        """
        with suppress(Exception):
            self._note(result)
        with suppress(Exception):
            if self.follow is not None:
                self.follow()

    def _note(self, result: Any) -> None:
        self.order += 1
        text, cell = result.info.raw_cell, getattr(result.info, "cell_id", None) or ""
        self.by_text.pop(digest(text), None)  # an earlier run no longer counts
        code = self._compiled(text)
        self._touch(text, code)
        if not (_MAY_TEST.search(text) or cell.startswith(_TEST_CELL)):
            return
        state, why = outcome(result.error_before_exec or result.error_in_exec)
        reads = read_by(code) if code else set()
        run = Run(self.order, digest(text), state, why, reads, self._versions(reads))
        self.by_text[run.digest] = run
        if cell:
            self.by_id[cell] = run

    def _compiled(self, text: str) -> CodeType | None:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            source = self.shell.transform_cell(text)
            return compile(source, "<cell>", "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError):
            return None

    def _touch(self, text: str, code: CodeType | None) -> None:
        """Record the names that a cell uses outside of functions."""
        names = set(code.co_names) if code else set()
        if names & _ANYTHING or "import *" in text:
            names |= set(self.shell.user_ns)
        self.touched.update(dict.fromkeys(names, self.order))

    def _versions(self, names: set[str]) -> dict[str, Version]:
        return versions(names, self.shell.user_ns)

    def state(self, name: str, text: str) -> tuple[State, str]:
        """Return the state of a test, and the reason.

        Parameters
        ----------
        name : str
            The test's name: its cell is ``test-NAME``.
        text : str
            The digest of its text as released.
        """
        run, here = self.by_text.get(text), self.by_id.get(_TEST_CELL + name)
        if here and here.digest != text and (run is None or here.order > run.order):
            return State.EDITED, ""
        if run is None:
            return State.NOT_RUN, ""
        touched = {name for name, order in self.touched.items() if order > run.order}
        if changed(run.judged, self._versions(run.reads), touched):
            return State.STALE, ""
        return run.state, run.why


def digest(text: str) -> str:
    """Return a short digest of a cell's text; its layout makes no difference."""
    return hashlib.sha256(_LAYOUT.sub("", text).encode("utf-8", "replace")).hexdigest()[:6]


def outcome(error: BaseException | None) -> tuple[State, str]:
    """Return the state of a test that ended with an error, or with none, and the reason.

    The reason is the likely cause, or the name of the function that is not written yet.
    """
    if error is None:
        return State.PASSED, ""
    if isinstance(error, NotImplementedError):
        return State.UNWRITTEN, _unwritten(error)
    if isinstance(error, CheckFailed):
        because = error.record.because
        text = f"{error.record.what}. Likely cause: {because}" if because else str(error)
    elif isinstance(error, KeyboardInterrupt):
        text = "it was interrupted before its end"
    else:
        text = f"{type(error).__name__}: {error}".rstrip(": ")
    text = " ".join(text.split())
    return State.FAILED, text if len(text) <= _MAX_WHY else f"{text[:_MAX_WHY]} …"


def _unwritten(error: BaseException) -> str:
    """Return the name of the function that raised the error, or nothing."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_code.co_name if trace is not None else "<module>"
    return "" if name.startswith("<") else name


def is_graded() -> bool:
    """Whether nbgrader runs this notebook to grade it: then nobody reads a panel."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def watch() -> None:
    """Begin to record runs, once, if a person runs cells here.

    A kernel and a terminal are used by a person; the shell of an exam is not.
    """
    shell = get_ipython()
    in_front = hasattr(shell, "kernel") or hasattr(shell, "pt_app")
    if not in_front or is_graded() or log(shell) is not None:
        return
    made = Log(shell)
    setattr(shell, _ATTRIBUTE, made)
    shell.events.register("post_run_cell", made.note)


def log(shell: Any) -> Log | None:
    """Return the record of a shell's cells, or None if there is none."""
    return getattr(shell, _ATTRIBUTE, None)
