"""An instructor grades in nbgrader's formgrader, whose button holds the exam."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.course import Course
from tests.support import PATIENCE_S, lab, wait_for
from tests.support import toy_course as toy

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOUSE = (Path(__file__).parents[2] / "nbgrader_config.py").read_text(encoding="utf-8")
# nbgrader's own execution gives no points to a test whose code prints to stderr.
LOUD = "import sys\n\ndef half(x):\n    sys.stderr.write('x')\n    return x / 2"
CLASS = {"reference": {**toy.RIGHT, "half": LOUD}, "stub": {}}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course in which two students have handed in, and nothing is graded."""
    made = toy.make(tmp_path / "course", config=HOUSE)
    for student, answers in CLASS.items():
        toy.hand_in(made.submitted_dir, student, toy.solved(made, answers))
    return made


@pytest.fixture
def server(course: Course) -> Iterator[str]:
    """Start JupyterLab in the course folder, where nbgrader wants it; no exam may outlive it."""
    with lab.jupyter_lab(course.root) as url:
        yield url
        left = exam_processes(url)
    assert psutil.wait_procs(left, timeout=PATIENCE_S)[1] == []


@pytest.fixture
def page(server: str) -> Iterator:
    """Open a browser, in which no page of the server's may have an error."""
    errors = []

    def hear(message) -> None:
        if message.type == "error" and message.location["url"].startswith(server):
            errors.append(message.text)

    with lab.chromium() as opened:
        opened.on("console", hear)
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
    # nbgrader takes it from another server, which may be out of reach.
    assert set(errors) <= {"MathJax is not defined"}


def exam_processes(url: str) -> list[psutil.Process]:
    """Return the proctors of a server that this process started, and all that they forked."""
    port = f"--port={url.rpartition(':')[2]}"
    (server,) = (child for child in psutil.Process().children() if port in command(child))
    return [
        c
        for c in server.children(recursive=True)
        if "autograder.exam.processes.proctor" in command(c)
    ]


def buried_s(server: str) -> dict[int, float]:
    """Return the processor time of what each proctor forked and buried."""
    found = {}
    for process in exam_processes(server):
        with contextlib.suppress(psutil.Error):  # it has just ended
            found[process.pid] = process.cpu_times().children_user
    return {pid: spent_s for pid, spent_s in found.items() if spent_s}


def command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def autograde(page, server: str, student: str) -> str:
    """Click a student's button; return what the page says when it is done."""
    before = buried_s(server)
    row(page, student).locator(".autograde a").click()
    said = page.locator(".modal")
    forked = []

    def done() -> bool:  # a proctor stays for some seconds, its candidate may be gone at once
        forked.append(buried_s(server) != before)
        return said.is_visible()

    wait_for(done, "the button does nothing")
    forked.append(buried_s(server) != before)  # the page may have said so while we looked
    assert any(forked), "no proctor has forked a candidate"
    text = said.inner_text()
    said.locator("button", has_text="OK").click()
    said.wait_for(state="detached")
    return text


def row(page, student: str):
    """Return a student's line of the table, which is empty while the student is graded."""
    name = page.locator(f'td.student-id[data-order="{student}"]')
    return page.locator("#main-table tr", has=name)


def await_status(page, student: str, status: str, score: str) -> None:
    line = row(page, student)
    line.locator(".status", has_text=re.compile(f"^{status}$")).wait_for()
    assert line.locator(".score").inner_text() == score


def grades(course: Course, student: str) -> dict[str, tuple]:
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, student)
        return {g.name: (g.auto_score, g.manual_score) for g in notebook.grades}


def test_the_button_holds_the_exam_and_a_person_grades_the_rest(course, server, page):
    table = f"{server}/formgrader/manage_submissions/{toy.TOPIC}"
    page.goto(table)
    for student in CLASS:
        row(page, student).locator(".status", has_text="needs autograding").wait_for()
        assert "Successfully autograded" in autograde(page, server, student)
    await_status(page, "reference", "needs manual grading", "6 / 8")
    await_status(page, "stub", "graded", "0 / 8")
    assert grades(course, "reference") == {
        "test-double": (2.0, None),
        "test-double-zero": (1.0, None),
        "test-half": (3.0, None),
        "explain": (None, None),
    }
    assert {score for score, _ in grades(course, "stub").values()} == {0.0}
    # What the proctor forked is gone at once, and the proctor itself when it has been idle.
    assert len(exam_processes(server)) <= 1
    assert psutil.wait_procs(exam_processes(server), timeout=PATIENCE_S)[1] == []
    for student in CLASS:
        path = course.autograded_dir / student / toy.TOPIC / f"{toy.TOPIC}.ipynb"
        about = json.loads(path.read_text(encoding="utf-8"))["metadata"]["autograder"]
        assert about == {"sandbox": "required", "remarks": [], "kinds": []}

    page.goto(f"{server}/formgrader/gradebook/{toy.TOPIC}/{toy.TOPIC}")
    page.locator("#main-table tr", has_text="reference").locator("a.name-hidden").click()
    page.locator(".nbgrader_cell", has_text="Because I said so.").wait_for()
    page.locator(".nbgrader_cell", has_text="def double(x):").wait_for()
    points = page.locator("input#explain.needs_manual_grade")
    points.fill("1.5")
    with page.expect_response("**/formgrader/api/grade/*") as saved:
        page.locator("input#explain").press("Tab")
    assert saved.value.ok
    assert grades(course, "reference")["explain"] == (None, 1.5)
    page.goto(table)
    await_status(page, "reference", "graded", "7.5 / 8")
