"""`autograder check` shows a notebook's visible tests, and says clearly when it cannot."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from rich.console import Console

from autograder.check.command import Outcome, check, show
from autograder.course import Course
from autograder.errors import AutograderError
from tests.support import toy_course as toy


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return toy.make(tmp_path_factory.mktemp("check") / "course")


def checked(course: Course, folder: Path, answers: dict[str, str], **options: int) -> Outcome:
    path = folder / "work of Jörg.ipynb"
    nbformat.write(toy.solved(course, answers), path)
    before = path.read_bytes()
    outcome = check(path, **options)
    assert path.read_bytes() == before
    return outcome


def printed(outcome: Outcome) -> str:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as capture:
        show(console, outcome)
    return capture.get()


@pytest.mark.slow
def test_right_answers(course: Course, tmp_path: Path) -> None:
    outcome = checked(course, tmp_path, toy.RIGHT)
    assert outcome.passed
    assert [test.name for test in outcome.tests] == ["double", "double-zero", "half"]
    assert outcome.to_json()["score"] == outcome.to_json()["max"] == 6.0
    assert "6 of 6 points" in printed(outcome)
    assert "explain, 2 points more: an answer is written" in printed(outcome)
    assert "hidden tests" in printed(outcome)
    assert "Next: Restart the kernel" in printed(outcome)


@pytest.mark.slow
def test_a_likely_cause_and_an_exception(course: Course, tmp_path: Path) -> None:
    answers = {**toy.WRONG_SIGN, "half": "def half(x):\n    return x / 0"}
    outcome = checked(course, tmp_path, answers)
    assert not outcome.passed
    sign, zero, half = outcome.tests
    assert (sign.score, sign.points, sign.diagnosis) == (0.0, 2.0, "sign")
    assert "sign" in sign.cause
    assert zero.passed
    assert half.message == "ZeroDivisionError: division by zero"
    assert outcome.to_json()["tests"]["half"] == {
        "score": 0.0,
        "points": 3.0,
        "diagnosis": None,
        "message": "ZeroDivisionError: division by zero",
    }
    assert "1 of 6 points" in printed(outcome)
    assert "Next: Fix `double`" in printed(outcome)


@pytest.mark.slow
def test_a_cell_that_fails_is_named_with_its_reason(course: Course, tmp_path: Path) -> None:
    answers = {
        "double": "def double(x):\n    return 2\u00a0* x",
        "half": "import no_such_module\n\ndef half(x):\n    return x / 2",
    }
    outcome = checked(course, tmp_path, answers)
    blank, module = outcome.broken
    assert "(double) ended with SyntaxError" in blank
    assert "line 2, column 13" in blank
    assert "NO-BREAK SPACE" in blank
    assert module.endswith("ended with ModuleNotFoundError: No module named 'no_such_module'")
    assert outcome.to_json()["broken"] == outcome.broken
    assert "NO-BREAK SPACE" in printed(outcome)


@pytest.mark.slow
def test_an_untouched_notebook(course: Course, tmp_path: Path) -> None:
    outcome = checked(course, tmp_path, {})
    assert outcome.to_json()["score"] == 0
    assert outcome.to_json()["in_words"] == {"explain": {"points": 2.0, "answered": False}}
    assert "explain, 2 points more: no answer" in printed(outcome)
    assert "Next: Write `double`" in printed(outcome)


@pytest.mark.slow
def test_the_working_folder_is_the_notebooks(course: Course, tmp_path: Path) -> None:
    (tmp_path / "beside.txt").write_text("2", encoding="utf-8")
    answers = {**toy.RIGHT, "half": "def half(x):\n    return x / int(open('beside.txt').read())"}
    assert checked(course, tmp_path, answers).passed


@pytest.mark.slow
def test_a_kernel_that_dies(course: Course, tmp_path: Path) -> None:
    outcome = checked(course, tmp_path, {**toy.RIGHT, "half": "import os\nos._exit(1)"})
    assert not outcome.passed
    assert outcome.stopped
    assert [test.message for test in outcome.tests] == ["", "", "was not run"]


@pytest.mark.slow
def test_a_cell_that_never_ends(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit is one of the clock: only the cell that never ends may meet it.
    limit_s = staticmethod(lambda cell: 3 if "half(4)" in cell.source else 600)
    monkeypatch.setattr(NotebookClient, "timeout_func", limit_s)
    answers = {**toy.RIGHT, "half": "import time\ndef half(x):\n    time.sleep(600)"}
    outcome = checked(course, tmp_path, answers, timeout=3)
    assert [test.passed for test in outcome.tests] == [True, True, False]


@pytest.mark.slow
def test_what_a_student_printed_cannot_steer_the_terminal(course: Course, tmp_path: Path) -> None:
    text = "def half(x):\n    raise ValueError('\\x1b[2J[bold]gone[/bold]')"
    assert "\x1b[2J" not in printed(checked(course, tmp_path, {**toy.RIGHT, "half": text}))


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="There is no file"):
        check(tmp_path / "nowhere.ipynb")


@pytest.mark.parametrize("text", ["", "hello", "[]", '{"cells": 3}'])
def test_not_a_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AutograderError, match="is not a Jupyter notebook"):
        check(path)


def test_no_tests(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), path)
    with pytest.raises(AutograderError, match="contains no tests"):
        check(path)


@pytest.mark.slow
def test_no_kernel(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(_: object, name: str) -> None:
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    shutil.copy(course.release_dir / toy.TOPIC / "toy.ipynb", tmp_path)
    with pytest.raises(AutograderError, match="autograder doctor"):
        check(tmp_path / "toy.ipynb")
