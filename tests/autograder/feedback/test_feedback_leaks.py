"""No feedback page of any topic tells a hidden test's source, inputs or expected values."""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.course import Course
from autograder.feedback.pages import feedback_and_show
from autograder.grading.grade import grade
from autograder.topics import solved_notebooks
from autograder.topics.release import release
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from autograder.topics.variants import load
from tests.support import spying
from tests.support import toy_course as toy

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parents[3]
TOPICS = Course.find(root=REPO).topics()
# One topic's hidden tests in a course that does not hide them: there, the search must find them.
OPEN, OF = "open", "02-sigmoid"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Grade in every topic who has all wrong, who notes what is asked, and who tells it."""
    root = tmp_path_factory.mktemp("leaks")
    (root / "nbgrader_config.py").write_text((REPO / "nbgrader_config.py").read_text("utf-8"))
    for topic in TOPICS:
        spying.only_hidden(original(topic), root / "solutions" / topic)
    spying.only_hidden(original(OF), root / "solutions" / OPEN, hidden=False)
    course = Course.find(root=root)
    names = [*TOPICS, OPEN]
    release(course, names)
    for topic in names:
        hand_in(course, topic)
    grade(course, names, jobs=2)
    feedback_and_show(course, names, Console(quiet=True))
    return course


def original(name: str):
    return parse(REPO / "solutions" / name / f"{name}.py")


def hand_in(course: Course, topic: str) -> None:
    released = nbformat.read(course.release_dir / topic / f"{topic}.ipynb", as_version=4)
    source = build_source(parse(course.topic_path(topic)))
    found = load(course.solutions / topic / "variants.py")
    wrong = {variant.name: variant for variant in reversed(found) if variant.kind == "wrong"}
    solved = [solved_notebooks.submission(released, source) for _ in range(2)]
    works = {
        "wrong": solved_notebooks.submission(released, source, replace=wrong.values()),
        "notes": spying.spy(solved[0]),
        "tells": spying.spy(solved[1], raises=True),
    }
    for student, notebook in works.items():
        toy.hand_in(course.submitted_dir, student, notebook, topic)


def page(course: Course, student: str, topic: str) -> str:
    """Return all that was made for a student."""
    files = [path for path in (course.feedback_dir / student / topic).rglob("*") if path.is_file()]
    assert f"{topic}.html" in [path.name for path in files]
    return "".join(path.read_text("utf-8", "replace") for path in files)


def sources(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return " ".join(" ".join(cell.source for cell in cells).split())


def told_lines(course: Course, text: str, student: str, topic: str) -> list[str]:
    """Return the lines of hidden tests that stand in a text and not in the student's own work."""
    own = sources(course.submitted_dir / student / topic / f"{topic}.ipynb")
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
    secret = spying.hidden_lines(original(OF if topic == OPEN else topic))
    return sorted(line for line in secret if line in words and line not in own)


def autograded(course: Course, student: str, topic: str) -> Path:
    return course.autograded_dir / student / topic / f"{topic}.ipynb"


@pytest.mark.parametrize("topic", TOPICS)
def test_no_page_tells_what_hidden_tests_ask_and_expect(graded, topic):
    secret = spying.noted(autograded(graded, "notes", topic))
    assert len(secret) > 400
    for student, fewest in (("wrong", 10), ("notes", 0), ("tells", 11)):
        text = page(graded, student, topic)
        assert text.count("✗ failed") >= fewest
        assert spying.numbers(text) & secret == frozenset()
        assert told_lines(graded, text, student, topic) == []


@pytest.mark.parametrize("student", ["wrong", "tells"])
def test_the_search_finds_what_is_not_hidden(graded, student):
    secret = spying.noted(autograded(graded, "notes", OPEN))
    assert len(spying.numbers(page(graded, student, OPEN)) & secret) > 10


@pytest.mark.parametrize("topic", TOPICS)
def test_the_search_finds_the_source_that_pages_are_made_of(graded, topic):
    text = html.escape(sources(autograded(graded, "wrong", topic)))
    assert len(told_lines(graded, text, "wrong", topic)) > 50
