"""Take a submission out of the exchange, as `nbgrader collect` does, but trust nothing in it.

Its folder stays the student's, who may change it at any moment: `autograder.submissions.intake`
copies what is in it.
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
    """A submission that is not taken, however often one tries."""


def place(course: Course, handed_in: HandIn) -> Path:
    """Return the folder of a student's work on a topic once it is collected."""
    return layout.find(course.submitted_dir, handed_in.student, handed_in.topic).folder


def held(folder: Path) -> datetime.datetime | None:
    """Return when the content of a folder was handed in; None where it does not say."""
    content = read_small(folder, RECEIPT[0], _LONGEST_TIME)
    try:
        return when(content.decode().strip()) if content is not None else None
    except ValueError:
        return None


def see_room(course: Course) -> None:
    """Check that there is disk space for a submission, its grade and its page.

    Raises
    ------
    AutograderError
        If there is too little: no grade is better than one that is cut off.
    """
    free = shutil.disk_usage(course.root).free
    if free < _LEAST_FREE:
        raise AutograderError(
            f"The disk of {course.root} is full ({free >> 20} MB are free): make room. "
            "Submissions wait in the exchange, and none is lost."
        )


def take(course: Course, handed_in: HandIn, *, check_owner: bool) -> list[str]:
    """Put a submission into the course's pile, in place of an earlier one; say what was left out.

    The earlier one is there until the new one is whole.

    Parameters
    ----------
    check_owner
        Leave out what does not belong to the account that the submission belongs to.

    Raises
    ------
    Refused
        If it is too large.
    AutograderError
        If it cannot be read, or not be written here.
    """
    target = place(course, handed_in)
    staged, old = _beside(target)
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
            f"it could not be copied to {target} ({reason}): make room there, and see "
            "that the grader's account may write to it"
        ) from error
    finally:
        os.close(source)
        remove(staged, ignore_errors=True)
    return said


def _first(handed_in: HandIn) -> list[str]:
    return [f"{handed_in.topic}.ipynb", *RECEIPT]


def _caps(course: Course, source: int, check_owner: bool) -> Caps:
    """Return what is taken: what `nbgrader collect` would, and no more than that."""
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
    """See that a submission is not too large, and could be read.

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
    _, old = _beside(target)
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)
    remove(old)


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")


def _set_receipt(staged: Path, handed_in: HandIn) -> list[str]:
    """Let timestamp.txt say what the name says, and the secret be text, or not there.

    Lateness is read from the file and the newest submission is found by the name: both are the
    student's, and one alone must count. What was changed is returned.
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
    """Say whether nbgrader can name a feedback page by a file's text."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        text = file.read(_MOST_SECRET + 1)
    try:
        return 0 < len(text) <= _MOST_SECRET and bool(text.decode())
    except UnicodeDecodeError:
        return False


def _share(folder: Path) -> None:
    """Let a course's other graders change what was taken, as `nbgrader collect` does."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o2775)
        for name in files:
            Path(parent, name).chmod(0o664)
