"""Add a list of students to the gradebook, from a spreadsheet or a learning platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from rich.console import Console

from autograder import terminal
from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.exports.roster import IDS, Roster, Row, read

# As in `autograder.exports.roster`, but ``id``, nbgrader's own head, comes before ``email``.
_IDS = (*(name for name in IDS if name not in ("id", "email")), "id", "email")
_ABOUT = {"first_name": "first", "last_name": "last", "email": "email"}


@dataclass
class Enrolled:
    """The added and the already known students; ``remarks`` are about faults of the file."""

    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the JSON contract."""
        return {"added": self.added, "known": self.known, "remarks": self.remarks}


def enrol(course: Course, path: Path, column: str | None = None) -> Enrolled:
    """Add all students in a file to the gradebook; known students keep all grades.

    Parameters
    ----------
    path
        A table with column heads: ``id``, ``username``, ``email`` or another column with ids, and
        optionally first names, last names and addresses. CSV with commas, semicolons or tabs, in
        any Unicode encoding, with or without a byte-order mark.
    column
        The head of the column with the ids. Default: the first known head in the file.

    Raises
    ------
    AutograderError
        If the file cannot be read, has no ids, or lists one student twice. Nothing is written then.
    """
    roster = read(path)
    place = _place(roster, column)
    ids = student_names.Ids(course.students())
    rows: dict[str, Row] = {}
    done = Enrolled(remarks=list(roster.remarks))
    for row in roster.rows:
        student = ids.of(row.cells[place].strip())
        if not student:
            done.remarks.append(f"line {row.line} has no id and was skipped")
        elif student in rows:
            raise AutograderError(
                f"{path} lists {student} twice, in lines {rows[student].line} and {row.line}: "
                "delete one of them."
            )
        else:
            rows[student] = row
    with course.gradebook() as gradebook:
        for student, row in rows.items():
            try:
                gradebook.find_student(student)
                done.known.append(student)
            except MissingEntry:
                done.added.append(student)
            about = {name: roster.value(row, known) for name, known in _ABOUT.items()}
            gradebook.update_or_create_student(
                student, **{name: value for name, value in about.items() if value}
            )
    return done


def enrol_and_show(
    course: Course, path: Path, console: Console, column: str | None = None
) -> Enrolled:
    """Enrol, and print how many students were added."""
    done = enrol(course, path, column)
    for text in done.remarks:
        console.print(f"! {terminal.clean(text)}", style="yellow", soft_wrap=True, markup=False)
    console.print(f"{len(done.added)} students added, {len(done.known)} known already.")
    return done


def _place(roster: Roster, column: str | None) -> int:
    if column is not None:
        return roster.place(column)
    for known in _IDS:
        if known in roster.fields:
            return roster.fields[known]
    heads = ", ".join(head for head in roster.columns if head)
    raise AutograderError(
        f"{roster.path} has no column of ids that is known (id, username, email, …). Name the "
        f"column: --match COLUMN, one of {heads}."
    )
