"""How a freshly forked candidate is locked in, before the first line of a student's runs."""

from __future__ import annotations

import functools
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.exam import kin, sandbox
from autograder.exam.limits import Limits
from autograder.exam.sandbox import View
from autograder.exam.sandbox.cgroup import Cgroup


def confine(order: dict[str, Any], limits: Limits, keep: int) -> None:
    """Enter the sandbox, or without one just the working directory and the limits."""
    files = Path(order["files"]) if order.get("files") else None
    group = Cgroup(Path(order["cgroup"])) if order.get("cgroup") else None
    if order["sandbox"] == "required":
        sandbox.enter(replace(view(), files=files), limits, [keep], group, order["tell"])
        return
    os.close(order["tell"])
    if group is not None:
        group.join()
    os.setsid()
    os.chdir(files or tempfile.gettempdir())
    os.environ["HOME"] = str(Path.cwd())
    kin.limit(
        RLIMIT_DATA=limits.memory_bytes,
        RLIMIT_FSIZE=limits.file_bytes,
        RLIMIT_NOFILE=limits.open_files,
        RLIMIT_CORE=0,
    )


@functools.cache
def view() -> View:
    """Return what a candidate of this interpreter may read; the proctor finds it out once."""
    return sandbox.default_view()
