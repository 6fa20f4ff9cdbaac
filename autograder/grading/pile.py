"""The submissions on disk, in nbgrader's layout ``PILE/STUDENT/TOPIC/TOPIC.ipynb``."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import is_ignored

from autograder.errors import AutograderError
from autograder.remark import Kind, Remark

# `nbgrader submit` leaves both beside a notebook; a page's name in the exchange is made of them.
RECEIPT = ("timestamp.txt", "submission_secret.txt")

LINK = "is a link that leads out of the submission"


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

    def holds(self, path: Path) -> bool:
        """Say whether a path, links followed, stays within the submission."""
        return path.resolve().is_relative_to(self.folder.resolve())


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
    """Return why the folder cannot be looked into, or None where it can."""
    folder = handed_in.folder
    try:
        if folder.is_symlink() and not folder.resolve().is_relative_to(folder.parent.resolve()):
            return Remark(f"{folder.name} {LINK}", Kind.TAMPERED)
        if not folder.is_dir():
            return f"{folder.name} is a file where a folder with the notebook should be"
        next(folder.iterdir(), None)
    except OSError as error:
        return f"{folder.name} cannot be read: {error.strerror}"
    return None


def fault(handed_in: HandedIn, path: Path) -> str | None:
    """Return why a file of the submission cannot be read as a notebook, or None."""
    name = path.name
    try:
        if not os.path.lexists(path):
            return f"no {name} in the folder"
        if not handed_in.holds(path):
            return Remark(f"{name} {LINK}", Kind.TAMPERED)
        if not path.is_file():
            return f"{name} is not a file"
        if path.stat().st_size == 0:
            return f"{name} is empty"
        with path.open("rb"):
            return None
    except OSError as error:
        return f"{name} cannot be read: {error.strerror}"
    except RuntimeError:  # so pathlib says it
        return f"{name} cannot be read: it is a link to itself"


def copy_files(handed_in: HandedIn, target: Path, ignored: Sequence[str]) -> list[Remark]:
    """Copy a submission's other files, notebooks apart; say what was left out.

    No link is followed out of the submission, so that nothing else is given to student code.
    """
    said = []
    for path in _walk(handed_in.folder, ignored):
        name = path.relative_to(handed_in.folder)
        try:
            why = _unfit(handed_in, path)
            if why is None:
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / name)
        except (OSError, RuntimeError) as error:
            why = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        if why:
            kind = Kind.TAMPERED if why == LINK else Kind.OTHER
            said.append(Remark(f"{name} {why}: it was left out", kind))
    return said


def copy_receipt(handed_in: HandedIn, target: Path) -> None:
    """Copy what says when a submission was handed in, and where its feedback goes."""
    for name in RECEIPT:
        with suppress(OSError, RuntimeError):
            if _unfit(handed_in, path := handed_in.folder / name) is None:
                shutil.copyfile(path, target / name)


def _walk(folder: Path, ignored: Sequence[str]) -> Iterator[Path]:
    """Yield the paths of all that is neither a folder nor ignored; links are not followed."""
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders[:] = [f for f in folders if not is_ignored(str(Path(parent, f)), list(ignored))]
        for name in sorted([*files, *links]):
            path = Path(parent) / name
            if path.suffix != ".ipynb" and not is_ignored(str(path), list(ignored)):
                yield path


def _unfit(handed_in: HandedIn, path: Path) -> str | None:
    """Say why something is not to be copied, or None."""
    if not handed_in.holds(path):
        return LINK
    if not stat.S_ISREG(path.stat().st_mode):
        return "is not a file"
    return None
