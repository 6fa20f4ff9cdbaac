"""The submissions on disk, in nbgrader's layout ``PILE/STUDENT/TOPIC/TOPIC.ipynb``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError


@dataclass(frozen=True)
class HandedIn:
    """One student's folder for one topic."""

    student: str
    topic: str
    folder: Path

    @property
    def notebook(self) -> Path:
        """Where the notebook ought to be."""
        return self.folder / f"{self.topic}.ipynb"

    def notebooks(self) -> list[Path]:
        """Return all notebooks of the folder, sorted by name."""
        return sorted(self.folder.glob("*.ipynb"))


def collect(pile: Path, topic: str) -> list[HandedIn]:
    """Return who handed in ``topic``, sorted by student.

    Anything named like the topic counts, also a file in place of a folder: :func:`problem` then
    names what is wrong with it, and the student is not passed over in silence.

    Raises
    ------
    AutograderError
        If ``pile`` is not a folder.
    """
    if not pile.is_dir():
        raise AutograderError(
            f"There is no folder of submissions at {pile}. Put them there as "
            f"STUDENT/{topic}/{topic}.ipynb, or name another folder with --submitted DIR."
        )
    students = (entry for entry in sorted(pile.iterdir()) if not entry.name.startswith("."))
    return [
        HandedIn(entry.name, topic, entry / topic)
        for entry in students
        if os.path.lexists(entry / topic)
    ]


def problem(handed_in: HandedIn) -> str | None:
    """Return why there is no notebook to read, or None where there is one."""
    folder, notebook = handed_in.folder, handed_in.notebook
    try:
        if not folder.is_dir():
            return f"{folder.name} is a file where a folder with the notebook should be"
        if not os.path.lexists(notebook):
            others = [path.name for path in handed_in.notebooks()]
            found = f"it holds {', '.join(others)}" if others else "it holds no notebook"
            return f"no {notebook.name} in the folder ({found})"
        if not notebook.is_file():
            return f"{notebook.name} is not a file"
        if notebook.stat().st_size == 0:
            return f"{notebook.name} is empty"
        with notebook.open("rb"):
            return None
    except OSError as error:
        return f"{notebook.name} cannot be read: {error.strerror}"
