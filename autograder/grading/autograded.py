"""Write an autograded submission so that it never claims a grade that is not in the gradebook."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder import remarks
from autograder.atomic_file import write_whole
from autograder.gradebook import up_to_date
from autograder.remarks import Kind, Remark
from autograder.removal import remove

_NOTICE = """# This submission could not be graded

It scores 0: {reason}

Ask your instructor what to do, and hand the notebook in again if you may.
"""


def notice(reason: str) -> NotebookNode:
    """Return the notebook that replaces one that cannot be graded."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    cell = nbformat.v4.new_markdown_cell(_NOTICE.format(reason=ended), id="notice")
    return nbformat.v4.new_notebook(cells=[cell])


def not_graded(reason: str) -> Remark:
    """Return the remark on a submission that is not graded because of a fault outside of it."""
    return Remark(f"NOT GRADED: {reason}", Kind.UNGRADED)


def set_aside(path: Path, reason: str) -> None:
    """Note in the autograded notebook, if any, that the newest submission is not graded."""
    if not path.is_file():
        return
    notebook = nbformat.read(path, as_version=4)
    about = notebook.metadata.get(up_to_date.KEY, {})
    said = [each for each in remarks.read(about) if each.kind is not Kind.UNGRADED]
    notebook.metadata[up_to_date.KEY] = {
        **about,
        "fingerprint": None,
        "not_graded": reason,
        **remarks.noted([not_graded(reason), *said]),
    }
    write_whole(path, f"{nbformat.v4.writes_json(notebook)}\n".encode(), "The remark")


def stage(files: Path, target: Path, notebook: NotebookNode, name: str) -> None:
    """Write a submission next to its target folder, and move the old one out of the target.

    The folder in the target says which grade the gradebook holds. So the old one is moved before
    the grades are committed, and the new one follows after: a run that is killed in between grades
    the submission again. If the grades are not committed, `restore` moves the old one back.

    Parameters
    ----------
    files
        The submission's other files; the folder is moved.
    """
    staged, former = _next_to(target), _next_to(target, "old")
    for folder in (staged, former):
        remove(folder)
    if target.exists():
        target.rename(former)
    staged.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(files, staged)
    text = nbformat.v4.writes_json(notebook)
    (staged / name).write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")


def publish(target: Path) -> None:
    """Move the staged folder to its target."""
    _next_to(target).rename(target)
    remove(_next_to(target, "old"), ignore_errors=True)


def restore(target: Path) -> None:
    """Drop the staged folder, and move the old one back to its target."""
    remove(_next_to(target), ignore_errors=True)
    former = _next_to(target, "old")
    if former.exists() and not target.exists():
        former.rename(target)


def _next_to(target: Path, what: str = "new") -> Path:
    return target.with_name(f".{target.name}.{what}")
