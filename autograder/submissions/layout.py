"""The submissions on disk, in nbgrader's layout ``SUBMITTED/STUDENT/TOPIC/TOPIC.ipynb``."""

from __future__ import annotations

import os
import stat
import tempfile
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, student_names
from autograder.errors import AutograderError, of_machine
from autograder.remarks import Kind, Remark
from autograder.submissions import intake
from autograder.submissions.clean_copy import RECEIPT, Caps, LeftOut, Taken, Why

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_NAMED = 3
_LONGEST_NAME = 100


class Unfit(Exception):
    """A submission's folder cannot be read.

    ``why`` is the reason and ``kind`` the kind of the remark on it. ``transient`` is True if the
    next try may succeed.
    """

    def __init__(self, why: str, kind: Kind = Kind.UNGRADED, *, transient: bool = False) -> None:
        super().__init__(why)
        self.why, self.kind, self.transient = why, kind, transient


@dataclass(frozen=True)
class HandedIn:
    """One student's folder for one topic.

    ``unclear`` says why the student cannot be identified, and what to do. ``doubt`` names another
    student whom the folder's name may mean.
    """

    student: str
    topic: str
    folder: Path
    unclear: str = ""
    doubt: str = ""

    @property
    def notebook(self) -> Path:
        """The expected path of the notebook."""
        return self.folder / f"{self.topic}.ipynb"


def hand_ins(
    course: Course, submitted: Path, topic: str, students: Collection[str] | None = None
) -> list[HandedIn]:
    """Return the submissions to grade for a topic, without excluded students.

    Raises
    ------
    AutograderError
        If there is no such folder.
    """
    excluded = same_forms(course.coursedir.student_id_exclude.split(","))
    wanted = None if students is None else same_forms(students)
    found = collect(submitted, topic)
    if not all(entry.student.isascii() for entry in found):
        found = collect(submitted, topic, course.students())
    return [
        entry
        for entry in found
        if (form := student_names.plain(entry.student)) not in excluded
        and (wanted is None or form in wanted)
    ]


def same_forms(names: Iterable[str]) -> set[str]:
    """Return names in the form in which they are compared: see `student_names.plain`."""
    return {student_names.plain(name) for name in names}


def collect(submitted: Path, topic: str, known: Sequence[str] = ()) -> list[HandedIn]:
    """Return the submissions of ``topic``, sorted by student.

    A file in place of the topic's folder counts too: :func:`take` then reports the fault, so that
    the student is not skipped silently. Folders whose names are two Unicode forms of one name
    belong to one student.

    Parameters
    ----------
    known
        The gradebook's students: a name is returned in the form that it has there.

    Raises
    ------
    AutograderError
        If ``submitted`` is not a folder.
    """
    if not submitted.is_dir():
        raise AutograderError(
            f"There is no folder of submissions at {submitted}. Put them there as "
            f"STUDENT/{topic}/{topic}.ipynb, or name another folder with --submitted DIR."
        )
    ids = student_names.Ids(known)
    found: dict[str, list[Path]] = {}
    for entry in sorted(submitted.iterdir()):
        if not entry.name.startswith(".") and os.path.lexists(entry / topic):
            found.setdefault(ids.of(entry.name), []).append(entry / topic)
    return [
        HandedIn(student_names.writable(student), topic, folders[0], _unclear(folders))
        for student, folders in sorted(found.items())
    ]


def _unclear(folders: Sequence[Path]) -> str:
    """Return why the student of these folders is not clear; empty if it is."""
    names = " and ".join(ascii(folder.parent.name) for folder in folders)
    if len(folders) > 1:
        return (
            f"the folders {names} are one name in two Unicode forms: put the work that counts into "
            "one of them and remove the other"
        )
    name = folders[0].parent.name
    if student_names.writable(name) != name:
        return f"the name of the folder {names} is not UTF-8: rename it to the student's id"
    if any(unicodedata.category(c) == "Cc" for c in name):
        return f"the name of the folder {names} holds control characters: rename it"
    return ""


def find(submitted: Path, student: str, topic: str) -> HandedIn:
    """Return a student's submission; its folder may have any Unicode form of the name."""
    folder = submitted / student / topic
    if not os.path.lexists(folder) and submitted.is_dir():
        same = (entry for entry in submitted.iterdir() if student_names.same(entry.name, student))
        folder = next((e / topic for e in same if os.path.lexists(e / topic)), folder)
    return HandedIn(student, topic, folder)


def take(
    handed_in: HandedIn, target: Path, caps: Caps, first: Sequence[str] | None = None
) -> Taken:
    """Make the clean copy of a submission.

    Parameters
    ----------
    first
        Names that are copied before all others. Default: the notebook and the files with the
        submission time.

    Raises
    ------
    Unfit
        If the folder does not exist or cannot be read.
    Disturbed
        If the copy fails because of this machine.
    """
    source = _open(handed_in.folder)
    try:
        names = [handed_in.notebook.name, *RECEIPT] if first is None else first
        return intake.take(source, target, caps, names)
    finally:
        os.close(source)


@contextmanager
def taken(handed_in: HandedIn, caps: Caps) -> Iterator[Taken]:
    """Make a temporary clean copy of a submission, as :func:`take` does."""
    with tempfile.TemporaryDirectory(prefix="autograder-") as scratch:
        yield take(handed_in, Path(scratch) / "taken", caps)


@contextmanager
def receipt(handed_in: HandedIn) -> Iterator[Taken]:
    """Make a temporary clean copy of the files with a submission's time.

    Raises
    ------
    Unfit, Disturbed
        As :func:`take`.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-") as scratch:
        nothing = Caps(file_bytes=0, total_bytes=0, files=0)
        yield take(handed_in, Path(scratch) / "taken", nothing, RECEIPT)


def copy_files(handed_in: HandedIn, target: Path, ignored: Sequence[str]) -> list[Remark]:
    """Copy a submission's files except notebooks into a new folder; return remarks on the rest.

    Raises
    ------
    Unfit, Disturbed
        As :func:`take`.
    """
    found = take(handed_in, target, Caps.usual(ignored))
    found.keep_only(name for name in found.files if not name.endswith(".ipynb"))
    return remarks(found.left_out)


def remarks(left_out: Mapping[str, LeftOut], but: str | None = None) -> list[Remark]:
    """Return remarks on files not in a clean copy: a few of each kind by name, then a count.

    Parameters
    ----------
    but
        A name that is not reported here.
    """
    said = []
    for why in Why:
        names = [name for name, left in left_out.items() if left.why is why and name != but]
        kind = Kind.TAMPERED if why is Why.OUTSIDE else Kind.OTHER
        said += [
            Remark(f"{shown(name)} {left_out[name].text}: it was left out", kind)
            for name in names[:_MOST_NAMED]
        ]
        if (more := len(names) - _MOST_NAMED) and more > 0:
            text = f"{more} others were left out for the same reason as {shown(names[0])}"
            said.append(Remark(text, kind))
    return said


def shown(name: str) -> str:
    """Return a file's name for a sentence: on one line, and shortened."""
    if name == ".":
        return "the folder"
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[:_LONGEST_NAME]}…"


def _open(folder: Path) -> int:
    """Open a submission's folder; a link to another folder of the same student is allowed."""
    name = folder.name
    try:
        if stat.S_ISLNK(folder.parent.lstat().st_mode):
            student = shown(folder.parent.name)
            raise Unfit(f"{student} is a link: put the folder with the submission in its place")
        holder = os.open(folder.parent, _FOLDER)
        try:
            if stat.S_ISLNK(os.stat(name, dir_fd=holder, follow_symlinks=False).st_mode):
                name = os.readlink(name, dir_fd=holder)
                if "/" in name or name in ("", ".", ".."):
                    raise Unfit(f"{folder.name} {Why.OUTSIDE.value}", Kind.TAMPERED)
            if not stat.S_ISDIR(os.stat(name, dir_fd=holder, follow_symlinks=False).st_mode):
                raise Unfit(f"{folder.name} is a file where a folder with the notebook should be")
            return os.open(name, _FOLDER, dir_fd=holder)
        finally:
            os.close(holder)
    except OSError as error:
        if of_machine(error):
            raise
        why = f"{folder.name} cannot be read: {error.strerror}"
        raise Unfit(why, transient=True) from error
