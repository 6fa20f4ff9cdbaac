"""The file that Canvas imports into its gradebook.

The columns and their order are those of Canvas' own export, which its import requires: Student, ID,
SIS User ID, SIS Login ID, Section, then a column ``Name (id)`` for each assignment. The line below
the heads is "Points Possible".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from autograder.errors import AutograderError
from autograder.exports.cells import Cell, Style, harmless, key, number
from autograder.exports.formats import Extra, Format
from autograder.exports.grades import Result, TopicGrades
from autograder.exports.roster import Row
from autograder.exports.sheet import Listed, Request, Sheet, heads, shared, text

#: The columns that name a person, in Canvas' order, and whether Canvas requires them; the others
#: are written if the roster has them.
PERSON = (
    ("student", "Student", True),
    ("id", "ID", True),
    ("sis_user", "SIS User ID", True),
    ("sis_login", "SIS Login ID", True),
    ("integration", "Integration ID", False),
    ("root", "Root Account", False),
    ("section", "Section", True),
)

#: The ids by which Canvas looks a person up, in this order.
_KEYS = ("id", "sis_user", "sis_login")

POINTS = "    Points Possible"
EXCUSED = "EX"


def build(request: Request) -> Sheet:
    """Return the file's content.

    Raises
    ------
    AutograderError
        If the roster has none of Canvas' ids, or two topics have the same column.
    """
    listed, style = request.listed, request.style
    if not any(known in listed.roster.fields for known in _KEYS):
        raise AutograderError(
            f"{listed.roster.path} has none of Canvas' columns ID, SIS User ID and SIS Login ID. "
            "Use the file that Canvas exports: Grades, Export, Export Entire Gradebook."
        )
    if style.separator == "\t":
        raise AutograderError("Canvas reads commas and semicolons: --separator comma or semicolon.")
    topics = listed.grades.topics
    columns = {topic.topic: _column(listed, topic) for topic in topics}
    heads(columns, topics)
    sheet = Sheet(style, left_out=listed.missing())
    sheet.lines = [
        [head for known, head, asked in PERSON if asked or known in listed.roster.fields],
        _points(listed, columns, sheet),
    ]
    sheet.lines[0] += columns.values()
    keys = _keys(listed, sheet)
    for student, row in listed.in_order():
        if student in keys:
            sheet.lines.append(_line(listed, student, row, columns, style))
    sheet.remarks += _excused(listed, columns, keys)
    new = [head for head in columns.values() if head not in listed.roster.columns]
    if new:
        sheet.remarks.append(
            f"Not an assignment in the roster: {', '.join(new)}. Canvas will ask at the import "
            "whether each is new or an existing one; --column TOPIC=COLUMN names it here."
        )
    sheet.next_step = "In Canvas: Grades, Import. Check the changes before you save them."
    return sheet


def _column(listed: Listed, topic: TopicGrades) -> str:
    """Return the head of a topic's column, with Canvas' id if the roster has it."""
    wanted = listed.columns.get(topic.topic, topic.topic)
    if wanted in listed.roster.columns:
        return wanted
    titled = re.compile(rf"{re.escape(wanted)}\s+\(\d+\)", re.IGNORECASE)
    found = [head for head in listed.roster.columns if titled.fullmatch(head)]
    if len(found) > 1:
        raise AutograderError(
            f"Canvas has several assignments of that name: {', '.join(found)}. Choose one with "
            f'--column "{topic.topic}={found[0]}".'
        )
    return found[0] if found else wanted


def _points(listed: Listed, columns: dict[str, str], sheet: Sheet) -> list[Cell]:
    """Return the line "Points Possible".

    An import changes the points of an existing assignment, so that Canvas' own points are written
    if the roster has them.
    """
    count = sum(asked or known in listed.roster.fields for known, _, asked in PERSON)
    line: list[Cell] = [POINTS, *[None] * (count - 1)]
    for topic in listed.grades.topics:
        head, most = columns[topic.topic], topic.max_score
        theirs = _cell(listed, listed.roster.points, head)
        line.append(most)
        if (value := _value(theirs)) is not None:
            line[-1] = value
            if value != most:
                sheet.remarks.append(
                    f"{topic.topic}: Canvas has {number(value)} points possible, the gradebook "
                    f"{number(most)}. Canvas' points are kept."
                )
    return line


def _cell(listed: Listed, row: Row | None, head: str) -> str:
    """Return Canvas' value in a column; empty if there is none."""
    if row is None or head not in listed.roster.columns:
        return ""
    return row.cells[listed.roster.columns.index(head)]


def _value(shown: str) -> float | None:
    """Return a number that Canvas wrote in any language; None if it is not a number."""
    try:
        return float(shown.replace(",", "."))
    except ValueError:
        return None


def _keys(listed: Listed, sheet: Sheet) -> dict[str, str]:
    """Return the id by which Canvas finds each student; adds the others to ``left_out``."""
    keys = {}
    for student, row in listed.matching.rows.items():
        values = [(known, listed.roster.value(row, known)) for known in _KEYS]
        first = next(((known, value) for known, value in values if value), None)
        if first is None:
            sheet.left_out[student] = f"the roster has no Canvas id (line {row.line})"
        elif key(first[1]) is None:
            sheet.left_out[student] = f"the id in line {row.line} would be a formula"
        else:
            keys[student] = ": ".join(first)
    twice = shared(keys)
    sheet.left_out |= twice
    return {student: value for student, value in keys.items() if student not in twice}


def _line(
    listed: Listed, student: str, row: Row, columns: dict[str, str], style: Style
) -> list[Cell]:
    line = _person(listed, row, style)
    for topic in listed.grades.topics:
        result = topic.results[student]
        if _cell(listed, row, columns[topic.topic]).upper() == EXCUSED:
            line.append(EXCUSED)
        else:
            line.append(listed.score(result))
    return line


def _excused(listed: Listed, columns: dict[str, str], students: Container[str]) -> Iterator[str]:
    """Yield a remark about students who are excused in Canvas: a score would undo that."""
    for topic in listed.grades.topics:
        names = [
            f"{student}{_instead_of(topic.results[student])}"
            for student, row in listed.in_order()
            if student in students and _cell(listed, row, columns[topic.topic]).upper() == EXCUSED
        ]
        if names:
            yield f"{topic.topic}: excused in Canvas, and not changed: {', '.join(names)}."


def _instead_of(result: Result) -> str:
    if result.absent or result.score is None:
        return ""
    return f" ({number(result.score)} in the gradebook)"


def _person(listed: Listed, row: Row, style: Style) -> list[Cell]:
    """Return the cells that name a person.

    Canvas looks a person up by the first id that is not empty. That id is written unchanged (see
    `key`); the others are not read and get an apostrophe like any text.
    """
    line: list[Cell] = []
    found = False
    for known, _, asked in PERSON:
        value = listed.roster.value(row, known)
        if known == "student":
            line.append(_name(listed.roster.name(row), style))
        elif known in _KEYS and value and not found:
            line.append(value)
            found = True
        elif asked or known in listed.roster.fields:
            line.append(harmless(value, style))
    return line


def _name(name: str, style: Style) -> str:
    """Return a name; empty if Canvas would read the line as "Points Possible"."""
    return "" if POINTS.strip().casefold() in name.casefold() else text(name, style)


FORMAT = Format(
    "canvas",
    title="Canvas",
    about="a file that Canvas imports into its gradebook",
    file="canvas.csv",
    build=build,
    needs_roster=True,
    accepts=frozenset({Extra.COLUMNS}),
    heads=2,
)
