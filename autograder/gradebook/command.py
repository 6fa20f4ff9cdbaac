"""Changes during the term: due dates, extensions and voided tests."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry
from rich.console import Console

from autograder.course import Course, student_names
from autograder.course.deadlines import Calendar
from autograder.errors import AutograderError
from autograder.gradebook import scores
from autograder.gradebook.derived import refresh
from autograder.gradebook.set_aside import SetAside
from autograder.gradebook.voids import How, decisions
from autograder.terminal import clean


def due(
    course: Course, topic: str, date: str | None, console: Console, *, remove: bool = False
) -> dict[str, Any]:
    """Set or remove a topic's due date, or show it; return what ``--json`` writes.

    Raises
    ------
    AutograderError
        If the date is invalid or ambiguous, or the topic was never released.
    """
    calendar = Calendar.of(course.root, course.config)
    if date and remove:
        raise AutograderError("Give a date or --remove, not both.")
    when = calendar.moment(date) if date else None
    with course.gradebook() as gradebook:
        assignment = _assignment(gradebook, topic)
        if date or remove:
            assignment.duedate = when
            gradebook.db.commit()
            faults = refresh(course, gradebook)
        else:
            faults, when = {}, assignment.duedate
    _say(console, f"{topic}: due {calendar.shown(when)}" if when else f"{topic}: no due date")
    _warn(console, faults)
    return {"topic": topic, "due": _json(when)}


def extension(
    course: Course,
    student: str | None,
    topic: str | None,
    until: str | None,
    console: Console,
    *,
    reason: str = "",
    remove: bool = False,
) -> list[dict[str, Any]]:
    """Give one student an extension, withdraw it, or list all extensions.

    Returns
    -------
    list of dict
        All extensions after the change, as ``--json`` writes them.

    Raises
    ------
    AutograderError
        If the date is invalid, ambiguous or before the due date, the topic was never released, or
        there is no extension to withdraw.
    """
    calendar = Calendar.of(course.root, course.config)
    if student and topic:
        student = student_names.plain(student.strip())
        with course.gradebook() as gradebook:
            assignment = _assignment(gradebook, topic)
            if remove:
                calendar.withdraw(student, topic)
                _say(console, f"{student}, {topic}: no extension any more")
            else:
                _give(calendar, assignment, student, until, reason, console)
            _known(gradebook, student, console)
            calendar = Calendar.of(course.root, course.config)
            _warn(console, refresh(course, gradebook))
    elif student or topic or until or remove:
        raise AutograderError("Name a student, a topic and a date, or nothing to list all.")
    else:
        for each in calendar.extensions:
            end = calendar.shown(calendar.given[each.student, each.topic])
            why = f" ({each.reason})" if each.reason else ""
            _say(console, f"{each.student}, {each.topic}: until {end}{why}")
        if not calendar.extensions:
            _say(console, f"No extensions are in {calendar.path}")
    return [
        {"student": who, "topic": what, "until": _json(when)}
        for (who, what), when in sorted(calendar.given.items())
    ]


def _give(
    calendar: Calendar,
    assignment: Assignment,
    student: str,
    until: str | None,
    reason: str,
    console: Console,
) -> None:
    topic, was = assignment.name, assignment.duedate
    if not until:
        raise AutograderError(f"Until when? Write: autograder extension {student} {topic} DATE")
    end = calendar.moment(until)
    if was is not None and end < was:
        raise AutograderError(
            f"{calendar.shown(end)} is before the due date of {topic}, {calendar.shown(was)}: "
            "nothing was changed."
        )
    calendar.give(student, topic, until, reason)
    _say(console, f"{student}, {topic}: until {calendar.shown(end)}, in {calendar.path}")
    if was is None:
        _say(console, f"{topic} has no due date, so nothing is late: autograder due {topic} DATE")


def void(
    course: Course,
    topic: str,
    names: Sequence[str],
    how: How | None,
    console: Console,
    *,
    undo: bool,
) -> dict[str, str]:
    """Void tests and questions of a topic, undo that, or list the voided ones.

    Returns
    -------
    dict
        How each voided test or question counts after the change, by name.

    Raises
    ------
    AutograderError
        If the topic was never released, or has no such test or question.
    """
    with course.gradebook() as gradebook:
        assignment = _assignment(gradebook, topic)
        cells = {
            cell.name: cell
            for notebook in assignment.notebooks
            for cell in [*notebook.grade_cells, *notebook.task_cells]
        }
        chosen = [_cell(name, topic, cells) for name in names]
        if chosen and how is None and not undo:
            raise AutograderError(
                "Say how it is to count: --drop, --full-marks, --bonus or --practice; or --undo."
            )
        aside, key = SetAside(gradebook), str(assignment.id)
        for name in chosen:
            about = aside.load(key, "").get((name, "")) or {"points": float(cells[name].max_score)}
            about.pop("how", None)
            aside.put(key, name, "", about | ({"how": how} if how else {}))
        faults = refresh(course, gradebook, [topic]) if chosen else {}
        decided = decisions(aside.load(key, ""))
        most = float(_assignment(gradebook, topic).max_score)
    for name, each in sorted(decided.items()):
        _say(console, f"{topic}, {scores.key(name)}: {each.told}")
    if not decided:
        _say(console, f"{topic}: every test and question counts")
    _say(console, f"{topic}: {most:g} points, written questions included")
    _warn(console, faults)
    return {scores.key(name): each.value for name, each in sorted(decided.items())}


def _cell(name: str, topic: str, cells: dict[str, Any]) -> str:
    for found in (f"{scores.PREFIX}{name}", name):
        if found in cells:
            return found
    raise AutograderError(
        f"{topic} has no test or question {name!r}: it has "
        f"{', '.join(sorted(map(scores.key, cells))) or 'none'}."
    )


def _assignment(gradebook: Gradebook, topic: str) -> Assignment:
    try:
        return gradebook.find_assignment(topic)
    except MissingEntry:
        raise AutograderError(
            f"The gradebook knows no topic {topic!r}. Release it first: autograder release {topic}"
        ) from None


def _known(gradebook: Gradebook, student: str, console: Console) -> None:
    """Print a warning if a student is not in the gradebook: the name may be mistyped."""
    if student not in {student_names.plain(each.id) for each in gradebook.students}:
        text = f"! {student} is not in the gradebook yet: check the name."
        console.print(clean(text), style="yellow", soft_wrap=True, markup=False)


def _warn(console: Console, faults: dict[tuple[str, str], str]) -> None:
    for (student, topic), why in sorted(faults.items()):
        text = clean(f"! {student}, {topic}: the late penalty is not known ({why})")
        console.print(text, style="yellow", soft_wrap=True, markup=False)


def _say(console: Console, text: str) -> None:
    console.print(clean(text), soft_wrap=True, highlight=False, markup=False)


def _json(when: datetime.datetime | None) -> str | None:
    return None if when is None else f"{when.isoformat()}Z"
