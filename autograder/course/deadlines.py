"""Each student's deadline for a topic: due dates, extensions and free late days."""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from traitlets import Integer, Unicode
from traitlets.config import Config, Configurable

from autograder.atomic_file import write_whole
from autograder.course import dates, student_names
from autograder.course.sections import configured
from autograder.errors import AutograderError

EXTENSIONS = "extensions.csv"
HEADS = ("student_id", "topic", "until", "reason")
_DAY = datetime.timedelta(days=1)


class CourseCalendar(Configurable):
    """The section ``c.CourseCalendar`` of nbgrader_config.py."""

    timezone = Unicode(
        "UTC",
        help="The time zone of due dates and extensions that name none, such as Europe/Berlin. "
        "The gradebook stores them in UTC.",
    ).tag(config=True)
    late_days = Integer(
        0,
        min=0,
        help="Days that each student may be late in the whole course without a penalty. They are "
        "used automatically, in the order of the due dates.",
    ).tag(config=True)


@dataclass(frozen=True)
class Extension:
    """One line of ``extensions.csv``; ``until`` is the text in the file."""

    student: str
    topic: str
    until: str
    reason: str = ""
    line: int = 0


@dataclass(frozen=True)
class Deadline:
    """One student's deadline for one topic; all times are in UTC, without a zone.

    Attributes
    ----------
    due, until
        The topic's due date, and the student's own after an extension.
    late_days, left
        Free late days used for this topic, and left after it; ``left`` is None in a course without
        late days.
    handed_in
        When the graded work was handed in; None if unknown.
    """

    due: datetime.datetime | None = None
    until: datetime.datetime | None = None
    handed_in: datetime.datetime | None = None
    late_days: int = 0
    left: int | None = None

    @property
    def end(self) -> datetime.datetime | None:
        """The deadline including late days; None if there is none."""
        if self.due is None:
            return None
        return (self.until or self.due) + self.late_days * _DAY

    @property
    def extended(self) -> bool:
        """Whether there is an extension."""
        return self.due is not None and self.until not in (None, self.due)

    @property
    def seconds_late(self) -> float:
        """Seconds of lateness, as nbgrader's plugins for late penalties expect."""
        if self.end is None or self.handed_in is None:
            return 0.0
        return max(0.0, (self.handed_in - self.end).total_seconds())


@dataclass
class Calendar:
    """A course's time zone, extensions and late days."""

    folder: Path
    settings: CourseCalendar
    other_zones: tuple[datetime.tzinfo, ...] = ()
    given: dict[tuple[str, str], datetime.datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, config: Config) -> Calendar:
        """Return a course's calendar.

        Raises
        ------
        AutograderError
            If a setting is invalid, or a line of ``extensions.csv`` is invalid or ambiguous.
        """
        settings = configured(CourseCalendar, config, "calendar setting")
        dates.zone(settings.timezone)
        exchange = config.get("Exchange", Config()).get("timezone")
        others = (dates.zone(exchange),) if isinstance(exchange, str) and exchange else ()
        made = cls(folder, settings, others)
        made.given = {
            (each.student, each.topic): made.moment(each.until, f"{made.path}, line {each.line}")
            for each in made.extensions
        }
        return made

    @property
    def path(self) -> Path:
        """The file of the extensions."""
        return self.folder / EXTENSIONS

    @property
    def zone(self) -> datetime.tzinfo:
        """The course's time zone."""
        return dates.zone(self.settings.timezone)

    @cached_property
    def extensions(self) -> list[Extension]:
        """The lines of ``extensions.csv``."""
        return list(_read(self.path)) if self.path.exists() else []

    def moment(self, text: str, what: str = "") -> datetime.datetime:
        """Return a due date or extension in UTC; a day without a time means its end."""
        try:
            return dates.moment(text, (self.zone, *self.other_zones), day_ends=True)
        except AutograderError as error:
            raise AutograderError(f"{what}: {error}" if what else str(error)) from None

    def stamp(self, data: bytes) -> datetime.datetime:
        """Return the time in a ``timestamp.txt``; nbgrader writes UTC without a zone."""
        return dates.moment(dates.decode(data), (datetime.UTC, self.zone, *self.other_zones))

    def shown(self, when: datetime.datetime) -> str:
        """Return a time as text, in the course's time zone."""
        local = when.replace(tzinfo=datetime.UTC).astimezone(self.zone)
        name = self.settings.timezone if isinstance(self.zone, ZoneInfo) else "UTC"
        return f"{local:%Y-%m-%d %H:%M} {name}"

    def give(self, student: str, topic: str, until: str, reason: str = "") -> datetime.datetime:
        """Write an extension into the file, replacing an earlier one; return its end in UTC."""
        end = self.moment(until)
        others = [
            each for each in self.extensions if (each.student, each.topic) != (student, topic)
        ]
        local = end.replace(tzinfo=datetime.UTC).astimezone(self.zone)
        written = local.isoformat(" ", "seconds")
        self._write([*others, Extension(student, topic, written, reason)])
        return end

    def withdraw(self, student: str, topic: str) -> None:
        """Remove an extension from the file.

        Raises
        ------
        AutograderError
            If there is no such extension.
        """
        others = [
            each for each in self.extensions if (each.student, each.topic) != (student, topic)
        ]
        if len(others) == len(self.extensions):
            raise AutograderError(f"{student} has no extension for {topic} in {self.path}.")
        self._write(others)

    def deadlines(
        self, gradebook: Gradebook, student: str | None = None
    ) -> dict[tuple[str, str], Deadline]:
        """Return the deadline of each submission in the gradebook, by student and topic.

        Parameters
        ----------
        student
            Only the deadlines of this student.
        """
        rows = _rows(gradebook, student)
        found: dict[str, dict[str, Deadline]] = {}
        for name, topic, due, handed_in, extension in rows:
            until = self.given.get((_plain(name), topic))
            if until is None and due is not None and extension is not None:
                until = due + extension  # given by nbgrader's own Gradebook.grant_extension
            found.setdefault(name, {})[topic] = Deadline(due, until, handed_in)
        for mine in found.values():
            self._spend(mine)
        return {(name, topic): found[name][topic] for name in found for topic in found[name]}

    def _spend(self, mine: dict[str, Deadline]) -> None:
        """Spend a student's late days on late work, in the order of the due dates."""
        left = self.settings.late_days
        if not left:
            return
        for topic in sorted(
            mine, key=lambda topic: (mine[topic].due or datetime.datetime.max, topic)
        ):
            each = mine[topic]
            days = min(left, math.ceil(each.seconds_late / _DAY.total_seconds()))
            left -= days
            mine[topic] = Deadline(each.due, each.until, each.handed_in, days, left)

    def _write(self, lines: Iterable[Extension]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows((each.student, each.topic, each.until, each.reason) for each in lines)
        write_whole(self.path, text.getvalue().encode(), "The extensions")
        self.__dict__.pop("extensions", None)


def _rows(gradebook: Gradebook, student: str | None) -> Iterable[Any]:
    query = gradebook.db.query(
        SubmittedAssignment.student_id,
        Assignment.name,
        Assignment.duedate,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.extension,
    ).join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
    return query.filter(SubmittedAssignment.student_id == student) if student else query


def _read(path: Path) -> Iterable[Extension]:
    """Read the file in any form in which a spreadsheet saves it.

    Raises
    ------
    AutograderError
        If it cannot be read, lacks a column, or has two extensions of a student for one topic.
    """
    try:
        text = dates.decode(path.read_bytes())
    except (OSError, AutograderError) as error:
        why = getattr(error, "strerror", None) or error
        raise AutograderError(f"{path} cannot be read ({why}): save it as CSV in UTF-8.") from None
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    lines = csv.DictReader(io.StringIO(text), delimiter=mark)
    names = {_plain(name).casefold(): name for name in lines.fieldnames or () if name}
    if missing := [name for name in HEADS[:3] if name not in names]:
        raise AutograderError(
            f"{path} has no column {' or '.join(missing)}: its first line is {','.join(HEADS)}."
        )
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        value = {name: _plain(line.get(names.get(name, "")) or "") for name in HEADS}
        if not any(value.values()):
            continue
        one = (value["student_id"], value["topic"])
        if not all(one) or not value["until"]:
            raise AutograderError(
                f"{path}, line {lines.line_num}: student_id, topic and until must not be empty."
            )
        if one in seen:
            raise AutograderError(
                f"{path} has two extensions of {one[0]} for {one[1]}, in lines {seen[one]} and "
                f"{lines.line_num}: delete one of them."
            )
        seen[one] = lines.line_num
        yield Extension(*one, value["until"], value["reason"], lines.line_num)


def _plain(text: str) -> str:
    """Return a name as the gradebook has it: in composed form (NFC), stripped."""
    return student_names.plain(text.strip())


def told(deadline: Deadline, calendar: Calendar) -> list[str]:
    """Return sentences for the student's page on an extension or late days."""
    said = []
    if deadline.until is not None and deadline.extended:
        said.append(f"you had an extension, until {calendar.shown(deadline.until)}")
    if deadline.late_days:
        days = (
            "1 late day was" if deadline.late_days == 1 else f"{deadline.late_days} late days were"
        )
        said.append(f"{days} used, {deadline.left} of {calendar.settings.late_days} are left")
    return said
