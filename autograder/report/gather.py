"""Gather the results of a class in a topic, from the gradebook and the autograded notebooks."""

from __future__ import annotations

import enum
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Grade

from autograder.course import Course
from autograder.course.deadlines import Calendar, Deadline
from autograder.errors import AutograderError
from autograder.gradebook import assignment, penalties, scores, up_to_date
from autograder.gradebook.assignment import Plan
from autograder.gradebook.derived import refresh
from autograder.gradebook.session import Entry, OpenGradebook
from autograder.gradebook.voids import How
from autograder.remarks import Kind, Remark
from autograder.remarks import read as read_remarks
from autograder.submissions.layout import hand_ins


class State(enum.StrEnum):
    """The outcome of a test."""

    RIGHT = "right"
    PART = "part of the points"
    NAMED = "wrong, likely cause known"
    WRONG = "wrong, cause not known"
    UNWRITTEN = "not written yet"


@dataclass(frozen=True)
class Result:
    """The result of one test; ``diagnosis`` and ``because`` are name and sentence of the cause."""

    score: float
    points: float
    state: State
    diagnosis: str | None = None
    because: str | None = None


@dataclass(frozen=True)
class Answer:
    """The answer to one written question; ``waits`` is True until a person has graded it."""

    score: float
    points: float
    waits: bool


@dataclass
class Work:
    """One student's graded submission.

    Attributes
    ----------
    penalty
        The late penalty in points.
    cpu_s, peak_bytes
        Processor time and memory of grading; None if not recorded.
    sandbox
        The sandbox of student code, "required" or "off"; "" if not recorded.
    notebook, page
        The paths of the autograded notebook and the feedback page; None if there is none.
    unread
        Why the autograded notebook could not be read, or "".
    bonus
        Points of tests and questions that count as bonus.
    deadline
        The deadline, with any extension and late days.
    """

    student: str
    tests: dict[str, Result] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    penalty: float = 0.0
    remarks: tuple[Remark, ...] = ()
    cpu_s: float | None = None
    peak_bytes: int | None = None
    sandbox: str = ""
    notebook: Path | None = None
    page: Path | None = None
    unread: str = ""
    bonus: float = 0.0
    deadline: Deadline = field(default_factory=Deadline)

    @property
    def graded(self) -> bool:
        """Whether the submission could be graded: False if it has no notebook."""
        return all(each.kind is not Kind.UNGRADED for each in self.remarks)

    @property
    def begun(self) -> bool:
        """Whether the student has written anything: not all tasks are unchanged stubs."""
        return self.graded and any(t.state is not State.UNWRITTEN for t in self.tests.values())

    @property
    def score_of_tests(self) -> float:
        """The points of the tests alone, without a late penalty."""
        return sum(test.score for test in self.tests.values())

    def score(self, *, answers: bool) -> float:
        """Return the points as nbgrader counts them, with or without the written questions."""
        words = sum(answer.score for answer in self.answers.values()) if answers else 0.0
        return max(0.0, self.score_of_tests + words + self.bonus - self.penalty)


@dataclass
class Results:
    """The results of a class in one topic.

    Attributes
    ----------
    tests, answers
        Points of the tests and of the written questions, by name, in the notebook's order.
    tasks
        The task that each test belongs to.
    works
        The graded submissions, sorted by student.
    absent
        The students of the gradebook who handed in nothing.
    ungraded
        The students who have handed in and have no grade yet.
    voided
        How voided tests and questions count, by name.
    """

    topic: str
    tests: dict[str, float] = field(default_factory=dict)
    answers: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    voided: dict[str, How] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of students in the class."""
        return len(self.works) + len(self.absent) + len(self.ungraded)

    @property
    def waiting(self) -> int:
        """The number of written answers that wait for a person."""
        return sum(answer.waits for work in self.works for answer in work.answers.values())

    @property
    def counts_answers(self) -> bool:
        """Whether scores count the written questions: only after all are graded, to be fair."""
        return bool(self.answers) and not self.waiting

    @property
    def most(self) -> float:
        """The maximum of the points that are counted."""
        return sum(self.tests.values()) + (sum(self.answers.values()) * self.counts_answers)

    @property
    def scores(self) -> list[float]:
        """The scores of the graded submissions, in the order of the students."""
        return [work.score(answers=self.counts_answers) for work in self.works]

    @property
    def median(self) -> float | None:
        """The median score of the graded submissions."""
        return statistics.median(self.scores) if self.works else None

    @property
    def judged(self) -> list[Work]:
        """The submissions that could be graded."""
        return [work for work in self.works if work.graded and work.tests]


def gather(course: Course, topics: list[str]) -> list[Results]:
    """Read the updated results of some topics. No submission stops this.

    Raises
    ------
    AutograderError
        If the gradebook cannot be opened, or has no such topic.
    """
    with OpenGradebook(course) as gradebook:
        faults = refresh(course, gradebook, topics)
        deadlines = Calendar.of(course.root, course.config).deadlines(gradebook)
        found = [_of_topic(course, gradebook, topic) for topic in topics]
    for results in found:
        for work in results.works:
            work.deadline = deadlines.get((work.student, results.topic), Deadline())
            if why := faults.get((work.student, results.topic)):
                work.remarks += (penalties.fault_remark(why),)
    return found


def _of_topic(course: Course, gradebook: OpenGradebook, topic: str) -> Results:
    plan = assignment.load(gradebook, course, topic)
    found = Results(
        topic,
        tests={scores.key(name): plan.tests[name] for name in _counting(plan, plan.tests)},
        answers={name: plan.manual[name] for name in _counting(plan, plan.manual)},
        voided={scores.key(name): how for name, how in plan.voided.items()},
        tasks={scores.key(name): _task(plan, scores.key(name)) for name in plan.tests},
    )
    handed_in = _handed_in(course, topic)
    for student in sorted({each.id for each in gradebook.students} | handed_in):
        with gradebook.reading(topic, student) as entry:
            if entry is not None:
                found.works.append(_work(course, plan, entry))
            else:
                (found.ungraded if student in handed_in else found.absent).append(student)
    return found


def _counting(plan: Plan, names: dict[str, float]) -> list[str]:
    """Return the names that add to the maximum, in the notebook's order."""
    return [name for name in _in_order(plan, names) if plan.worth(name)]


def _in_order(plan: Plan, names: dict[str, float]) -> list[str]:
    return sorted(names, key=plan.place.__getitem__)


def _task(plan: Plan, test: str) -> str:
    """Return the task that a test judges: ``NAME`` of the test ``NAME`` or ``NAME-PART``."""
    tasks = [cell.name for cell in plan.cells if cell.solution]
    mine = [name for name in tasks if test == name or test.startswith(f"{name}-")]
    return max(mine, key=len, default=test)


def _handed_in(course: Course, topic: str) -> set[str]:
    """Return the students with a submission; empty if there is no submitted folder."""
    try:
        return {entry.student for entry in hand_ins(course, course.submitted_dir, topic)}
    except (AutograderError, OSError):
        return set()


def _work(course: Course, plan: Plan, entry: Entry) -> Work:
    """Read one submission; a fault of its notebook is stored in ``unread``."""
    place = Path(entry.student, entry.topic)
    path = course.autograded_dir / place / f"{entry.topic}.ipynb"
    page = course.feedback_dir / place / f"{entry.topic}.html"
    work = Work(
        entry.student,
        penalty=float(entry.notebook.late_submission_penalty or 0.0),
        page=page if page.is_file() else None,
    )
    cells: dict[str, Any] = {}
    try:
        notebook = json.loads(path.read_bytes())
        cells = _test_cells(notebook)
        _take(work, notebook["metadata"].get(up_to_date.KEY) or {})
        work.notebook = path
    except OSError as error:
        work.unread = f"{path.name} cannot be read: {error.strerror}"
    except Exception as error:  # no content of the file may stop the report
        work.unread = f"{path.name} is not an autograded notebook ({type(error).__name__})"
    for name in _counting(plan, plan.tests):
        work.tests[scores.key(name)] = _result(
            entry.grades.get(name), plan.tests[name], cells.get(name, {})
        )
    on_top = (name for name, how in plan.voided.items() if how is How.BONUS)
    work.bonus = sum(_points(entry.grades.get(name)) for name in on_top)
    for name in _counting(plan, plan.manual):
        grade = entry.grades.get(name)
        waits = grade is not None and bool(grade.needs_manual_grade)
        work.answers[name] = Answer(_points(grade), plan.manual[name], waits)
    return work


def _test_cells(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the tests of an autograded notebook by grade id."""
    about = [(cell["metadata"].get("nbgrader", {}), cell) for cell in notebook["cells"]]
    return {a["grade_id"]: cell for a, cell in about if a.get("grade") and not a.get("solution")}


def _take(work: Work, about: dict[str, Any]) -> None:
    """Read the metadata of grading; after nbgrader's own command some is missing."""
    work.remarks = tuple(read_remarks(about))
    work.cpu_s = _number(about.get("cpu_s"), float)
    work.peak_bytes = _number(about.get("peak_bytes"), int)
    work.sandbox = str(about.get("sandbox", ""))


def _number(value: Any, kind: Callable[[Any], Any]) -> Any:
    return kind(value) if isinstance(value, int | float) and value > 0 else None


def _result(grade: Grade | None, points: float, cell: dict[str, Any]) -> Result:
    score = _points(grade)
    if score >= points:
        return Result(score, points, State.RIGHT)
    for record in scores.check_records(cell):
        if not record.get("passed") and record.get("diagnosis"):
            because = record.get("because")
            return Result(
                score,
                points,
                State.NAMED,
                str(record["diagnosis"]),
                str(because) if because else None,
            )
    if score > 0:
        return Result(score, points, State.PART)
    errors = {output.get("ename") for output in cell.get("outputs", [])}
    unwritten = "NotImplementedError" in errors
    return Result(score, points, State.UNWRITTEN if unwritten else State.WRONG)


def _points(grade: Grade | None) -> float:
    """Return a grade as nbgrader counts it."""
    return float(grade.score or 0.0) if grade is not None else 0.0
