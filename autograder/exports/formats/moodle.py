"""The CSV file that Moodle imports.

After the upload Moodle asks which column identifies the student (email address, ID number or
username) and which grade item belongs to each other column (MoodleDocs, "Grade import").
"""

from __future__ import annotations

import re

from autograder.errors import AutograderError
from autograder.exports.cells import Cell, key, number
from autograder.exports.formats import Extra, Format
from autograder.exports.grades import Result, TopicGrades
from autograder.exports.roster import Row
from autograder.exports.sheet import Listed, Request, Sheet, heads, points, shared, text

#: The fields by which Moodle finds a person, with their names under "Map to".
KEYS = {"username": "Username", "idnumber": "ID number", "email": "Email address"}

_NAMES = ("first", "last")

#: Moodle refuses a grade above this, unless its administrator allows more.
MOST = 100.0


def build(request: Request) -> Sheet:
    """Return the file's content; with ``request.feedback``, two columns for each topic.

    Raises
    ------
    AutograderError
        If the roster has no column by which Moodle finds people, or two topics share a column.
    """
    listed, style, feedback = request.listed, request.style, request.feedback
    sheet = Sheet(style, left_out=listed.missing())
    place, target = _key_column(listed)
    topics = listed.grades.topics
    columns = {topic.topic: _column(listed, topic) for topic in topics}
    heads(columns, topics)
    names = [known for known in _NAMES if known in listed.roster.fields]
    head: list[Cell] = [listed.roster.columns[place], *map(listed.roster.head, names)]
    for topic in topics:
        head.append(columns[topic.topic])
        if feedback:
            head.append(_feedback_head(columns[topic.topic]))
    sheet.lines.append(head)
    keys = _keys(listed, place, sheet)
    for student, row in listed.in_order():
        if student in keys:
            line: list[Cell] = [keys[student]]
            line += (text(listed.roster.value(row, known), style) for known in names)
            for topic in topics:
                result = topic.results[student]
                line.append(listed.score(result))
                if feedback:
                    line.append(text(_why(topic, result), style))
            sheet.lines.append(line)
    _say(sheet, topics, str(head[0]), target, feedback=feedback)
    return sheet


def _key_column(listed: Listed) -> tuple[int, str]:
    """Return the index of the column by which Moodle finds people, and Moodle's name for it.

    It is the first column that has an id for everybody, else the one with most ids. If no head is
    known, as in another language, it is the column by which students were matched.
    """
    roster, rows = listed.roster, listed.matching.rows.values()
    known = [name for name in KEYS if name in roster.fields]
    if known:
        best = max(known, key=lambda name: sum(bool(roster.value(row, name)) for row in rows))
        return roster.fields[best], KEYS[best]
    place = roster.columns.index(listed.matching.column)
    if roster.fields.get("student_id") == place:
        raise AutograderError(
            f"{roster.path} has no column Email address, ID number or Username, by which Moodle "
            "finds people. Use the file that Moodle exports (Grades, Export, Plain text file), "
            "or give a column one of these names."
        )
    return place, "its field in Moodle"


def _column(listed: Listed, topic: TopicGrades) -> str:
    """Return the head of a topic's column, as in Moodle's own export if the roster has it."""
    wanted = listed.columns.get(topic.topic, topic.topic)
    item = re.compile(rf"(?:[^:]+: ?)?{re.escape(wanted)}(?: \((?:Real|Points)\))?", re.IGNORECASE)
    found = [head for head in listed.roster.columns if item.fullmatch(head)]
    return found[0] if len(found) == 1 else wanted


def _feedback_head(column: str) -> str:
    return re.sub(r" \((Real|Points)\)$", "", column, flags=re.IGNORECASE) + " (Feedback)"


def _keys(listed: Listed, place: int, sheet: Sheet) -> dict[str, str]:
    """Return the id of each student; adds students without an id to ``left_out``.

    Moodle gives the grades of a line without an id to the student of the line before it, and stops
    the whole import at an unknown id.
    """
    keys = {}
    for student, row in listed.matching.rows.items():
        value = row.cells[place]
        if not value:
            sheet.left_out[student] = _no_id(listed, place, row)
        elif key(value) is None:
            sheet.left_out[student] = f"the id in line {row.line} would be a formula"
        else:
            keys[student] = value
    twice = shared(keys)
    sheet.left_out |= twice
    return {student: value for student, value in keys.items() if student not in twice}


def _no_id(listed: Listed, place: int, row: Row) -> str:
    return f'"{listed.roster.columns[place]}" is empty in line {row.line} of the roster'


def _why(topic: TopicGrades, result: Result) -> str:
    """Return the score of each task as text. Tests are not named."""
    if result.absent:
        return "Nothing was handed in."
    if result.score is None:
        return "Not graded yet."
    parts = [
        f"{name}: {points(result.tasks[name], most) if name in result.tasks else 'not graded yet'}"
        for name, most in topic.tasks.items()
    ]
    if result.penalty:
        parts.append(f"handed in late: {number(-result.penalty)}")
    return "; ".join(parts)


def _say(
    sheet: Sheet, topics: list[TopicGrades], column: str, target: str, *, feedback: bool
) -> None:
    most = max((r.score or 0.0 for t in topics for r in t.results.values()), default=0.0)
    if most > MOST:
        sheet.remarks.append(
            f"A score of {number(most)} is above 100. Moodle refuses that unless its "
            "administrator allows unlimited grades."
        )
    both = " and each feedback column to its feedback" if feedback else ""
    sheet.next_step = (
        f'In Moodle: Grades, Import, CSV file. Map from "{column}" to {target}, and each topic to '
        f"its grade item{both}."
    )


FORMAT = Format(
    "moodle",
    title="Moodle",
    about="a file that Moodle imports",
    file="moodle.csv",
    build=build,
    needs_roster=True,
    accepts=frozenset({Extra.COLUMNS, Extra.FEEDBACK}),
)
