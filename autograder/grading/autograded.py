"""Put an autograded submission in its place, so that it never vouches for a grade that is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.removal import remove

_NOTICE = """# This submission could not be graded

It scores 0: {reason}

Ask your instructor what to do, and hand the notebook in again if you may.
"""


def notice(reason: str) -> NotebookNode:
    """Return the notebook that stands for one that cannot be graded."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    cell = nbformat.v4.new_markdown_cell(_NOTICE.format(reason=ended), id="notice")
    return nbformat.v4.new_notebook(cells=[cell])


def stage(files: Path, target: Path, notebook: NotebookNode, name: str) -> None:
    """Write a submission beside its place, and clear the place.

    What stands there says which grade the gradebook holds. So it goes before the grades are
    committed, and the new one comes after: whoever is killed between grades once more.

    Parameters
    ----------
    files
        The submission's other files; the folder is moved.
    """
    staged = _beside(target)
    for folder in (staged, target):
        remove(folder)
    staged.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(files, staged)
    text = nbformat.v4.writes_json(notebook)
    (staged / name).write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")


def publish(target: Path) -> None:
    """Move what is staged into its place."""
    _beside(target).rename(target)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")
