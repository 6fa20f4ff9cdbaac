"""Feedback pages: what a student reads, and what nobody may read or run there."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback import clean, collect, exporter, test_messages
from autograder.feedback.pages import feedback_and_show
from autograder.grading.grade import grade
from autograder.topics.cell_text import normal
from autograder.topics.release import release
from nnkit.front import FIGURE_TYPE
from nnkit.record import RECORD_TYPE as RECORD
from nnkit.record import Record
from tests.support import toy_course as toy
from tests.support.hostile_notebook import ACT, ELSEWHERE, hostile

REPO = Path(__file__).resolve().parents[3]
HOUSE = (REPO / "nbgrader_config.py").read_text("utf-8")
# What the hidden test gives and expects; nobody else has these numbers.
INPUT, EXPECTED = "86420.75", "172841.5"
TOPIC_TEXT = toy.TEXT.replace(
    'checks.close(double(-5), -10, "double(-5)")',
    f'canary = {INPUT}\n    checks.close(double(canary), {EXPECTED}, "double of a large number")',
)
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
KEEPS = """seen = []
def double(x):
    seen.append(x)
    print("asked of", x)
    if x > 100:
        raise ValueError(f"too large: {x}")
    return 2 * x"""
TELLS = "print('seen:', globals().get('seen'))\nraise KeyError('7')"
ANSWERS = {
    "ana": toy.RIGHT,
    "bob": {**toy.RIGHT, "double": "def double(x):\n    return x * x"},
    "cleo": {**toy.RIGHT, "double": "def double(x):\n    return 2 * min(x, 100)"},
    "dan": {**toy.RIGHT, "double": KEEPS},
    "eve": {},
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Course:
    """Grade a class in the exam, one of whose students keeps what the tests give."""
    course = toy.make(tmp_path_factory.mktemp("feedback") / "course", config=HOUSE)
    (course.root / "solutions" / toy.TOPIC / "toy.py").write_text(TOPIC_TEXT, encoding="utf-8")
    release(course, [toy.TOPIC])
    for student, answers in ANSWERS.items():
        notebook = toy.solved(course, answers)
        own = nbformat.v4.new_code_cell(
            "print('seen:', globals().get('seen'))\nraise KeyError('7')"
        )
        own.outputs = [
            nbformat.v4.new_output("stream", text="seen: as handed in\n"),
            nbformat.v4.new_output("display_data", {"image/png": PNG}),
        ]
        notebook.cells.append(own)
        path = toy.hand_in(course.submitted_dir, student, notebook)
        # What `nbgrader submit` leaves next to a notebook.
        path.with_name("timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
        path.with_name("submission_secret.txt").write_text(student)
    toy.hand_in(course.submitted_dir, "fay", "{")
    toy.hand_in(course.submitted_dir, "mallory <b>", hostile(course))
    grade(course, [toy.TOPIC], jobs=2)
    return course


@pytest.fixture
def course(graded: Course, tmp_path: Path) -> Course:
    shutil.copytree(graded.root, tmp_path / "course")
    return Course.find(root=tmp_path / "course")


def pages(course: Course, *topics: str) -> dict[str, str]:
    """Make the pages of one topic; return student -> HTML."""
    made = feedback_and_show(course, topics or [toy.TOPIC], Console(quiet=True))
    return {
        name: Path(path).read_text("utf-8")
        for name, path in made[(topics or [toy.TOPIC])[0]].items()
    }


def words(page: str) -> str:
    """Return the page's text."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]).split())


@pytest.mark.slow
def test_a_page_says_what_passed_what_failed_and_why(course):
    with Gradebook(course.coursedir.db_url) as gradebook:
        comment = gradebook.find_comment("double", toy.TOPIC, toy.TOPIC, "bob")
        comment.manual_comment = "Look at **3**, see <script>"
        answer = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "bob")
        answer.manual_score, answer.needs_manual_grade = 1.5, False
        late = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, "bob")
        late.late_submission_penalty = 2.0
        gradebook.db.commit()
    made = pages(course)
    bob = words(made["bob"])
    assert "3.5 of 8 points" in bob  # 1 + 3 + 1.5, less 2
    assert "2 points were taken off" in bob
    assert "✗ failed · test double · 0 of 2" in bob
    assert "✓ passed · test half · 3 of 3" in bob
    assert "came back: 9" in bob
    assert "expected: 6" in bob
    assert "Likely cause: It looks like the square." in bob
    assert "return x * x" in bob
    assert "Because I said so." in bob
    assert "Look at 3 , see" in bob
    assert "<strong>3</strong>" in made["bob"]
    assert "Not final" not in bob
    ana = words(made["ana"])
    assert "6 of 8 points" in ana
    assert "Not final" in ana
    assert "double of a large number" in words(made["cleo"])
    eve = words(made["eve"])
    assert "You left this as it was." in eve
    assert "No response" not in eve
    fay = words(made["fay"])
    assert "0 of 8 points" in fay
    assert "is not JSON" in fay


@pytest.mark.slow
def test_points_set_by_a_person_do_not_change_what_a_test_said(course):
    with Gradebook(course.coursedir.db_url) as gradebook:
        for student, test, score in (("ana", "test-half", 1.0), ("bob", "test-double", 2.0)):
            grade = gradebook.find_grade(test, toy.TOPIC, toy.TOPIC, student)
            grade.manual_score = score
        gradebook.db.commit()
    made = pages(course)
    assert "✓ passed · test half · 1 of 3, set by a person" in words(made["ana"])
    assert "✗ failed · test double · 2 of 2, set by a person" in words(made["bob"])
    assert "Likely cause: It looks like the square." in words(made["bob"])


@pytest.mark.slow
def test_a_page_follows_no_link_to_anothers_work(course):
    path = course.submitted_dir / "bob" / toy.TOPIC / "toy.ipynb"
    assert PNG in pages(course)["bob"]
    path.unlink()
    path.symlink_to(course.submitted_dir / "ana" / toy.TOPIC / "toy.ipynb")
    page = pages(course)["bob"]
    assert PNG not in page
    assert "return x * x" in words(page)


@pytest.mark.slow
def test_figures_and_prints_are_those_that_were_handed_in(course):
    made = pages(course)
    assert f"data:image/png;base64,{PNG}" in made["ana"]
    assert "seen: as handed in" in made["dan"]
    assert "ended with KeyError" in words(made["dan"])


@pytest.mark.slow
def test_no_page_tells_what_hidden_tests_ask(course):
    made = pages(course)
    graded = (course.autograded_dir / "dan" / toy.TOPIC / "toy.ipynb").read_text("utf-8")
    assert f"canary = {INPUT}" in graded  # it is there to be told, in the test's text
    assert f"asked of {INPUT}" in graded or f"[3, 0, {INPUT}]" in graded or "seen: [" in graded
    everything = "".join(made.values()) + "".join(
        path.read_text("utf-8", "replace")
        for path in course.feedback_dir.rglob("*")
        if path.is_file()
    )
    for secret in (INPUT, EXPECTED, "canary", "HIDDEN", "checks.hidden", "172841", "86420"):
        assert secret not in everything
    assert "ValueError" in made["dan"]


@pytest.mark.slow
def test_a_page_runs_nothing_and_loads_nothing(course):
    page = pages(course)["mallory <b>"]
    assert "mallory &lt;b&gt;" in page
    found = Tags()
    found.feed(page.partition("<body>")[2])
    tags = {tag for tag, _ in found.seen}
    assert not tags & {"script", "iframe", "svg", "style", "link", "meta", "base", "form", "input"}
    attributes = [pair for _, pairs in found.seen for pair in pairs]
    assert not [name for name, _ in attributes if name.startswith("on") or name == "style"]
    addresses = [value for name, value in attributes if name in ("src", "href")]
    allowed = ("data:image/", "#s", "http://127.0.0.1:9/seen")
    assert not [value for value in addresses if not value.startswith(allowed)]
    assert [value for name, value in attributes if name == "src" and "svg+xml" in value]
    assert "<a href" in page
    assert ELSEWHERE in page


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, attrs))


def test_sanitising_is_what_takes_script_out(monkeypatch):
    attack = f"<img src=x onerror='{ACT}'><script>{ACT}</script>"
    assert ACT not in clean.markdown(attack)
    monkeypatch.setattr(clean.nh3, "clean", lambda text, **_: text)
    assert ACT in clean.markdown(attack)


@pytest.mark.parametrize(
    ("mime", "data"),
    [
        ("image/png", "bm90IGEgcG5n"),
        ("image/png", '"><script>'),
        ("image/jpeg", PNG),
        ("text/html", "<b>"),
        ("image/png", PNG * 50_000),
    ],
)
def test_a_picture_that_is_none_is_left_out(mime, data):
    assert clean.picture(mime, data) is None


@pytest.mark.parametrize(
    ("data", "shown", "alt"),
    [
        ({FIGURE_TYPE: {"alt": "two lines"}, "text/plain": "whatever it says"}, (), "two lines"),
        ({FIGURE_TYPE: {"alt": 7}}, (), "a figure of yours"),
        ({FIGURE_TYPE: "two lines"}, (), "a figure of yours"),
        ({"text/plain": "[figure: mine]"}, ("[figure: mine]",), "a figure of yours"),
    ],
)
def test_a_figure_is_known_by_its_record(data, shown, alt):
    cell = nbformat.v4.new_code_cell("plot()")
    cell.outputs = [nbformat.v4.new_output("display_data", {**data, "image/png": PNG})]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (section,) = collect.sections(notebook, notebook, frozenset())
    (work,) = section.work
    assert work.printed == shown
    (picture,) = work.pictures
    assert f'alt="{alt}"' in picture


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_persons_comment_is_shown_whatever_it_says(by_hand):
    cell = nbformat.v4.new_markdown_cell("YOUR ANSWER HERE")
    about = {"grade": True, "solution": True, "locked": False, "grade_id": "a", "points": 1}
    cell.metadata.nbgrader = {**about, "comment": "No response.", "comment_by_hand": by_hand}
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (section,) = collect.sections(notebook, None, frozenset({normal(cell.source)}))
    assert [work.kind for work in section.work] == ["untouched"]
    assert bool(section.comments) == by_hand


def test_values_stand_in_columns():
    message = "It does not have the expected values."
    got, expected = "[[1., 0.],\n [0., 1.]]", "[[1., 1.],\n [0., 0.]]"
    record = Record("close", "two perceptrons", False, message=message, got=got, expected=expected)
    output = nbformat.v4.new_output("display_data", {RECORD: asdict(record)})
    (found,) = test_messages.said_by(nbformat.v4.new_code_cell(outputs=[output]))
    assert found.text == "two perceptrons\n  It does not have the expected values."
    assert found.values == "came back:\n[[1., 0.],\n [0., 1.]]\nexpected:\n[[1., 1.],\n [0., 0.]]"


def test_text_is_shown_as_a_terminal_would():
    assert clean.plain("\x1b[31mred\x1b[0m\nepoch 1\repoch 2\r\n") == "red\nepoch 2\n"
    assert clean.plain("x\n" * 1000).endswith("… the rest is left out")
    assert len(clean.plain("x" * 10**6)) < 7_000


@pytest.mark.slow
def test_one_page_that_cannot_be_made_stops_no_other(course):
    shutil.rmtree(course.feedback_dir, ignore_errors=True)
    (course.autograded_dir / "bob" / toy.TOPIC / "toy.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(AutograderError, match=r"bob(.|\n)*All other pages were made"):
        feedback_and_show(course, [toy.TOPIC], Console(quiet=True))
    made = {path.parent.parent.name for path in course.feedback_dir.rglob("*.html")}
    assert made == {*ANSWERS, "fay", "mallory <b>"} - {"bob"}


@pytest.mark.slow
def test_nbgraders_own_command_and_exchange_give_the_same_page(course, tmp_path):
    ours = pages(course)["bob"]
    shutil.rmtree(course.feedback_dir)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    for name in ("fay", "mallory <b>"):  # who did not hand in through the exchange
        shutil.rmtree(course.autograded_dir / name)
    for command in ("generate_feedback", "release_feedback"):
        ran = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, toy.TOPIC, f"--Exchange.root={exchange}"],
            cwd=course.root,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
    page = course.feedback_dir / "bob" / toy.TOPIC / f"{toy.TOPIC}.html"
    assert page.read_text("utf-8") == ours
    released = [path.read_text("utf-8") for path in exchange.rglob("*.html")]
    assert ours in released
    assert len(released) == len(ANSWERS)


def test_whoever_has_no_autograded_notebook_is_told_what_to_do(tmp_path):
    made = toy.make(tmp_path / "course")
    with pytest.raises(AutograderError, match="autograder grade toy"):
        feedback_and_show(made, [toy.TOPIC], Console(quiet=True))


def test_a_course_without_the_exporter_in_its_config_gets_the_page(tmp_path):
    made = toy.make(tmp_path / "course")
    toy.hand_in(made.submitted_dir, "ana", toy.solved(made, toy.RIGHT))
    toy.canned(made, make_executor=ThreadPoolExecutor)
    page = pages(made)["ana"]
    assert "Content-Security-Policy" in page
    assert "double(-5)" not in page
    assert exporter.FeedbackExporter.output_mimetype == "text/html"


@pytest.mark.parametrize(
    ("source", "name", "message", "shown"),
    [
        ("x = 1\u00a0+ 2", "SyntaxError", "8674.6875", "U+00A0, NO-BREAK SPACE, stands there"),
        ("import torch", "ModuleNotFoundError", "No module named 'torch'", "named 'torch'"),
        ("import torch", "ModuleNotFoundError", "No module named '8674.6875'", ""),
        ("x = kept", "ValueError", "8674.6875", ""),
        ("x = kept", "Secret8674", "8674.6875", ""),
    ],
)
def test_why_a_cell_failed_is_told_as_far_as_its_text_tells_it(source, name, message, shown):
    cell = nbformat.v4.new_code_cell(source)
    cell.outputs = [nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[])]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (section,) = collect.sections(notebook, None, frozenset())
    (work,) = section.work
    assert work.failure == (name if "8674" not in name else "an error")
    assert shown in work.why
    assert bool(work.why) == bool(shown)
    assert "8674" not in work.why
