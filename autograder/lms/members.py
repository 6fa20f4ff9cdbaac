"""Find the gradebook's student for a name in an LMS's archive, if exactly one matches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.exports import matching
from autograder.exports import roster as rosters
from autograder.exports.roster import Roster, Row
from autograder.lms.names import Named

_IDENTIFIER = "identifier"  # Moodle's grading worksheet: "Participant 12345"


class Unknown(AutograderError):
    """No student matches, or more than one; the text says who and what to do."""


@dataclass
class People:
    """The gradebook's students, by the names and numbers that an LMS may use.

    Attributes
    ----------
    numbers
        Student by (platform, number): Canvas' user ids, the numbers of Moodle's grading worksheet.
        names
        Students by name, as `key` normalises it.
        outside
        People who are only in the roster, by name: the line there.
    """

    ids: student_names.Ids
    known: set[str]
    numbers: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def student(self, named: Named) -> str:
        """Return the student a file belongs to.

        A number in the roster comes before a name. A name that two people have, also one that
        differs only in accents, matches nobody.

        Raises
        ------
        Unknown
            If no student matches, or more than one.
        """
        if found := self.numbers.get((named.platform, named.number)):
            return found
        who = self.ids.of(named.who)
        if who in self.known:
            return who
        found_ids = self.names.get(key(named.who)) or self.names.get(key(named.who, bare=True))
        if found_ids and len(found_ids) == 1:
            return next(iter(found_ids))
        if found_ids:
            both = " and ".join(sorted(found_ids))
            raise Unknown(f"{both} both have this name")
        if line := self.outside.get(key(named.who)):
            raise Unknown(
                f"{line} of the roster lists them, and the gradebook does not: enrol them "
                "(autograder enrol FILE) and collect again"
            )
        raise Unknown(
            "nobody in the gradebook has this name (if grading is anonymous, reveal the "
            "identities in Moodle, or name its grading worksheet with --roster)"
        )


def people(course: Course, roster: Path | None = None, column: str | None = None) -> People:
    """Return the gradebook's students, with their names and numbers in a roster.

    Parameters
    ----------
    roster
        Canvas' gradebook export, Moodle's grading worksheet or list of participants.
    column
        The roster's column with the gradebook's ids. Default: found.

    Raises
    ------
    AutograderError
        If the gradebook has no students, or the roster cannot be matched with it.
    """
    with course.gradebook() as gradebook:
        about = {s.id: (s.first_name or "", s.last_name or "") for s in gradebook.students}
    if not about:
        raise AutograderError(
            "The gradebook has no students, so no name can be matched: enrol them first "
            "(autograder enrol FILE)."
        )
    found = People(student_names.Ids(about), set(about))
    for student, (first, last) in about.items():
        _name(found, student, [f"{first} {last}", f"{last} {first}"] if first or last else [])
    if roster is not None:
        _add_roster(found, rosters.read(roster), column)
    return found


def key(name: str, *, bare: bool = False) -> str:
    """Return a name without case, blanks and signs, which platforms change; if bare, no accents."""
    folded = student_names.look(name)
    if bare:
        folded = unicodedata.normalize("NFKD", folded)
    return "".join(c for c in folded if c.isalnum())


def _name(found: People, student: str, names: Iterable[str]) -> None:
    for name in names:
        for each in {key(name), key(name, bare=True)} - {""}:
            found.names.setdefault(each, set()).add(student)


def _add_roster(found: People, roster: Roster, column: str | None) -> None:
    result = matching.match(roster, found.known, column)
    found.remarks += roster.remarks
    for student, row in result.rows.items():
        _name(found, student, _names(roster, row))
        if canvas := roster.value(row, "id"):
            found.numbers["Canvas", canvas] = student
        if worksheet := _participant(roster, row):
            found.numbers["Moodle", worksheet] = student
    for row in result.others:
        for name in _names(roster, row):
            found.outside[key(name)] = f"line {row.line}"


def _names(roster: Roster, row: Row) -> list[str]:
    last, first = roster.value(row, "last"), roster.value(row, "first")
    whole = roster.value(row, "student")
    family, _, given = whole.partition(",")
    both = [f"{first} {last}", f"{last} {first}"] if first or last else []
    return [*both, whole, f"{given} {family}"] if whole else both


def _participant(roster: Roster, row: Row) -> str:
    """Return the number in Moodle's worksheet, without the word in front of it."""
    for place, head in enumerate(roster.columns):
        if head.strip().casefold() == _IDENTIFIER:
            return row.cells[place].rpartition(" ")[2]
    return ""
