"""Make a candidate behave like the kernel of a student's notebook."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.exam.notebook.shell import ExamShell

# Magics of the kernel, which use its front end or the home directory: here they do nothing. An
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
# The arguments of a kernel; ``argparse`` in a notebook reads them.
_ARGUMENTS = ["ipykernel_launcher.py", "-f", "kernel.json"]


def settle(shell: ExamShell) -> None:
    """Make the working folder the notebook's: on the import path, and known to ``%cd -``.

    Call this only in the candidate, in its sandbox: the examiner must not import a student's
    ``numpy.py``.
    """
    sys.argv[:] = _ARGUMENTS
    work_in(Path.cwd())
    shell.user_ns["_dh"][:] = [Path.cwd()]
    for name in _IDLE:
        shell.register_magic_function(_nothing, magic_name=name)


def work_in(folder: Path) -> None:
    """Change to a folder, and import from it as a kernel does: before the installed packages."""
    os.chdir(folder)
    packages = [place for place, entry in enumerate(sys.path) if entry.endswith("-packages")]
    sys.path.insert(packages[0] if packages else len(sys.path), "")


def look_again() -> None:
    """Let ``import`` find files that an earlier cell has just written to the working folder.

    Python lists a folder again only if its time stamp changed, and cells may run faster than time
    stamps change.
    """
    finder = sys.path_importer_cache.get(str(Path.cwd()))
    if finder is not None:
        finder.invalidate_caches()


def _nothing(_line: str = "") -> None:
    """Do nothing: there is neither a front end nor a home."""
