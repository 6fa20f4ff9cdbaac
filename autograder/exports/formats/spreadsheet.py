"""The file for a spreadsheet: a line for each student and topic, a column for each task."""

from __future__ import annotations

from dataclasses import replace

from autograder.exports.cells import Cell, Style, harmless
from autograder.exports.formats import Format
from autograder.exports.grades import Person, TopicGrades
from autograder.exports.matching import Matching
from autograder.exports.roster import Roster
from autograder.exports.sheet import Request, Sheet, text

#: The columns of nbgrader's own export, in its order, and the status of the grade.
HEAD = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "status",
)


def build(request: Request) -> Sheet:
    """Return the file's content; a roster adds names that the gradebook does not have."""
    grades, style = request.grades, request.style
    tasks = list(dict.fromkeys(name for topic in grades.topics for name in topic.tasks))
    sheet = Sheet(style, [[*HEAD, *(text(name, style) for name in tasks)]])
    people = grades.people
    if request.roster and request.matching:
        people = {
            name: _named(person, request.roster, request.matching)
            for name, person in people.items()
        }
    for topic in grades.topics:
        for student in sorted(topic.results):
            sheet.lines.append(_line(topic, people[student], tasks, style, request.absent))
    return sheet


def _line(
    topic: TopicGrades, person: Person, tasks: list[str], style: Style, absent: str
) -> list[Cell]:
    result = topic.results[person.student]
    blank = result.absent and absent == "blank"
    return [
        text(topic.topic, style),
        topic.duedate,
        result.timestamp,
        # People and scripts read this file and no platform imports it, so that an id is treated
        # like any text. `--roster` removes the apostrophe again.
        harmless(person.student, style),
        text(person.last_name, style),
        text(person.first_name, style),
        text(person.email, style),
        None if blank else result.raw,
        None if blank or result.raw is None else result.penalty,
        None if blank else result.score,
        topic.max_score,
        text(result.status, style),
        *(result.tasks.get(name) for name in tasks),
    ]


def _named(person: Person, roster: Roster, matching: Matching) -> Person:
    """Return a person with the names and address that the gradebook does not have."""
    row = matching.rows.get(person.student)
    if row is None:
        return person
    last, _, first = roster.value(row, "student").partition(",")
    return replace(
        person,
        last_name=person.last_name or roster.value(row, "last") or last,
        first_name=person.first_name or roster.value(row, "first") or first,
        email=person.email or roster.value(row, "email"),
    )


FORMAT = Format(
    "csv",
    title="a spreadsheet",
    about="a spreadsheet with the score of every task",
    file="grades.csv",
    build=build,
    shows_status=True,
    byte_order_mark=True,
)
