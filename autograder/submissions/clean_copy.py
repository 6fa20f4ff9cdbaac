"""The clean copy of a submission: what is in it, what was left out and why, and how much may be."""

from __future__ import annotations

import enum
import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.errors import AutograderError

MOST_FILES, DEEPEST = 5_000, 20
# A notebook without its outputs is some 100 kB; this much, with outputs, is read in seconds.
LARGEST_NOTEBOOK = 256 << 20
# `nbgrader submit` leaves both beside a notebook; a page's name in the exchange is made of them.
RECEIPT = ("timestamp.txt", "submission_secret.txt")
LARGEST_RECEIPT = 4_096
# Jupyter keeps an earlier state of each notebook there; it counts where nothing else is left.
CHECKPOINTS = ".ipynb_checkpoints"


class Disturbed(AutograderError):
    """No copy could be made: a fault of this machine, and not of the submission."""


class Why(enum.Enum):
    """Why something is not in the copy, as the end of a sentence about it."""

    OUTSIDE = "is a link that leads out of the submission"
    NO_FILE = "is not a file"
    LOOP = "cannot be read: it is a link to itself"
    UNREADABLE = "cannot be read"
    FOREIGN = "belongs to another account"
    LARGE = "is larger than"
    FULL = "does not fit: the submission is larger than"
    MANY = "is beyond the first"
    DEEP = "lies too deep, or its path is too long"
    ENVIRONMENT = "is a Python environment, which is of use on its own machine only"


@dataclass(frozen=True)
class LeftOut:
    """One thing that is not in the copy; ``text`` is the reason with its number or error."""

    why: Why
    text: str


@dataclass(frozen=True)
class Caps:
    """What is copied.

    Attributes
    ----------
    file_bytes, notebook_bytes, total_bytes
        The most for a file, a notebook, and all files together.
    files
        The most files and folders.
    ignore, include
        Patterns of names: of what is passed over in silence, and of the files that are taken.
    owner
        Only files of this account, where one is given.
    checkpoints
        Whether Jupyter's own earlier states of a notebook are taken although they are ignored.
    """

    file_bytes: int
    total_bytes: int
    notebook_bytes: int = LARGEST_NOTEBOOK
    files: int = MOST_FILES
    ignore: Sequence[str] = ()
    include: Sequence[str] = ("*",)
    owner: int | None = None
    checkpoints: bool = False

    @classmethod
    def usual(cls, ignore: Sequence[str] = (), include: Sequence[str] = ("*",)) -> Caps:
        """Return what nbgrader's own configuration allows where a course says nothing."""
        return replace(cls.of(CourseDirectory()), ignore=tuple(ignore), include=tuple(include))

    @classmethod
    def of(cls, folders: CourseDirectory) -> Caps:
        """Return what a course's configuration allows."""
        return cls(
            file_bytes=1000 * folders.max_file_size,
            total_bytes=1000 * folders.max_dir_size,
            ignore=tuple(folders.ignore),
            checkpoints=True,
        )


@dataclass
class Taken:
    """A submission as it was taken in.

    Attributes
    ----------
    folder
        The clean copy: folders and regular files, and nothing that the student can change.
    files
        The bytes of each file, by its path in the submission, the top folder's first.
    folders
        The paths of the folders.
    left_out
        What is there and not in the copy, by its path.
    digest
        Changes when anything of this changes; None where the next try may find another thing.
    caps
        What was copied, at most; as much is unpacked of an archive.
    """

    folder: Path
    files: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    digest: str | None = None
    caps: Caps = field(default_factory=Caps.usual)

    def notebooks(self) -> list[str]:
        """Return the names of the top folder's notebooks, sorted."""
        return sorted(name for name in self.files if "/" not in name and name.endswith(".ipynb"))

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove all files from the copy but some; the lists stay as they are."""
        keep = set(names)
        for name in self.files:
            if name not in keep:
                (self.folder / name).unlink(missing_ok=True)
        for name in sorted(self.folders, key=len, reverse=True):
            if not any((self.folder / name).iterdir()):
                (self.folder / name).rmdir()


def any_of(patterns: Iterable[str]) -> Callable[[str], object]:
    """Return what says whether a name matches any of some patterns."""
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)").match
