"""Feedback pages: what the house's configuration keeps out of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import toy_course as toy
from rich.console import Console

from autograder.course import Course
from autograder.grading.engine import Examined, Job
from autograder.grading.feedback import feedback_and_show
from autograder.grading.grade import grade

HOUSE = Path(__file__).resolve().parents[2] / "nbgrader_config.py"


class Unrun:
    """An engine that hands every notebook back as it came."""

    sandbox = "off"

    def examine(self, job: Job) -> Examined:
        return Examined(job.notebook)


def test_no_hidden_test_is_shown(tmp_path):
    made = toy.make(tmp_path / "course")
    (made.root / "nbgrader_config.py").write_text(HOUSE.read_text("utf-8"), encoding="utf-8")
    course = Course.find(root=made.root)
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    grade(course, [toy.TOPIC], engine=Unrun(), jobs=1, make_executor=ThreadPoolExecutor)
    graded = course.autograded_dir / "ana" / toy.TOPIC / f"{toy.TOPIC}.ipynb"
    assert "double(-5)" in toy.cell(nbformat.read(graded, 4), "test-double").source

    pages = feedback_and_show(course, [toy.TOPIC], Console(quiet=True))

    page = Path(pages[toy.TOPIC]["ana"]).read_text("utf-8")
    assert "double(3)" in page
    assert "double(-5)" not in page
    assert "HIDDEN" not in page
