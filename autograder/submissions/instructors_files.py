"""The instructor's files of an assignment, which replace a student's files."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.submissions.clean_copy import any_of


def folder_of(coursedir: CourseDirectory, assignment: str) -> Path:
    """Return nbgrader's source folder of an assignment."""
    step = coursedir.source_directory
    return Path(coursedir.root, coursedir.format_path(step, ".", assignment))


def names(
    coursedir: CourseDirectory, assignment: str, students_own: Collection[str] = ()
) -> list[Path]:
    """Return the names of the files that come with an assignment, relative to its folder.

    Parameters
    ----------
    students_own
        Names of files whose student's version is kept (``c.Autograde.exclude_overwriting``).
    """
    kept = {Path(name) for name in students_own}
    found = next_to(folder_of(coursedir, assignment), coursedir.ignore)
    return [name for name in found if name not in kept]


def next_to(folder: Path, ignore: Sequence[str]) -> list[Path]:
    """Return the names of the files that nbgrader copies together with a folder's notebooks.

    The folder is the course's own. nbgrader's ``find_all_files`` reads each folder again for every
    file in it: its time is quadratic in the number of files.
    """
    ignored, found = any_of([*ignore, "*.ipynb"]), []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not ignored(name)]
        found += [Path(place, name).relative_to(folder) for name in names if not ignored(name)]
    return found
