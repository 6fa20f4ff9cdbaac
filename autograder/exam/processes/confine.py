"""How a freshly forked candidate is locked in, before the first line of a student's runs."""

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
    """What a candidate is locked into.

    Attributes
    ----------
    view
        What it may read; None without a sandbox.
    files
        The submission's other files.
    group
        Its control group, if it has one.
    tell
        A descriptor: what is written there tells the proctor that memory was used up.
    """

    view: View | None
    files: Path | None
    group: Cgroup | None
    tell: int

    def enter(self, limits: Limits, keep: int) -> None:
        """Enter the sandbox, or without one just the working directory and the limits.

        ``keep`` is the descriptor that stays open.
        """
        if self.view is not None:
            view = replace(self.view, files=self.files)
            sandbox.enter(view, limits, [keep], self.group, self.tell)
            return
        os.close(self.tell)
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
