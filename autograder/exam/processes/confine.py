"""Confine a newly forked candidate, before any student code runs."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.exam import sandbox
from autograder.exam.limits import Limits
from autograder.exam.processes import process_tree
from autograder.exam.sandbox import View
from autograder.exam.sandbox.cgroup import Cgroup


@dataclass(frozen=True)
class Confinement:
    """The confinement of a candidate.

    Attributes
    ----------
    view
        The files it may read; None without a sandbox.
    files
        The submission's other files.
    group
        Its control group, if it has one.
    memory_pipe
        A file descriptor: a byte written there tells the proctor that memory was used up.
    """

    view: View | None
    files: Path | None
    group: Cgroup | None
    memory_pipe: int

    def enter(self, limits: Limits, keep: int) -> None:
        """Enter the sandbox; without one, set only the working directory and the limits.

        ``keep`` is the descriptor that stays open.
        """
        if self.view is not None:
            view = replace(self.view, files=self.files)
            sandbox.enter(view, limits, [keep], self.group, self.memory_pipe)
            return
        os.close(self.memory_pipe)
        if self.group is not None:
            self.group.join()
        os.setsid()
        os.chdir(self.files or tempfile.gettempdir())
        os.environ["HOME"] = str(Path.cwd())
        process_tree.limit(
            RLIMIT_DATA=limits.memory_bytes,
            RLIMIT_FSIZE=limits.file_bytes,
            RLIMIT_NOFILE=limits.open_files,
            RLIMIT_CORE=0,
        )
