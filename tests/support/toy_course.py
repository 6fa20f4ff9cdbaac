"""A tiny course for the tests of grading: one topic, no TensorFlow, and notebooks handed in."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.exam.results import ExamResult
from autograder.gradebook.records import TopicRun
from autograder.grading.engine import Job
from autograder.grading.grade import grade
from autograder.remarks import Remark
from autograder.topics.markers import STUB
from autograder.topics.release import release

TOPIC = "toy"

CONFIG = f"""
c = get_config()
c.CourseDirectory.course_id = "toy-course"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "assignments"
c.ClearSolutions.code_stub = {{"python": '{STUB}'}}
c.Execute.timeout = 20
"""

TEXT = '''# %% [markdown]
# # A toy topic

# %% given="setup"
from nnkit import checks

# %% task="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% test="double" points=2
squared = checks.cause("squared", 9, "It looks like the square.")
checks.close(double(3), 6, "double(3)", causes=[squared])
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.close(double(-5), -10, "double(-5)")
### END HIDDEN TESTS

# %% test="double" part="zero" points=1
checks.close(double(0), 0, "double(0)")

# %% task="half"
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% test="half" points=3
checks.close(half(4), 2, "half(4)")

# %% [markdown] task="explain" points=2
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 2 points for because.
# ### END MARK SCHEME
'''

VARIANTS = '''from autograder.topics.variants import right, wrong


@right
def double(x):
    """Adds."""
    return x + x


@wrong(loses=["double"], diagnosis="sign")
def double(x):
    """Sign."""
    return -2 * x


@wrong(loses=["double"], diagnosis="squared")
def double(x):
    """Squares."""
    return x * x


@wrong(loses=["half"])
def half(x):
    """Does nothing."""
    return x
'''

RIGHT = {
    "double": "def double(x):\n    return x + x",
    "half": "def half(x):\n    return 0.5 * x",
    "explain": "Because I said so.",
}
WRONG_SIGN = {**RIGHT, "double": "def double(x):\n    return -2 * x"}
PARTIAL = {**RIGHT, "double": "def double(x):\n    return abs(2 * x)"}

TIMING = {"fork": 0.25, "cells": 0.5, "tests": 0.125}


class CannedEngine:
    """Replaces an engine: the text of one answer says what happens, and nothing is run."""

    sandbox = "required"

    def __init__(self, version: str | None = None) -> None:
        self.version = version
        self.examined: list[str] = []

    def examine(self, job: Job) -> ExamResult:
        self.examined.append(job.student)
        notebook = copy.deepcopy(job.notebook)
        answer = cell(notebook, "half").source
        if "fault" in answer:
            raise RuntimeError("no room on the device")
        if "useless" in answer:
            return ExamResult(None, cpu_s=0.5, failure="the candidate was stopped")
        return ExamResult(notebook, cpu_s=0.25, remarks=[Remark("it was slow")], timing=TIMING)


def canned(course: Course, **options: object) -> TopicRun:
    """Grade the toy topic without running anything: every test that is there passes."""
    options = {"jobs": 1, "make_executor": ThreadPoolExecutor, **options}
    (run,) = grade(course, [TOPIC], **{"engine": CannedEngine(), **options})
    return run


def graded_by_hand(course: Course) -> None:
    """Let a person grade ana, bo and 007: extra credit, a late penalty, another score."""
    with course.gradebook() as book:
        for student, score, extra in (("ana", 2.0, 0.5), ("bo", 1.25, None), ("007", 0.0, None)):
            grade = book.find_grade("explain", TOPIC, TOPIC, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, False
        late = book.find_submission_notebook(TOPIC, TOPIC, "bo")
        late.late_submission_penalty = 1.5
        book.find_grade("test-half", TOPIC, TOPIC, "007").manual_score = 1.0
        book.db.commit()


def make(root: Path, name: str = TOPIC, *, variants: bool = False, config: str = CONFIG) -> Course:
    """Make a course with one released topic in a new folder."""
    folder = root / "solutions" / name
    folder.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    (folder / f"{name}.py").write_text(TEXT, encoding="utf-8")
    if variants:
        (folder / "variants.py").write_text(VARIANTS, encoding="utf-8")
    course = Course.find(root=root)
    release(course, [name])
    return course


def released(course: Course, topic: str = TOPIC) -> nbformat.NotebookNode:
    """Return the students' notebook."""
    return nbformat.read(course.release_dir / topic / f"{topic}.ipynb", as_version=4)


def solved(course: Course, answers: dict[str, str], topic: str = TOPIC) -> nbformat.NotebookNode:
    """Return the students' notebook with answers in its cells, by grade id."""
    notebook = released(course, topic)
    for grade_id, source in answers.items():
        cell(notebook, grade_id).source = source
    return notebook


def cell(notebook: nbformat.NotebookNode, grade_id: str) -> nbformat.NotebookNode:
    """Return the cell with a grade id."""
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def hand_in(
    pile: Path,
    student: str,
    content: nbformat.NotebookNode | str | bytes,
    topic: str = TOPIC,
) -> Path:
    """Put a notebook, or any text or bytes in its place, into the folder of submissions."""
    path = pile / student / topic / f"{topic}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else nbformat.writes(content)
        path.write_text(text, encoding="utf-8")
    return path
