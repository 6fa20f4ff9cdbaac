"""Take a submission out of the exchange, as `nbgrader collect` does, with care for what is in it.

Its folder stays the student's, who may change it at any moment. So no link is followed, not even
one that is put in the place of a file between a look at it and its opening: each file is opened
from the folder that holds it, already open, and only a regular one is read.
"""

from __future__ import annotations

import datetime
import errno
import fnmatch
import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.pile import RECEIPT
from autograder.onsubmit.inbound import HandIn, when

MOST_FILES = 5_000
_DEEPEST = 20
_MOST_SECRET, _LONGEST_TIME = 4_096, 200
_PIECE = 1 << 20
_LEAST_FREE = 64 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Refused(AutograderError):
    """A submission that is not taken, however often one tries."""


@dataclass
class _Copy:
    """What may be copied, whose files count if that is asked, and what was left out."""

    folders: CourseDirectory
    bytes_left: int
    files_left: int
    owner: int | None
    left_out: list[str] = field(default_factory=list)


def place(course: Course, handed_in: HandIn) -> Path:
    """Return where a student's work on a topic lies once it is collected."""
    return course.submitted_dir / handed_in.student / handed_in.topic


def held(folder: Path) -> datetime.datetime | None:
    """Return when what lies in a folder was handed in; None where it does not say."""
    try:
        with (folder / RECEIPT[0]).open(encoding="utf-8") as file:
            return when(file.read(_LONGEST_TIME).strip())
    except (OSError, ValueError):
        return None


def see_room(course: Course) -> None:
    """Look whether there is room for a submission, its grade and its page.

    Raises
    ------
    AutograderError
        If there is not: better no grade than one that could not be written to its end.
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
        owner = os.fstat(source).st_uid if check_owner else None
        copy = _Copy(course.coursedir, 1000 * course.coursedir.max_dir_size, MOST_FILES, owner)
        _remove(staged)
        staged.mkdir(parents=True)
        _copy_folder(source, staged, Path(), copy)
        _set_receipt(staged, handed_in, copy)
        if course.coursedir.groupshared:
            _share(staged)
        restore(course, handed_in)
        if os.path.lexists(target):
            target.rename(old)
        staged.rename(target)
        _remove(old)
    except OSError as error:
        raise AutograderError(
            f"it could not be copied to {target} ({error.strerror}): make room there, and see "
            "that the grader's account may write to it"
        ) from error
    finally:
        os.close(source)
        shutil.rmtree(staged, ignore_errors=True)
    return copy.left_out


def restore(course: Course, handed_in: HandIn) -> None:
    """Put back an earlier submission whose successor's copying was cut off at the last step."""
    target = place(course, handed_in)
    _, old = _beside(target)
    if os.path.lexists(old) and not os.path.lexists(target):
        old.rename(target)
    _remove(old)


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _copy_folder(source: int, target: Path, inside: Path, copy: _Copy) -> None:
    """Copy an open folder's content, leaving out what nbgrader would."""
    with os.scandir(source) as entries:
        for entry in entries:
            copy.files_left -= 1
            if copy.files_left < 0 or len(inside.parts) > _DEEPEST:
                raise Refused(f"it holds more than {MOST_FILES} files, or folders too deep")
            name = inside / entry.name
            if any(fnmatch.fnmatch(entry.name, pattern) for pattern in copy.folders.ignore):
                continue
            try:
                opened = os.open(entry.name, _READ, dir_fd=source)
            except OSError as error:
                if error.errno not in (errno.ELOOP, errno.ENXIO):
                    raise AutograderError(f"{name} cannot be read ({error.strerror})") from error
                copy.left_out.append(f"{name} is a link or a socket")
                continue
            try:
                _copy_one(opened, target / entry.name, name, copy)
            finally:
                os.close(opened)


def _copy_one(opened: int, target: Path, name: Path, copy: _Copy) -> None:
    status = os.fstat(opened)
    if stat.S_ISDIR(status.st_mode):
        target.mkdir()
        _copy_folder(opened, target, name, copy)
    elif not stat.S_ISREG(status.st_mode):
        copy.left_out.append(f"{name} is not a file")
    elif copy.owner not in (None, status.st_uid):
        copy.left_out.append(f"{name} belongs to another account")
    elif not any(fnmatch.fnmatch(name.name, pattern) for pattern in copy.folders.include):
        return
    elif status.st_size > 1000 * copy.folders.max_file_size:
        copy.left_out.append(f"{name} is larger than {copy.folders.max_file_size / 1000:g} MB")
    else:
        _copy_file(opened, target, copy)


def _copy_file(opened: int, target: Path, copy: _Copy) -> None:
    """Copy a file, which may grow meanwhile, within what is left."""
    with target.open("wb") as file:
        while piece := os.read(opened, _PIECE):
            copy.bytes_left -= len(piece)
            if copy.bytes_left < 0:
                raise Refused(f"it is larger than {copy.folders.max_dir_size / 1000:g} MB")
            file.write(piece)


def _set_receipt(staged: Path, handed_in: HandIn, copy: _Copy) -> None:
    """Let timestamp.txt say what the name says, and the secret be text, or not there.

    Lateness is read from the file and the newest submission is found by the name: both are the
    student's, and one alone must count.
    """
    time, secret = (staged / name for name in RECEIPT)
    if held(staged) != handed_in.time:
        copy.left_out.append(f"{time.name} does not say what the submission's name says")
        _remove(time)
    time.write_text(handed_in.timestamp, encoding="utf-8")
    if not _is_secret(secret):
        _remove(secret)


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
