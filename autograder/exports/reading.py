"""Read the class's grades from nbgrader's gradebook."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError

from autograder import remarks
from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.exports import records
from autograder.exports.grades import (
    ABSENT,
    AGAIN,
    BY_HAND,
    CHANGED,
    FAULT,
    GRADED,
    PENALTY,
    UNGRADED,
    ClassGrades,
    Person,
    Result,
    TopicGrades,
)
from autograder.gradebook import up_to_date
from autograder.gradebook.derived import refresh
from autograder.remarks import Kind


def read(
    gradebook: Gradebook,
    course: Course,
    topics: Sequence[str] = (),
    students: Sequence[str] = (),
) -> ClassGrades:
    """Read the grades of the named topics, or of all topics that have a submission.

    Parameters
    ----------
    students
        Read only these; empty means all.

    Raises
    ------
    AutograderError
        If the gradebook cannot be read, has no such topic or student, or has no grades.
    """
    try:
        names = _topics(gradebook, topics)
        faults = refresh(course, gradebook, names)
        found = [_read_topic(gradebook, course, name) for name in names]
        people = _people(gradebook, course, (s for topic in found for s in topic.results))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise AutograderError(
            f"The gradebook could not be read ({reason}): try again once nothing else uses it."
        ) from error
    for topic in found:
        for student, result in topic.results.items():
            if (student, topic.topic) in faults and result.settled:
                why = PENALTY + faults[student, topic.topic]
                topic.results[student] = replace(result, status=why)
    if students:
        people = _only(people, students)
    used = [topic for topic in found if topics or topic.results]
    for topic in used:
        given = topic.results
        topic.results = {student: given.get(student, Result(ABSENT)) for student in people}
    if not used or not people:
        raise AutograderError(
            "There are no grades yet: nobody is in the gradebook, or nobody has handed in "
            "anything. Grade first: autograder grade TOPIC"
        )
    return ClassGrades(people, used, [t.topic for t in found if t not in used])


def _topics(gradebook: Gradebook, wanted: Sequence[str]) -> list[str]:
    known = sorted(assignment.name for assignment in gradebook.assignments)
    for name in wanted:
        if name not in known:
            raise AutograderError(
                f"The gradebook knows no topic {name!r}: it has {', '.join(known) or 'none'}."
            )
    return sorted(set(wanted)) or known


def _people(gradebook: Gradebook, course: Course, handed_in: Iterable[str]) -> dict[str, Person]:
    """Return the gradebook's students, and those who handed in but are not in it."""
    excluded = set(map(student_names.plain, course.coursedir.student_id_exclude.split(",")))
    people = {student: Person(student) for student in handed_in}
    for student in gradebook.students:
        parts = (student.last_name, student.first_name, student.email)
        people[student.id] = Person(student.id, *(part or "" for part in parts))
    return {
        name: people[name] for name in sorted(people) if student_names.plain(name) not in excluded
    }


def _only(people: dict[str, Person], students: Sequence[str]) -> dict[str, Person]:
    ids = student_names.Ids(people)
    wanted = [ids.of(name) for name in students]
    for name in wanted:
        if name not in people:
            raise AutograderError(f"The gradebook knows no student {name!r}.")
    return {name: person for name, person in people.items() if name in wanted}


def _read_topic(gradebook: Gradebook, course: Course, name: str) -> TopicGrades:
    """Return the grades of those who handed in."""
    assignment = gradebook.find_assignment(name)
    topic = TopicGrades(name, float(assignment.max_score), str(assignment.duedate or ""))
    labels, topic.tasks = records.tasks(gradebook, course, assignment)
    cells: dict[str, dict[str, Any]] = {}
    for student, notebook, cell, score, auto, manual, waits in records.cells(gradebook, assignment):
        label = labels.get((notebook, cell), cell)
        cells.setdefault(student, {})[label] = (score, auto, manual, waits)
    times = records.hand_in_times(course, name)
    for student, timestamp, raw, penalty in records.submissions(gradebook, assignment):
        own = cells.get(student, {})
        new = tuple(name for name in topic.tasks if name not in own)
        result = _result(own, new, timestamp, float(raw), float(penalty), times.get(student))
        fault = _fault(course, name, student)
        topic.results[student] = _faulty(result, fault)
    for student in times.keys() - topic.results.keys():
        topic.results[student] = Result(UNGRADED, None, None)
    return topic


def _result(
    cells: dict[str, Any],
    new: tuple[str, ...],
    timestamp: datetime.datetime | None,
    raw: float,
    penalty: float,
    handed_in: datetime.datetime | None,
) -> Result:
    """Return a grade from its cells; ``new`` are the tasks without a record for this student."""
    shown = "" if timestamp is None else str(timestamp)
    given = {name: cell for name, cell in cells.items() if cell[1:3] != (None, None)}
    if not given and (cells or new):
        return Result(UNGRADED, None, None, timestamp=shown)
    tasks = {name: float(score) for name, (score, *_) in given.items()}
    waiting = tuple(sorted(name for name, (*_, waits) in cells.items() if waits))
    status = BY_HAND + ", ".join(waiting) if waiting else GRADED
    status = CHANGED + ", ".join(new) if new else status
    if handed_in is not None and (timestamp is None or handed_in > timestamp):
        status = AGAIN
    return Result(status, max(0.0, raw - penalty), raw, penalty, shown, tasks)


def _faulty(result: Result, fault: str) -> Result:
    return replace(result, status=FAULT + fault, faulty=True) if fault else result


def _fault(course: Course, topic: str, student: str) -> str:
    """Return why the newest submission could not be graded; empty if it could."""
    path = course.autograded_dir / student / topic / f"{topic}.ipynb"
    try:
        if Kind.UNGRADED.encode() not in path.read_bytes():  # much faster than parsing them all
            return ""
    except OSError:
        return ""
    about = up_to_date.noted(path) or {}
    if "not_graded" in about:
        return str(about["not_graded"])
    # Earlier versions noted only the remark. Every graded exam has a fingerprint.
    said = remarks.read(about) if about.get("fingerprint", "") is None else []
    return next((each.text for each in said if each.kind is Kind.UNGRADED), "")
