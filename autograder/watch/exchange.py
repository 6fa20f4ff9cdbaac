"""List the exchange's submissions, and find the one of each student that counts."""

from __future__ import annotations

import datetime
import functools
import os
import pwd
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc

from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.submissions.clean_copy import RECEIPT

Pair = tuple[str, str]

GONE = "is gone"

_PLAIN = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?) UTC")
_LEFT_ALONE_S = 60.0
_SLOW_COPY = datetime.timedelta(minutes=10)


class HandIn(NamedTuple):
    """One submission in the exchange; ``time`` is from its name, in UTC, without a zone."""

    student: str
    topic: str
    timestamp: str
    time: datetime.datetime
    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """The submission's folder."""
        return self.folder / self.name

    @property
    def pair(self) -> Pair:
        """The student and the topic."""
        return self.student, self.topic


@dataclass(frozen=True)
class Inbound:
    """The folder that receives submissions, and the course's rules for collecting.

    Attributes
    ----------
    check_owner
        Whether a submission must belong to the account that it names.
    before_duedate
        Whether the last submission before the due date counts, rather than the last of all.
    """

    folder: Path
    check_owner: bool
    before_duedate: bool
    excluded: frozenset[str]

    @classmethod
    def of(cls, course: Course) -> Inbound:
        """Return a course's inbound folder, as configured for ``nbgrader collect``.

        Raises
        ------
        AutograderError
            If the course has no name, or its exchange is not a shared folder.
        """
        collect = ExchangeFactory(config=course.config).Collect(
            coursedir=course.coursedir, config=course.config
        )
        if not isinstance(collect, ExchangeCollect):
            raise AutograderError(
                f"This course's exchange is {type(collect).__name__}, not nbgrader's own: only a "
                "shared folder can be watched. Grade with: autograder grade TOPIC"
            )
        if not (name := course.coursedir.course_id):
            raise AutograderError(
                "The course has no name: set c.CourseDirectory.course_id in nbgrader_config.py."
            )
        excluded = frozenset(
            student_names.plain(name)
            for name in course.coursedir.student_id_exclude.split(",")
            if name
        )
        folder = Path(collect.root) / name / "inbound"
        return cls(folder, collect.check_owner, collect.before_duedate, excluded)

    def look(self) -> list[HandIn]:
        """Return all submissions whose name can be parsed.

        Raises
        ------
        AutograderError
            If the folder cannot be listed.
        """
        try:
            names = os.listdir(self.folder)  # noqa: PTH208  (25 000 of them; paths are not needed)
        except OSError as error:
            raise AutograderError(
                f"The exchange cannot be read at {self.folder} ({error.strerror}): check "
                "c.Exchange.root, that it is mounted, and that a topic has been released to it "
                "(nbgrader release_assignment TOPIC)."
            ) from error
        found = (read(self.folder, name) for name in names)
        return [each for each in found if each and each.student not in self.excluded]

    def changed(self) -> int:
        """Return the folder's modification time in ns; -1 if it cannot be read."""
        try:
            return self.folder.stat().st_mtime_ns
        except OSError:
            return -1

    def foreign(self, handed_in: HandIn) -> str | None:
        """Return why a submission does not belong to the student that it names, or None."""
        try:
            status = handed_in.path.lstat()
        except FileNotFoundError:
            return GONE
        except OSError as error:
            return f"cannot be looked at ({error.strerror})"
        if not stat.S_ISDIR(status.st_mode):
            return "is not a folder"
        if not self.check_owner:
            return None
        try:
            owner = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            owner = f"account {status.st_uid}"
        if student_names.same(owner, handed_in.student):
            return None
        return (
            f"says that it is {handed_in.student}'s, but belongs to {owner}. (Where students have "
            "no accounts of their own on this machine, say c.ExchangeCollect.check_owner = False)"
        )

    def in_order(self, records: Iterable[HandIn], due: datetime.datetime | None) -> list[HandIn]:
        """Return one student's submissions; first the one that ``nbgrader collect`` takes."""
        newest = sorted(records, key=lambda each: each.time, reverse=True)
        if due is None or not self.before_duedate:
            return newest
        return [r for r in newest if r.time <= due] + [r for r in newest if r.time > due]

    def newer(self, time: datetime.datetime, than: datetime.datetime | None) -> bool:
        """Return whether ``nbgrader collect --update`` would replace one by the other."""
        if than is None or time > than:
            return True
        return self.before_duedate and time != than


def complete(handed_in: HandIn, now: float) -> bool:
    """Return whether a submission is copied completely.

    ``nbgrader submit`` writes the secret last, and then makes the folder writable for others. A
    submission made in another way counts as complete once it has not changed for a minute.
    """
    try:
        status = handed_in.path.lstat()
        opened = bool(status.st_mode & stat.S_IWGRP) and (handed_in.path / RECEIPT[1]).is_file()
    except OSError:
        return False
    return opened or now - status.st_ctime > _LEFT_ALONE_S


def read(folder: Path, name: str) -> HandIn | None:
    """Parse a name ``STUDENT+TOPIC+TIMESTAMP+RANDOM``; None if it has another form."""
    parts = name.rsplit("+", 3)
    if len(parts) < 3 or not name.isprintable():
        return None
    student, topic, timestamp = parts[:3]
    if not student or not topic or student.startswith(".") or topic.startswith("."):
        return None  # ".." would lead out of the course's folders
    time = when(timestamp)
    student = student_names.plain(student)
    return HandIn(student, topic, timestamp, time, folder, name) if time else None


@functools.lru_cache(maxsize=4096)
def when(timestamp: str) -> datetime.datetime | None:
    """Return a time as nbgrader reads it, in UTC without a zone; None if it is not a time."""
    if plain := _PLAIN.fullmatch(timestamp):
        try:
            return datetime.datetime.fromisoformat(plain[1])
        except ValueError:
            return None
    try:
        return parse_utc(timestamp.strip()) if len(timestamp) < 100 else None
    except Exception:  # dateutil may raise anything for a made-up text
        return None


def backdated(handed_in: HandIn, due: datetime.datetime | None, seen: float) -> str | None:
    """Return a remark if a submission's time is before the due date but it arrived later, or None.

    Parameters
    ----------
    seen
        When it was first seen, in seconds since 1970. The kernel sets the folder's own change
        time: a student can make it later, not earlier.
    """
    if due is None or handed_in.time > due:
        return None
    try:
        seen = min(seen, handed_in.path.lstat().st_ctime)
    except OSError:
        return None
    came = datetime.datetime.fromtimestamp(seen, datetime.UTC).replace(tzinfo=None)
    if came <= due + _SLOW_COPY:
        return None
    return (
        f"says that it was handed in at {handed_in.timestamp}, before the due date, but came at "
        f"{came:%Y-%m-%d %H:%M:%S} UTC: look at it, and at the clocks of your machines"
    )
