"""Let nbgrader's own commands read only regular files of a submission, in linear time.

nbgrader follows links out of a submission, even to the gradebook, blocks on pipes, and reads each
folder again for every file in it. `PlainAutograde` does not.
"""

from __future__ import annotations

import datetime
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.submissions.clean_copy import (
    DEEPEST,
    LARGEST_NOTEBOOK,
    LARGEST_RECEIPT,
    MOST_FILES,
    RECEIPT,
    any_of,
)


def is_plain(path: str, top: str, most: int | None = None) -> bool:
    """Return whether a path, links resolved, is a regular file in a folder, of limited size."""
    try:
        about = Path(path).stat()
        inside = os.path.realpath(path).startswith(os.path.realpath(top) + os.sep)
    except OSError:
        return False
    return inside and stat.S_ISREG(about.st_mode) and (most is None or about.st_size <= most)


def find_all_files(path: str, exclude: Sequence[str] | None = None) -> list[str]:
    """Return the regular files below a folder, as nbgrader's function of this name does.

    The caps on number and depth are those of grading.
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


class PlainCourseDirectory(CourseDirectory):
    """A course folder that reads timestamp.txt only if it is a small regular file."""

    def get_existing_timestamp(self, dest_path: str) -> datetime.datetime | None:
        """Return the submission time, or None."""
        path = str(Path(dest_path, RECEIPT[0]))
        if os.path.lexists(path) and not is_plain(path, dest_path, LARGEST_RECEIPT):
            self.log.warning("%s is not a small file, so lateness is not known", path)
            return None
        return super().get_existing_timestamp(dest_path)

    @classmethod
    def of(cls, folders: CourseDirectory) -> PlainCourseDirectory:
        """Return the same course folder with this guard."""
        settings = {name: getattr(folders, name) for name in folders.traits(config=True)}
        return cls(parent=folders.parent, config=folders.config, log=folders.log, **settings)


class _PlainCopies(BaseConverter):
    """A base class after nbgrader's ``Autograde``, with this copying of other files."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy a submission's regular files."""
        source = self._format_source(assignment_id, student_id)
        target = Path(self._format_dest(assignment_id, student_id))
        for name in find_all_files(source, [*self.coursedir.ignore, "*.ipynb"]):
            path = target / os.path.relpath(name, source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            self.log.info("Copying %s -> %s", name, path)
            shutil.copy(name, path)


class PlainAutograde(Autograde, _PlainCopies):
    """nbgrader's ``Autograde`` for untrusted submissions: only regular files are read."""

    def __init__(self, coursedir: CourseDirectory, **given: Any) -> None:
        super().__init__(coursedir=PlainCourseDirectory.of(coursedir), **given)

    def init_notebooks(self) -> None:
        """Find the notebooks that can be read.

        Raises
        ------
        NbGraderException
            If there is no such notebook.
        """
        super().init_notebooks()
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


def install() -> None:
    """Let `nbgrader autograde` and the formgrader make a `PlainAutograde`.

    nbgrader has no setting for the class, so the class is set where these two look it up;
    nbgrader's own classes stay as they are.
    """
    for module in (api, autogradeapp):
        module.Autograde = PlainAutograde
