"""Find the LMS's id of each student by its list of members, by a roster file, or by both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.exports import matching
from autograder.exports import roster as rosters
from autograder.exports.export import shown
from autograder.exports.grades import ClassGrades
from autograder.exports.matching import Matching, Naming
from autograder.exports.roster import Roster, Row
from autograder.exports.sheet import Listed, shared
from autograder.lti import services
from autograder.lti.platform import Platform
from autograder.lti.settings import Settings

#: A member's properties, and the roster's field for each.
_MEMBER = {
    "user_id": "id",
    "lis_person_sourcedid": "idnumber",
    "ext_user_username": "username",
    "email": "email",
    "name": "student",
    "family_name": "last",
    "given_name": "first",
}
_MEMBERS_FILE = Path("the platform's list of members")


@dataclass
class People:
    """The platform's ids of the gradebook's students.

    Attributes
    ----------
    how
        The column by which they were found, as text.
    ids
        The platform's id of each student.
    left_out
        Students without an id, with the reason.
    others
        People of the course in the LMS who are not in the gradebook.
    remarks
        Sentences for the instructor.
    """

    how: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def find(settings: Settings, platform: Platform, grades: ClassGrades) -> People:
    """Find the platform's id of each student.

    Raises
    ------
    AutograderError
        If the roster or the list of members cannot be read, or does not hold the gradebook's ids.
    """
    members = _members(services.members(platform)) if settings.memberships_url else None
    listed = rosters.read(settings.file(settings.roster)) if settings.roster else members
    assert listed is not None, "the settings name one of them"
    found = _match(settings, listed, grades.people)
    people = People(
        how=f"{found.how} of {listed.path}",
        left_out=Listed(grades, listed, found, {}).missing(),
        others=[shown(listed, row) for row in found.others],
        remarks=list(listed.remarks),
    )
    index = _index(members) if members and listed is not members else None
    place = None if index is not None else _place(settings, listed)
    for student, row in sorted(found.rows.items()):
        ids = _bridged(listed, row, index) if index is not None else {row.cells[place]} - {""}
        if len(ids) == 1:
            people.ids[student] = ids.pop()
        else:
            people.left_out[student] = _why_not(row, listed, len(ids), bridged=index is not None)
    twice = shared(people.ids)
    people.left_out |= twice
    people.ids = {student: who for student, who in people.ids.items() if student not in twice}
    return people


def _match(settings: Settings, listed: Roster, students: Iterable[str]) -> Matching:
    naming = Naming(f"`match` in {settings.path}", 'match = "{column}"')
    return matching.match(listed, students, settings.match or None, naming)


def _members(members: Iterable[Mapping[str, Any]]) -> Roster:
    """Return the list of members as a roster."""
    roster = Roster(
        _MEMBERS_FILE,
        tuple(_MEMBER),
        {known: place for place, known in enumerate(_MEMBER.values())},
    )
    for line, member in enumerate(members, 1):
        cells = tuple(str(member.get(name) or "").strip() for name in _MEMBER)
        roster.rows.append(Row(line, cells))
    if not roster.rows:
        raise AutograderError(
            "The platform lists no learner in this course: check that memberships_url is that "
            "of the course, and that the tool may see names and e-mail addresses."
        )
    return roster


def _place(settings: Settings, listed: Roster) -> int:
    """Return the index of the column that holds the platform's ids."""
    if settings.user_column:
        return listed.place(settings.user_column, f"`user_column` in {settings.path}")
    if "id" not in listed.fields:
        heads = ", ".join(head for head in listed.columns if head)
        raise AutograderError(
            f"{listed.path} has no column ID with the LMS's own ids (it has {heads}). Name the "
            f"column as user_column in {settings.path}, or ask the LMS: memberships_url."
        )
    return listed.fields["id"]


def _index(members: Roster) -> dict[tuple[str, str], set[str]]:
    """Return the platform's ids by (field, value) of the list of members."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in members.rows:
        for known in ("id", "idnumber", "username", "email"):
            if value := members.value(row, known):
                found.setdefault((known, value.casefold()), set()).add(members.value(row, "id"))
    return found


def _bridged(listed: Roster, row: Row, index: Mapping[tuple[str, str], set[str]]) -> set[str]:
    """Return the platform's ids of the members that match a roster's line; one if it is unique."""
    shares = {
        "email": ("email",),
        "idnumber": ("idnumber", "sis_user", "student_id"),
        "username": ("username", "sis_login", "student_id"),
        "id": ("id",),
    }
    for known, columns in shares.items():
        values = {listed.value(row, column).casefold() for column in columns}
        if ids := set().union(*(index.get((known, value), set()) for value in values if value)):
            return ids
    return set()


def _why_not(row: Row, listed: Roster, count: int, *, bridged: bool) -> str:
    if count:
        return f"line {row.line} of {listed.path.name} fits {count} of the LMS's members"
    if bridged:
        return "not among the LMS's members of this course (by e-mail address or id number)"
    return f"no id of the LMS in line {row.line} of {listed.path.name}"
