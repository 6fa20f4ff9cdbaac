"""Match lines of the roster with the gradebook's students."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from autograder.course import student_names
from autograder.errors import AutograderError
from autograder.exports.roster import IDS, Roster, Row


@dataclass
class Matching:
    """The result of matching a roster with the gradebook.

    Attributes
    ----------
    how
        The column that was used, as text for a message.
    column
        That column's head.
    rows
        The line of each student who was found.
    unknown
        Students of the gradebook who are not in the roster, with the likely reason.
    twice
        Students who are in the roster more than once, with different data, and the line numbers.
    others
        Lines that match no student of the gradebook.
    merged
        Students who are in the roster more than once, with the same data.
    """

    how: str = ""
    column: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    twice: dict[str, list[int]] = field(default_factory=dict)
    others: list[Row] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Way:
    """One way to read an id from a line: a column, or the part of it before the @."""

    place: int
    column: str
    made_for_it: bool = False
    local: bool = False

    def of(self, row: Row) -> str:
        value = row.cells[self.place]
        return value.partition("@")[0] if self.local else value

    def __str__(self) -> str:
        part = "the part before the @ of column" if self.local else "column"
        return f'{part} "{self.column}"'


@dataclass(frozen=True)
class Naming:
    """How messages name the setting for the column: in general, and for one ``{column}``."""

    general: str = "--match COLUMN"
    example: str = '--match "{column}"'


OPTION = Naming()


def match(
    roster: Roster, students: Iterable[str], column: str | None = None, naming: Naming = OPTION
) -> Matching:
    """Find each student's line by a given column, or by the column that holds the ids.

    Raises
    ------
    AutograderError
        If no column holds the ids, or two columns name different people.
    """
    students = sorted(students)
    ways = _ways(roster, column, naming)
    found = [(way, _find(roster, students, way)) for way in ways]
    found = [(way, lines) for way, lines in found if lines]
    if not found:
        raise AutograderError(_nobody(roster, students, column, naming))
    # A column student_id comes first, then the one that matches most students.
    way, lines = max(found, key=lambda pair: (pair[0].made_for_it, len(pair[1])))
    if not way.made_for_it:
        _agree(roster, (way, lines), found, naming)
    return _sorted_out(roster, students, way, lines)


def _ways(roster: Roster, column: str | None, naming: Naming) -> list[_Way]:
    """Return the ways to try, the most reliable first."""
    if column is not None:
        places = [roster.place(column, naming.general)]
    else:
        places = [roster.fields[known] for known in IDS if known in roster.fields]
    own = roster.fields.get("student_id")
    whole = [_Way(place, roster.columns[place], place == own) for place in places]
    mails = [w for w in whole if any("@" in row.cells[w.place] for row in roster.rows)]
    return whole + [replace(way, made_for_it=False, local=True) for way in mails]


def _find(roster: Roster, students: list[str], way: _Way) -> dict[str, list[Row]]:
    """Return the lines of each student: an exact match first, else one that ignores case."""
    found: dict[str, list[Row]] = {}
    left, rows = set(students), list(roster.rows)
    for form in (_same, _folded):
        index: dict[str, list[Row]] = {}
        for row in rows:
            if value := way.of(row):
                index.setdefault(form(value), []).append(row)
        hits = {s: index[form(s)] for s in sorted(left) if form(s) in index}
        hits = _only_one_each(hits, form)
        found |= hits
        left -= set(hits)
        taken = {row.line for lines in hits.values() for row in lines}
        rows = [row for row in rows if row.line not in taken]
    return found


def _only_one_each(hits: dict[str, list[Row]], form: Callable[[str], str]) -> dict[str, list[Row]]:
    """Remove students whose ids differ only in case: they cannot be told apart."""
    forms = [form(student) for student in hits]
    return {student: lines for student, lines in hits.items() if forms.count(form(student)) == 1}


def _same(text: str) -> str:
    return student_names.plain(text)


def _folded(text: str) -> str:
    return _same(_same(text).casefold())


def _agree(
    roster: Roster,
    best: tuple[_Way, dict[str, list[Row]]],
    found: list[tuple[_Way, dict[str, list[Row]]]],
    naming: Naming,
) -> None:
    """Raise an error if another column gives a student a different line."""
    way, lines = best
    for other, others in found:
        for student in sorted(lines.keys() & others.keys()):
            mine = {row.line for row in lines[student]}
            if not mine & {row.line for row in others[student]}:
                raise AutograderError(
                    f"In {roster.path}, {way} and {other} name different people for {student}. "
                    "Name the one that holds the gradebook's ids, for example: "
                    + naming.example.format(column=way.column)
                )


def _sorted_out(
    roster: Roster, students: list[str], way: _Way, lines: dict[str, list[Row]]
) -> Matching:
    result = Matching(how=str(way), column=way.column)
    for student, rows in lines.items():
        if len({_identity(roster, row) for row in rows}) > 1:
            result.twice[student] = [row.line for row in rows]
            continue
        result.rows[student] = rows[0]
        if len(rows) > 1:
            result.merged.append(student)
    taken = {row.line for rows in lines.values() for row in rows}
    result.others = [row for row in roster.rows if row.line not in taken]
    free = [row for row in result.others if way.of(row)]
    for student in students:
        if student not in lines:
            result.unknown[student] = _hint(student, students, free, way)
    return result


def _hint(student: str, students: list[str], free: list[Row], way: _Way) -> str:
    """Return the likely reason why a student has no line; empty if none is known."""
    for other in students:
        if other != student and _folded(other) == _folded(student):
            why = student_names.unlike(student, other)
            return f"the gradebook has {student!a} and {other!a}: {why}"
    for row in free:
        if student_names.look(way.of(row)) == student_names.look(student):
            why = student_names.unlike(student, way.of(row))
            return f"line {row.line} has {way.of(row)}, which looks the same: {why}"
    for row in free:
        if _without_zeros(way.of(row)) == _without_zeros(student):
            return f"line {row.line} has {way.of(row)}: a spreadsheet may have taken zeros away"
    return ""


def _identity(roster: Roster, row: Row) -> tuple[str, ...]:
    return tuple(roster.value(row, known) for known in IDS if known != "student_id")


def _without_zeros(text: str) -> str:
    return text.lstrip("0") or text


def _nobody(roster: Roster, students: list[str], column: str | None, naming: Naming) -> str:
    some = ", ".join(students[:3])
    if column is not None:
        return (
            f'Column "{column}" of {roster.path} holds none of the gradebook\'s ids (such as '
            f"{some}). Name the column that does with {naming.general}."
        )
    heads = ", ".join(head for head in roster.columns if head)
    return (
        f"No column of {roster.path} holds the gradebook's ids (such as {some}). It has: {heads}. "
        f"Name the column that holds them with {naming.general}, or add a column student_id."
    )
