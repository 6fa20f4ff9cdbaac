"""The instructor's files of an assignment, which stand in the place of a student's."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.grading import intake


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
        Files of which the student's version is kept (``c.Autograde.exclude_overwriting``).
    """
    kept = {Path(name) for name in students_own}
    found = intake.beside(folder_of(coursedir, assignment), coursedir.ignore)
    return [name for name in found if name not in kept]
