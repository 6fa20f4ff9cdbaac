"""`autograder check --exam` judges one notebook as grading does; `--trace` says why."""

import shutil
from pathlib import Path

import nbformat
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course
from tests.support import toy_course as toy

pytestmark = pytest.mark.slow

# Right in the visible test, wrong in the hidden one.
GUESSED = {
    **toy.RIGHT,
    "double": "def double(x):\n    print('\\x1b[2J\\x9b31m')\n    return 6 if x else 0",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return toy.make(tmp_path_factory.mktemp("check-exam") / "course")


def run(*arguments: str | Path) -> tuple[int, str]:
    told = CliRunner().invoke(app, ["check", *map(str, arguments), "--sandbox", "off"])
    return told.exit_code, told.output


def contents(course: Course) -> dict[str, int]:
    """How many rows each table of the gradebook has."""
    with course.gradebook() as book:
        tables = book.db.execute(text("select name from sqlite_master where type = 'table'"))
        names = [name for (name,) in tables]
        return {n: book.db.execute(text(f'select count(*) from "{n}"')).scalar() for n in names}


def test_a_submission_is_judged_with_the_hidden_tests_and_each_call_is_told(
    course: Course,
) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, GUESSED))
    known, before = contents(course), path.read_bytes()
    status, printed = run("--exam", "--trace", path)
    assert status == 1
    assert (contents(course), path.read_bytes()) == (known, before)
    assert "4 of 6 points in the tests, hidden ones included" in printed
    assert "test test-double\n" in printed
    for call in ("double(3) → 6", "double(-5) → 6", "half(4) → 2.0"):
        assert call in printed
    assert "ended with CheckFailed" in printed
    assert not set("\x1b\x9b") & set(printed)


def test_a_right_submission_passes_and_without_trace_no_call_is_told(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ben", toy.solved(course, toy.RIGHT))
    status, printed = run("--exam", path)
    assert status == 0
    assert "6 of 6 points" in printed
    assert "→" not in printed


def test_a_changed_test_does_not_count(course: Course) -> None:
    notebook = toy.solved(course, GUESSED)
    toy.cell(notebook, "test-half").source = "pass"
    toy.cell(notebook, "half").source = "def half(x):\n    return x"
    status, printed = run("--exam", toy.hand_in(course.submitted_dir, "eve", notebook))
    assert status == 1
    assert "1 of 6 points" in printed
    assert "half" in printed


def test_outside_a_course_the_notebook_is_judged_as_it_stands(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "toy.ipynb"
    nbformat.write(toy.solved(course, GUESSED), path)
    status, printed = run("--trace", path)
    assert status == 0
    assert "6 of 6 points in the visible tests" in printed
    assert "double(-5)" not in printed
    assert "without hidden tests" in printed
    status, printed = run("--exam", path, "--course", course.root)
    assert status == 1
    assert "4 of 6 points" in printed


def test_no_gradebook_is_made(course: Course, tmp_path: Path) -> None:
    empty = tmp_path / "course"
    shutil.copytree(course.root, empty, ignore=shutil.ignore_patterns("gradebook.db"))
    path = toy.hand_in(empty / "submitted", "ana", toy.solved(course, GUESSED))
    status, printed = run("--exam", path)
    assert status == 0
    assert "without hidden tests" in printed
    assert not (empty / "gradebook.db").exists()


def test_what_cannot_be_read_is_said(course: Course, tmp_path: Path) -> None:
    status, printed = run("--exam", tmp_path / "nowhere.ipynb")
    assert status == 2
    assert "There is no file" in printed
    shutil.copy(course.root / "nbgrader_config.py", tmp_path / "toy.ipynb")
    status, printed = run("--exam", tmp_path / "toy.ipynb")
    assert status == 2
    assert "is not a Jupyter notebook" in printed
