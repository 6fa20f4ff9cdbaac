"""The clean copy of a submission: its files, what was left out and why, and its caps."""

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
# A notebook without outputs has some 100 kB; one of this size, with outputs, is read in seconds.
LARGEST_NOTEBOOK = 256 << 20
# `nbgrader submit` writes both next to a notebook; the exchange names feedback pages by them.
RECEIPT = ("timestamp.txt", "submission_secret.txt")
LARGEST_RECEIPT = 4_096
# Jupyter keeps an earlier state of each notebook there; it counts if there is no other notebook.
CHECKPOINTS = ".ipynb_checkpoints"


class Disturbed(AutograderError):
    """The copy failed because of this machine, not because of the submission."""


class Why(enum.Enum):
    """Why a file is not in the copy, as the end of a sentence about it."""

    OUTSIDE = "is a link that leads out of the submission"
    NO_FILE = "is not a file"
    LOOP = "cannot be read: it is a link to itself"
    UNREADABLE = "cannot be read"
    FOREIGN = "belongs to another account"
    LARGE = "is larger than"
    FULL = "does not fit: the submission is larger than"
    MANY = "is beyond the first"
    DEEP = "is nested too deeply, or its path is too long"
    ENVIRONMENT = "is a Python environment, which works only on its own machine"


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not in the copy; ``text`` is the reason with its details."""

    why: Why
    text: str


@dataclass(frozen=True)
class Caps:
    """The limits of a copy.

    Attributes
    ----------
    file_bytes, notebook_bytes, total_bytes
        The largest size of a file, of a notebook, and of all files together.
    files
        The largest number of files and folders.
    ignore, include
        Patterns of names: of the files and folders that are skipped without a remark, and of the
        files that are copied.
    owner
        Only files of this account are copied; None copies those of any account.
    checkpoints
        Whether Jupyter's checkpoints of a notebook are copied although they are ignored.
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
        """Return the caps of nbgrader's default configuration."""
        return replace(cls.of(CourseDirectory()), ignore=tuple(ignore), include=tuple(include))

    @classmethod
    def of(cls, folders: CourseDirectory) -> Caps:
        """Return the caps of a course's configuration."""
        return cls(
            file_bytes=1000 * folders.max_file_size,
            total_bytes=1000 * folders.max_dir_size,
            ignore=tuple(folders.ignore),
            checkpoints=True,
        )


@dataclass
class Taken:
    """A submission's clean copy.

    Attributes
    ----------
    folder
        The folder of the copy: only folders and regular files, which the student cannot change.
    files
        The size of each file in bytes, by its path in the submission, the top folder's first.
    folders
        The paths of its folders.
    left_out
        The files and folders that are not in the copy, by their path.
    digest
        Changes when any of these change; None if the next copy may differ without a change.
    caps
        The limits of the copy; they hold again for an archive that is unpacked.
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
    """Return a function that tests whether a name matches any of the patterns."""
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)").match
