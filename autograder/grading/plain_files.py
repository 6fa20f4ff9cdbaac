"""Let nbgrader's own commands read only regular files of a submission, in linear time.

nbgrader follows links out of a submission, to the gradebook too, waits for pipes, and reads each
folder again for every file in it. `install` puts this module's answers in place of its own.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde, base
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import temp_attrs

from autograder.grading.intake import (
    DEEPEST,
    LARGEST_NOTEBOOK,
    LARGEST_RECEIPT,
    MOST_FILES,
    RECEIPT,
    any_of,
)


def install() -> None:
    """Do so in this process; more than once does nothing more."""
    if "init_notebooks" in vars(Autograde):
        return
    Autograde.init_notebooks = _checked(Autograde.init_notebooks)
    Autograde.init_assignment = _copying(Autograde.init_assignment)
    CourseDirectory.get_existing_timestamp = _guarded(CourseDirectory.get_existing_timestamp)


def is_plain(path: str, top: str, most: int | None = None) -> bool:
    """Say whether a path is a regular file of a folder, links followed, of at most that size."""
    try:
        about = Path(path).stat()
        inside = os.path.realpath(path).startswith(os.path.realpath(top) + os.sep)
    except OSError:
        return False
    return inside and stat.S_ISREG(about.st_mode) and (most is None or about.st_size <= most)


def find_all_files(path: str, exclude: Sequence[str] | None = None) -> list[str]:
    """Return the regular files below a folder, as nbgrader's function of this name does.

    At most as many, and as deep, as grading takes in.
    """
    ignored = any_of(exclude or ())
    found: list[str] = []
    waiting = [(path, 0)]
    while waiting:
        place, depth = waiting.pop(0)
        with os.scandir(place) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if ignored(entry.name) or len(found) >= MOST_FILES:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if depth < DEEPEST:
                        waiting.append((entry.path, depth + 1))
                elif is_plain(entry.path, path):
                    found.append(entry.path)
    return found


def _guarded(read: Any) -> Any:
    """Return nbgrader's reading of timestamp.txt, where that is a file to be read."""

    @functools.wraps(read)
    def guarded(self: CourseDirectory, folder: str) -> Any:
        path = str(Path(folder, RECEIPT[0]))
        if os.path.lexists(path) and not is_plain(path, folder, LARGEST_RECEIPT):
            self.log.warning("%s is no small file, so lateness is not known", path)
            return None
        return read(self, folder)

    return guarded


def _copying(copy: Any) -> Any:
    """Return nbgrader's copying of a submission's files, with the search of this module."""

    @functools.wraps(copy)
    def copying(self: Autograde, assignment_id: str, student_id: str) -> None:
        with temp_attrs(base, find_all_files=find_all_files):
            copy(self, assignment_id, student_id)

    return copying


def _checked(find: Any) -> Any:
    """Return nbgrader's search for notebooks, without what is none to be read."""

    @functools.wraps(find)
    def checked(self: Autograde) -> None:
        find(self)
        for folder, paths in list(self.assignments.items()):
            self.assignments[folder] = [
                path for path in paths if is_plain(path, folder, LARGEST_NOTEBOOK)
            ]
            for path in set(paths) - set(self.assignments[folder]):
                self.log.error("%s is not a file of the submission and was not read", path)
            if not self.assignments[folder]:
                del self.assignments[folder]
        if not self.assignments:
            raise NbGraderException("There is no notebook that can be read.")

    return checked
