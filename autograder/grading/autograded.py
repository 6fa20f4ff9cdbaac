"""Put an autograded submission in its place, so that it never vouches for a grade that is not."""

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
    """Return the notebook that stands for one that cannot be graded."""
    ended = reason if reason.endswith((".", "?")) else f"{reason}."
    cell = nbformat.v4.new_markdown_cell(_NOTICE.format(reason=ended), id="notice")
    return nbformat.v4.new_notebook(cells=[cell])


def not_graded(reason: str) -> Remark:
    """Return the remark on a submission that is not graded, for no fault of its own."""
    return Remark(f"NOT GRADED: {reason}", Kind.UNGRADED)


def set_aside(path: Path, reason: str) -> None:
    """Add to an autograded notebook, if there is one, that the newest hand-in is not graded."""
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
    """Write a submission beside its place, and clear the place.

    What stands there says which grade the gradebook holds. So it goes before the grades are
    committed, and the new one comes after: whoever is killed between grades once more. Where the
    grades are not committed, `restore` puts it back.

    Parameters
    ----------
    files
        The submission's other files; the folder is moved.
    """
    staged, former = _beside(target), _beside(target, "old")
    for folder in (staged, former):
        remove(folder)
    if target.exists():
        target.rename(former)
    staged.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(files, staged)
    text = nbformat.v4.writes_json(notebook)
    (staged / name).write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")


def publish(target: Path) -> None:
    """Move what is staged into its place."""
    _beside(target).rename(target)
    remove(_beside(target, "old"), ignore_errors=True)


def restore(target: Path) -> None:
    """Put back what stood in a place before something was staged that is not to be published."""
    remove(_beside(target), ignore_errors=True)
    former = _beside(target, "old")
    if former.exists() and not target.exists():
        former.rename(target)


def _beside(target: Path, what: str = "new") -> Path:
    return target.with_name(f".{target.name}.{what}")
