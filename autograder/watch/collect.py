"""Copy a submission from the exchange, as ``nbgrader collect`` does, but trust nothing in it.

Its folder belongs to the student, who may change it at any moment; `autograder.submissions.intake`
copies its content safely.
"""

from __future__ import annotations

import datetime
import os
import shutil
from dataclasses import replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.remarks import texts
from autograder.removal import remove
from autograder.submissions import intake, layout
from autograder.submissions.clean_copy import MOST_FILES, RECEIPT, Caps, Disturbed, Taken, Why
from autograder.submissions.safe_open import read_small
from autograder.watch.exchange import HandIn, when

_MOST_SECRET, _LONGEST_TIME = 4_096, 200
_LEAST_FREE = 64 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Refused(AutograderError):
    """A submission that is never collected; trying again does not help."""


def place(course: Course, handed_in: HandIn) -> Path:
    """Return the folder in ``submitted/`` for a submission."""
    return layout.find(course.submitted_dir, handed_in.student, handed_in.topic).folder


def held(folder: Path) -> datetime.datetime | None:
    """Return the time of submission of a folder's content; None if it has no valid timestamp."""
    content = read_small(folder, RECEIPT[0], _LONGEST_TIME)
    try:
        return when(content.decode().strip()) if content is not None else None
    except ValueError:
        return None


def check_disk_space(course: Course) -> None:
    """Check that there is disk space for a submission, its grade and its feedback page.

    Raises
    ------
    AutograderError
        If there is too little: no grade is better than a truncated file.
    """
    free = shutil.disk_usage(course.root).free
    if free < _LEAST_FREE:
        raise AutograderError(
            f"The disk of {course.root} is full ({free >> 20} MB are free): free some space. "
            "Submissions wait in the exchange, and none is lost."
        )


def take(course: Course, handed_in: HandIn, *, check_owner: bool) -> list[str]:
    """Copy a submission to ``submitted/``, in place of an earlier one; return remarks.

    The earlier one stays until the copy is complete. The remarks name files that were not copied.

    Parameters
    ----------
    check_owner
        Skip files that belong to another account than the submission does.

    Raises
    ------
    Refused
        If the submission is too large.
    AutograderError
        If it cannot be read, or the copy cannot be written.
    """
    target = place(course, handed_in)
    staged, old = _working_names(target)
    try:
        source = os.open(handed_in.path, _READ | os.O_DIRECTORY)
    except OSError as error:
        raise AutograderError(f"it cannot be read ({error.strerror})") from error
    try:
        remove(staged)
        taken = intake.take(source, staged, _caps(course, source, check_owner), _first(handed_in))
        _see_whole(taken, course)
        said = [*texts(layout.remarks(taken.left_out)), *_set_receipt(staged, handed_in)]
        if course.coursedir.groupshared:
            _share(staged)
        restore(course, handed_in)
        if os.path.lexists(target):
            target.rename(old)
        staged.rename(target)
        remove(old)
    except (OSError, Disturbed) as error:
        reason = getattr(error, "strerror", None) or error
        raise AutograderError(
            f"it could not be copied to {target} ({reason}): free some space there, and check "
            "that the grader's account may write to it"
        ) from error
    finally:
        os.close(source)
        remove(staged, ignore_errors=True)
    return said


def _first(handed_in: HandIn) -> list[str]:
    return [f"{handed_in.topic}.ipynb", *RECEIPT]


def _caps(course: Course, source: int, check_owner: bool) -> Caps:
    """Return the limits of what is copied: those of ``nbgrader collect``."""
    folders = course.coursedir
    return replace(
        Caps.of(folders),
        files=MOST_FILES,
        notebook_bytes=1000 * folders.max_file_size,
        include=tuple(folders.include),
        owner=os.fstat(source).st_uid if check_owner else None,
        checkpoints=False,
    )


def _see_whole(taken: Taken, course: Course) -> None:
    """Check that a submission is not too large, and could be read.

    Raises
    ------
    Refused, AutograderError
        If it is too large; if something cannot be read now.
    """
    for name, left in taken.left_out.items():
        if left.why is Why.UNREADABLE:
            raise AutograderError(f"{layout.shown(name)} {left.text}")
        if left.why in (Why.MANY, Why.DEEP):
            raise Refused(f"it holds more than {MOST_FILES} files, or folders too deep")
        if left.why is Why.FULL:
            raise Refused(f"it is larger than {course.coursedir.max_dir_size / 1000:g} MB")


def restore(course: Course, handed_in: HandIn) -> None:
    """Restore an earlier submission where copying the next one was cut off at the last step."""
    target = place(course, handed_in)
    _, old = _working_names(target)
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)
    remove(old)


def _working_names(target: Path) -> tuple[Path, Path]:
    return target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")


def _set_receipt(staged: Path, handed_in: HandIn) -> list[str]:
    """Make timestamp.txt agree with the submission's name; remove a secret that is not text.

    Lateness is read from the file and the newest submission is found by the name. The student
    writes both, and only one may count. Remarks on changes are returned.
    """
    time, secret = (staged / name for name in RECEIPT)
    said = []
    if held(staged) != handed_in.time:
        said.append(f"{time.name} does not say what the submission's name says: the name counts")
        remove(time)
    time.write_text(handed_in.timestamp, encoding="utf-8")
    if not _is_secret(secret):
        remove(secret)
    return said


def _is_secret(path: Path) -> bool:
    """Return whether nbgrader can use a file's text to name a feedback page."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        text = file.read(_MOST_SECRET + 1)
    try:
        return 0 < len(text) <= _MOST_SECRET and bool(text.decode())
    except UnicodeDecodeError:
        return False


def _share(folder: Path) -> None:
    """Let the course's other graders change the copy, as ``nbgrader collect`` does."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o2775)
        for name in files:
            Path(parent, name).chmod(0o664)
