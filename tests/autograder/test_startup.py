"""What a command does not do: import what it has no use for, or do again what has been done."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.preprocessors import Execute
from rich.console import Console

from autograder.bounded_process import Bounded
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading import exam_engine, nbgrader_autograde
from autograder.grading.grade import grade
from autograder.grading.nbgrader_autograde import ClassConverter
from autograder.topics import release_check
from tests.support import toy_course as toy

HEAVY = {
    *("tensorflow", "keras", "matplotlib", "pandas", "IPython", "jupytext", "nbconvert", "alembic"),
    *("jupyter_server", "nbgrader.converters", "nbgrader.exchange", "autograder.exam.exam"),
}
SERVER = {"jupyter_server", "nbgrader.server_extensions.formgrader.handlers"}
NOTHING = {"nbgrader", "sqlalchemy", "nbformat", "numpy", *HEAVY, *SERVER}
LATE = "nbgrader.preprocessors.AssignLatePenalties"
SCRIPT = """
import sys
from autograder.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*sorted({heavy!r} & set(sys.modules)))
"""
READER = "[__import__({module!r}), sorted({heavy!r} & set(__import__('sys').modules))][1]"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = toy.make(tmp_path_factory.mktemp("startup") / "course")
    toy.hand_in(made.submitted_dir, "ana", toy.solved(made, toy.RIGHT))
    toy.canned(made)
    # As in a course of this project. nbgrader's own list comes only with all of its converters.
    with (made.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\nc.Autograde.autograde_preprocessors = [{LATE!r}]\n")
    return made


def with_config(root: Path, text: str) -> Course:
    root.mkdir()
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n", encoding="utf-8")
    return Course.find(root=root)


def imported(arguments: list[str], heavy: set[str]) -> str:
    """Return which of these modules a command imports."""
    command = [sys.executable, "-c", SCRIPT.format(heavy=heavy), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["export", "--help"]])
def test_help_imports_nothing_of_a_course(arguments: list[str]) -> None:
    assert imported(arguments, NOTHING) == ""


@pytest.mark.parametrize("arguments", [["export", "--to", "csv"], ["due", toy.TOPIC]])
def test_a_small_command_imports_nothing_heavy(course: Course, arguments: list[str]) -> None:
    assert imported([*arguments, "--course", str(course.root)], HEAVY) == ""


@pytest.mark.parametrize("arguments", [["report"], ["release", "--no-run"]])
def test_a_large_command_imports_no_server(course: Course, arguments: list[str]) -> None:
    command = [arguments[0], toy.TOPIC, *arguments[1:], "--course", str(course.root)]
    assert imported(command, SERVER) == ""


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("autograder.similarity.handed_in", {"numpy", "rapidfuzz", *HEAVY, *SERVER}),
        ("autograder.similarity.work", {"nbgrader", "rapidfuzz", *HEAVY, *SERVER}),
        ("autograder.feedback.rendering", SERVER),
    ],
)
def test_the_process_that_reads_submissions_imports_only_what_that_takes(
    module: str, heavy: set[str]
) -> None:
    bounded = Bounded()
    try:
        assert bounded.call(eval, READER.format(module=module, heavy=heavy)) == []
    finally:
        bounded.close()


def test_a_run_without_a_submission_starts_no_proctor(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exam_engine, "_available", lambda: exam_engine.Availability(True))
    started = lambda _: pytest.fail("a proctor was started")  # noqa: E731
    monkeypatch.setattr(exam_engine.ExamEngine, "exam_pool", started)
    (run,) = grade(course, [toy.TOPIC], submitted=tmp_path)
    assert run.submissions == {}


def test_nbgraders_steps_are_made_only_for_what_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = toy.make(tmp_path / "course")
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    engine = toy.CannedEngine(version="1")
    graded = toy.canned(course, engine=engine).submissions["ana"]

    def broken(*_: object) -> ClassConverter:
        raise RuntimeError("the configured step cannot be made")

    monkeypatch.setattr(nbgrader_autograde, "ClassConverter", broken)
    again = toy.canned(course, engine=engine).submissions["ana"]
    assert again.unchanged
    assert again.score == graded.score > 0
    toy.hand_in(course.submitted_dir, "bo", toy.solved(course, toy.RIGHT))
    # No submission is blamed for it, whether it can be read or not.
    toy.hand_in(course.submitted_dir, "cy", "{")
    for student in ("ana", "bo", "cy"):
        with pytest.raises(RuntimeError, match="configured step"):
            toy.canned(course, engine=engine, students=[student], force=True)
    with course.gradebook() as book:
        assert [each.student.id for each in book.assignment_submissions(toy.TOPIC)] == ["ana"]
        assert book.find_submission(toy.TOPIC, "ana").score == graded.score


def test_a_topic_that_has_passed_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, ran = toy.make(tmp_path / "course"), []

    def check(_: Course, names: list[str]) -> str:
        ran.append(list(names))
        return ""

    def release() -> list[list[str]]:
        ran.clear()
        release_check.release_and_show(course, [toy.TOPIC], Console(quiet=True))
        return list(ran)

    monkeypatch.setattr(release_check, "check", check)
    assert release() == [[toy.TOPIC]]
    assert release() == []
    text = course.topic_path(toy.TOPIC)
    text.write_text(text.read_text(encoding="utf-8").replace("double", "twofold"), encoding="utf-8")
    assert release() == [[toy.TOPIC]]
    course.config.ExamLimits.cell_seconds = 7.0
    assert release() == [[toy.TOPIC]]
    (course.source_dir / release_check.PASSED).write_text("[", encoding="utf-8")
    assert release() == [[toy.TOPIC]]
    monkeypatch.setattr(release_check, "check", lambda *_: ran.append([]) or "no sandbox")
    course.config.ExamLimits.cell_seconds = 8.0
    assert release() == [[]]
    assert release() == [[]]  # what could not be run has not passed


@pytest.mark.parametrize(
    ("line", "section", "name", "value"),
    [
        ("c.NbGrader.db_url = 'sqlite:///x.db'", "CourseDirectory", "db_url", "sqlite:///x.db"),
        ("c.NbGrader.course_id = 'old'", "CourseDirectory", "course_id", "old"),
        ("c.Exchange.course_id = 'old'", "CourseDirectory", "course_id", "old"),
        ("c.TransferApp.timezone = 'CET'", "Exchange", "timezone", "CET"),
    ],
)
def test_older_names_in_the_configuration_are_read(
    tmp_path: Path, line: str, section: str, name: str, value: str
) -> None:
    assert with_config(tmp_path / "course", line).config[section][name] == value


def test_a_value_that_nbgrader_does_not_take_is_named(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match=r"has an invalid value.*course_id"):
        with_config(tmp_path / "course", "c.CourseDirectory.course_id = 3")


@pytest.mark.parametrize(
    "steps",
    [
        ["nbgrader.preprocessors.Execute", "nbgrader.preprocessors.SaveAutoGrades"],
        ["nbgrader.preprocessors.execute.Execute", "nbgrader.preprocessors.SaveAutoGrades"],
    ],
)
def test_a_step_that_is_only_named_never_runs_student_code_here(
    tmp_path: Path, steps: list[str]
) -> None:
    course = with_config(tmp_path / "course", f"c.Autograde.autograde_preprocessors = {steps}")
    converter = ClassConverter(course, logging.getLogger(__name__))
    made = [*converter.sanitisers, *converter.recorders]
    assert converter.recorders
    assert not [step for step in made if isinstance(step, Execute)]
