"""What a candidate has in common with the kernel that a student's notebook ran in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.exam.notebook.shell import ExamShell

# Magics of the kernel's own, which talk to its front end or to a home: here they do nothing. An
# unknown magic would end its cell.
_IDLE = [
    "autosave",
    "clear",
    "cls",
    "connect_info",
    "less",
    "man",
    "more",
    "qtconsole",
    "store",
    "subshell",
]
# So a kernel is started; ``argparse`` in a notebook reads this.
_ARGUMENTS = ["ipykernel_launcher.py", "-f", "kernel.json"]


def settle(shell: ExamShell) -> None:
    """Make the working folder the notebook's own: on the path, and the one that ``%cd -`` knows.

    To be called in the candidate alone, within its sandbox: a student's ``numpy.py`` must not be
    what the examiner imports.
    """
    sys.argv[:] = _ARGUMENTS
    work_in(Path.cwd())
    shell.user_ns["_dh"][:] = [Path.cwd()]
    for name in _IDLE:
        shell.register_magic_function(_nothing, magic_name=name)


def work_in(folder: Path) -> None:
    """Work in a folder, and import from it as a kernel does: before the installed packages."""
    os.chdir(folder)
    packages = [place for place, entry in enumerate(sys.path) if entry.endswith("-packages")]
    sys.path.insert(packages[0] if packages else len(sys.path), "")


def look_again() -> None:
    """Let ``import`` find what an earlier cell has just written to the working folder.

    Python lists a folder once for each time stamp of it, and cells follow each other faster than
    time stamps do.
    """
    finder = sys.path_importer_cache.get(str(Path.cwd()))
    if finder is not None:
        finder.invalidate_caches()


def _nothing(_line: str = "") -> None:
    """Do nothing: there is neither a front end nor a home."""
