"""Export grades: read the gradebook, build the file's lines and write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports import matching
from autograder.exports import roster as rosters
from autograder.exports.cells import Style, render
from autograder.exports.formats import Extra, Format, formats, taking
from autograder.exports.grades import ClassGrades
from autograder.exports.matching import Matching
from autograder.exports.reading import read
from autograder.exports.roster import Roster
from autograder.exports.sheet import ABSENT_AS, Request, Sheet


@dataclass(frozen=True)
class Options:
    """Options of an export.

    Attributes
    ----------
    to
        The name of a format.
    out
        The file. Default: the format's own name in the course's folder ``exports``.
    topics, students
        Export only these; empty means all.
    roster, match
        The platform's list of students, and its column that holds the gradebook's ids.
    columns
        The platform's name of a topic, by topic.
    absent
        The cell of a student who handed in nothing: "zero" or "blank".
    provisional
        Write the file although some grades are still open.
    feedback
        Add a column for each topic with the score of each task.
    separator, decimal
        "comma", "semicolon" or "tab"; "point" or "comma". With a decimal comma, the default
        separator is the semicolon.
    """

    to: str = "csv"
    out: Path | None = None
    topics: Sequence[str] = ()
    students: Sequence[str] = ()
    roster: Path | None = None
    match: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    absent: str = "zero"
    provisional: bool = False
    feedback: bool = False
    separator: str | None = None
    decimal: str = "point"


@dataclass
class Export:
    """The result of an export; ``file`` is None if nothing was written, since grades are open."""

    format: Format
    grades: ClassGrades
    sheet: Sheet
    file: Path | None = None
    roster: Roster | None = None
    matching: Matching | None = None

    def provisional(self) -> dict[str, dict[str, str]]:
        """Return the status of each open grade in the file, by topic and student."""
        found = {
            topic: {s: status for s, status in students.items() if s not in self.sheet.left_out}
            for topic, students in self.grades.provisional().items()
        }
        return {topic: students for topic, students in found.items() if students}

    @property
    def complete(self) -> bool:
        """Whether everybody in the gradebook is in the file."""
        return self.file is not None and not self.sheet.left_out

    def to_json(self) -> dict[str, Any]:
        """Return the summary for scripts."""
        found = self.matching
        return {
            "to": self.format.name,
            "file": str(self.file) if self.file else None,
            "topics": {topic.topic: topic.max_score for topic in self.grades.topics},
            "unused_topics": self.grades.unused,
            "students": len(self.grades.people),
            "provisional": self.provisional(),
            "not_handed_in": {topic.topic: topic.absent() for topic in self.grades.topics},
            "left_out": dict(sorted(self.sheet.left_out.items())),
            "matched_by": found.how if found else None,
            "not_in_roster": sorted(found.unknown) if found else [],
            "only_in_roster": [shown(self.roster, row) for row in found.others] if found else [],
            "remarks": self.sheet.remarks,
        }


def named_columns(pairs: Sequence[str]) -> dict[str, str]:
    """Return the platform's name of each topic, from texts ``TOPIC=COLUMN``.

    Raises
    ------
    AutograderError
        If a text has another form, or a topic is named twice.
    """
    columns: dict[str, str] = {}
    for pair in pairs:
        topic, sign, column = (part.strip() for part in pair.partition("="))
        if not (topic and sign and column):
            raise AutograderError(f"--column takes TOPIC=COLUMN, not {pair!r}.")
        if topic in columns:
            raise AutograderError(f"--column names the topic {topic!r} twice.")
        columns[topic] = column
    return columns


def shown(roster: Roster | None, row: rosters.Row) -> str:
    """Return the name of a line of the roster in messages: a name, an id or the line number."""
    name = roster.name(row) if roster else ""
    ids = [roster.value(row, known) for known in rosters.IDS] if roster else []
    return name or next(filter(None, ids), f"line {row.line}")


def export(course: Course, gradebook: Gradebook, options: Options) -> Export:
    """Write the file.

    Nothing is written while grades are open, unless ``options.provisional`` is set or the file
    itself marks open grades, as the spreadsheet does in its column ``status``.

    Raises
    ------
    AutograderError
        If an option does not fit the format, the gradebook or roster cannot be read, or the file
        cannot be written.
    """
    kind = _format(options.to)
    style = _checked(options, kind)
    out = options.out or course.root / "exports" / kind.file
    if options.roster and out.resolve() == options.roster.resolve():
        raise AutograderError(f"{out} is the roster itself: name another file with --out FILE.")
    roster = rosters.read(options.roster) if options.roster else None
    grades = read(gradebook, course, options.topics, options.students)
    _columns_known(options, grades)
    found = matching.match(roster, grades.people, options.match) if roster else None
    if found and options.students:
        found.others = []  # the rest of the class is not exported on purpose
    request = Request(
        grades, style, options.absent, roster, found, options.columns, options.feedback
    )
    made = Export(kind, grades, kind.build(request), roster=roster, matching=found)
    _add_roster_remarks(made)
    if len(made.sheet.lines) <= kind.heads:
        raise AutograderError("No student could be written: check the roster's ids.")
    if kind.shows_status or options.provisional or not made.provisional():
        write_whole(out, render(made.sheet.lines, style), "The grades")
        made.file = out
    return made


def _format(name: str) -> Format:
    known = formats()
    if name not in known:
        raise AutograderError(f"--to is {', '.join(known)}; it can't be {name!r}.")
    return known[name]


def _checked(options: Options, kind: Format) -> Style:
    """Return the file's separator and decimal sign, after checking that the options are valid."""
    if options.absent not in ABSENT_AS:
        raise AutograderError(f"--absent is {' or '.join(ABSENT_AS)}, not {options.absent!r}.")
    if kind.needs_roster and options.roster is None:
        raise AutograderError(
            f"{kind.title} needs a roster, to match students with ids. Export the course's grades "
            "from it, and name that file with --roster FILE."
        )
    if options.feedback and Extra.FEEDBACK not in kind.accepts:
        raise AutograderError(f"Feedback is for {taking(Extra.FEEDBACK)}: omit --feedback.")
    if options.match and options.roster is None:
        raise AutograderError("--match names a column of the roster: add --roster FILE.")
    if options.columns and Extra.COLUMNS not in kind.accepts:
        raise AutograderError(f"--column is for {taking(Extra.COLUMNS)}: omit it.")
    usual = "semicolon" if options.decimal == "comma" else "comma"
    return Style.named(options.separator or usual, options.decimal, mark=kind.byte_order_mark)


def _columns_known(options: Options, grades: ClassGrades) -> None:
    known = {topic.topic for topic in grades.topics}
    for topic in options.columns:
        if topic not in known:
            raise AutograderError(
                f"--column names the topic {topic!r}, which is not exported: the topics are "
                f"{', '.join(sorted(known))}."
            )


def _add_roster_remarks(made: Export) -> None:
    """Add the remarks about the roster itself."""
    if made.roster:
        made.sheet.remarks[:0] = made.roster.remarks
    if made.matching:
        merged = ", ".join(sorted(made.matching.merged))
        if merged:
            made.sheet.remarks.append(f"More than once in the roster, always the same: {merged}.")
