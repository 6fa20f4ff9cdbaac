"""The command line: exit statuses, messages without tracebacks, JSON for scripts."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner, Result

from autograder import cli
from autograder.course import Course
from autograder.doctor import command as doctor_command
from autograder.doctor.checks import Finding
from autograder.gradebook.records import Submission
from autograder.grading.exam_engine import ExamEngine
from autograder.remarks import Remark
from tests.support import prose
from tests.support import toy_course as toy

COMMANDS = (
    *("release", "check", "grade", "audit", "feedback", "watch", "report", "export", "lti"),
    *("demo", "doctor"),
)
EVERY = [command.name for command in cli.app.registered_commands]

# What the help does not use, besides the glossary's retired words.
RETIRED = prose.retired() | {
    "in words": "written",
    "leave it away": "omit",
    "leave them away": "omit",
    "leave out": "omit, skip",
    "left out": "omit, skip",
    "may do all": "unconfined, with your permissions",
    "all the same": "unconfined, with your permissions",
    "does not hold": "what was expected",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands grade without running anything."""
    monkeypatch.setattr(ExamEngine, "of", lambda *_, **__: toy.CannedEngine())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example(name: str) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    for word in (f"Example: autograder {name}", "--course", "--json"):
        assert word in shown.output


def helped(name: str) -> str:
    """Return the help of a command, or of all, as one line without its frames."""
    arguments = [name, "--help"] if name else ["--help"]
    shown = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "500"})
    assert shown.exit_code == 0
    return shown.output


@pytest.mark.parametrize("name", ["", *EVERY])
def test_help_is_in_plain_words_and_signs(name: str) -> None:
    shown = helped(name)
    assert not re.search(r"[{}]|\[\[|<\w+(\[\w+\])?>|\.\.\.\]?\.\.\.", shown), shown
    assert not prose.find([prose.whole(shown)], RETIRED)


@pytest.mark.parametrize("name", ["", *EVERY])
def test_every_line_of_the_help_says_something(name: str) -> None:
    rows = [line.strip("│ *") for line in helped(name).splitlines() if line.startswith("│")]
    assert rows
    for row in rows:
        assert re.search(r"\S {2,}\w.*[.\]]$", row), row


def test_usage_is_written_as_it_is_everywhere() -> None:
    usage = {name: re.search(r"Usage: \S+ (.*)", helped(name))[1].rstrip() for name in EVERY}
    assert usage["grade"] == "grade [OPTIONS] TOPIC..."
    assert usage["release"] == "release [OPTIONS] [TOPIC]..."
    assert usage["void"] == "void [OPTIONS] TOPIC [TEST]..."
    assert usage["collect"] == "collect [OPTIONS] TOPIC ARCHIVE"
    assert usage["extension"] == "extension [OPTIONS] [STUDENT] [TOPIC] [DATE]"
    assert usage["lti"] == "lti [OPTIONS] keys|check|send [TOPIC]..."


def test_flags_say_what_they_do() -> None:
    assert re.search(r"--version +Show the version and exit\.", helped(""))
    assert "off: run student code unconfined, with your permissions." in helped("grade")
    assert re.search(r"--cell-seconds .*Default: 120 s\.", helped("grade"))


def test_what_is_missing_is_named() -> None:
    for name in ("grade", "feedback", "report"):
        shown = run(name)
        assert shown.exit_code == 2
        assert "Missing argument 'TOPIC'." in shown.stderr


def test_version_and_help() -> None:
    assert run("--version").output.startswith("autograder ")
    assert all(name in run("--help").output for name in COMMANDS)
    assert run("nonsense").exit_code == 2


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, autograder.cli as cli\n"
        "try:\n    cli.app(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'nbgrader', 'tensorflow', 'nbformat', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_grade_shows_scores_and_writes_json(course: Course, canned: None, tmp_path: Path) -> None:
    toy.hand_in(course.submitted_dir, "Jörg Müller", toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "bad", "{")
    with course.gradebook() as gradebook:
        gradebook.add_student("away")
    out = tmp_path / "new" / "out.json"
    shown = run("grade", toy.TOPIC, "--course", course.root, "--jobs", 1, "--json", out)
    assert shown.exit_code == 0, shown.output
    assert "! bad, toy: scored 0: toy.ipynb is not JSON" in shown.output
    assert "Jörg Müller" in shown.output
    assert "Did not hand in: away" in shown.output
    data = json.loads(out.read_text(encoding="utf-8"))
    assert set(data["toy"]["submissions"]) == {"Jörg Müller", "bad"}


def test_grade_takes_another_folder(course: Course, canned: None, tmp_path: Path) -> None:
    toy.hand_in(tmp_path / "Pile ü", "ana", toy.solved(course, toy.RIGHT))
    shown = run("grade", toy.TOPIC, "--course", course.root, "--submitted", tmp_path / "Pile ü")
    assert shown.exit_code == 0, shown.output


def test_grade_fails_if_a_submission_has_no_grade(
    course: Course, monkeypatch: pytest.MonkeyPatch, canned: None
) -> None:
    lost = Submission("ana", 0.0, remarks=(Remark("NOT GRADED"),), graded=False)
    monkeypatch.setattr("autograder.grading.recorder.Recorder.close", lambda *_: lost)
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    shown = run("grade", toy.TOPIC, "--course", course.root, "--jobs", 1)
    assert shown.exit_code == 1
    assert "NOT GRADED" in shown.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "toy"], "There is no folder of submissions"),
        (["release", "nonsense"], "nonsense"),
        (["feedback", "toy"], "autograder grade toy"),
        (["check", "nowhere.ipynb"], "There is no file nowhere.ipynb"),
        (["demo", "nonsense"], "nonsense"),
    ],
)
def test_errors_are_one_message(course: Course, arguments: list[str], said: str) -> None:
    shown = run(*arguments, "--course", course.root)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("autograder: ")
    assert said in shown.stderr
    assert "Traceback" not in shown.output


def test_a_damaged_gradebook_is_called_that(course: Course, canned: None) -> None:
    gradebook = course.root / "gradebook.db"
    whole = gradebook.read_bytes()
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    for damaged in (b"<html>502 Bad Gateway</html>" * 100, _scrambled(whole)):
        gradebook.write_bytes(damaged)
        shown = run("grade", toy.TOPIC, "--course", course.root)
        assert shown.exit_code == 2, shown.output
        assert "damaged" in shown.stderr
        assert "backup" in shown.stderr
        assert "Traceback" not in shown.output


def _scrambled(database: bytes) -> bytes:
    """Keep the first page, which says what kind of file it is, and spoil the others."""
    return database[:4096] + b"\x99" * (len(database) - 4096)


def test_an_empty_pile_is_an_error(course: Course) -> None:
    course.submitted_dir.mkdir()
    shown = run("grade", toy.TOPIC, "--course", course.root)
    assert shown.exit_code == 2
    assert "STUDENT/toy/toy.ipynb" in shown.stderr


def test_outside_of_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("release")
    assert shown.exit_code == 2
    assert "nbgrader_config.py" in shown.stderr


def test_release(course: Course, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    shown = run("release", "--course", course.root, "--json", out)
    assert shown.exit_code == 0, shown.output
    path = course.release_dir / toy.TOPIC / "toy.ipynb"
    assert json.loads(out.read_text(encoding="utf-8")) == {"toy": str(path)}


def test_json_that_cannot_be_written(course: Course, tmp_path: Path) -> None:
    shown = run("release", "--course", course.root, "--json", tmp_path)
    assert shown.exit_code == 2
    assert "name another file" in shown.stderr


def test_feedback(course: Course, canned: None, tmp_path: Path) -> None:
    for student in ("Jörg [A] Müller", "ana"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    assert run("grade", toy.TOPIC, "--course", course.root).exit_code == 0
    out = tmp_path / "out.json"
    shown = run("feedback", toy.TOPIC, "--course", course.root, "--json", out)
    assert shown.exit_code == 0, shown.output
    pages = json.loads(out.read_text(encoding="utf-8"))[toy.TOPIC]
    assert set(pages) == {"Jörg [A] Müller", "ana"}
    texts = [Path(page).read_text(encoding="utf-8") for page in pages.values()]
    assert all(">6 <small>of 8" in text for text in texts)


def test_doctor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    findings = [Finding("a", "ok", "good")]
    monkeypatch.setattr(doctor_command, "examine", lambda _, quick: findings)
    out = tmp_path / "out.json"
    assert run("doctor", "--json", out).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["a"]["state"] == "ok"
    findings.append(Finding("b", "fail", "bad", "mend it"))
    shown = run("doctor")
    assert shown.exit_code == 1
    assert "mend it" in shown.output


@pytest.mark.slow
def test_check_fails_with_the_tests(course: Course, tmp_path: Path) -> None:
    path, out = tmp_path / "a.ipynb", tmp_path / "out.json"
    nbformat.write(toy.solved(course, toy.WRONG_SIGN), path)
    shown = run("check", path, "--json", out)
    assert shown.exit_code == 1, shown.output
    assert json.loads(out.read_text(encoding="utf-8"))["tests"]["double"]["diagnosis"] == "sign"
    nbformat.write(toy.solved(course, toy.RIGHT), path)
    assert run("check", path).exit_code == 0


@pytest.mark.slow
def test_grade_without_a_sandbox_is_recorded_with_every_grade(
    course: Course, tmp_path: Path
) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    out = tmp_path / "out.json"
    options = ["--course", course.root, "--jobs", 1, "--sandbox", "off", "--cell-seconds", 20]
    shown = run("grade", toy.TOPIC, *options, "--json", out)
    assert shown.exit_code == 0, shown.output
    assert "Graded with --sandbox off" in shown.output
    found = json.loads(out.read_text(encoding="utf-8"))["toy"]
    assert (found["sandbox"], found["submissions"]["ana"]["score"]) == ("off", 6.0)
    path = course.autograded_dir / "ana" / toy.TOPIC / "toy.ipynb"
    assert nbformat.read(path, as_version=4).metadata.autograder.sandbox == "off"


@pytest.mark.parametrize(
    "option", [("--sandbox", "perhaps"), ("--cell-seconds", "-1"), ("--memory-mb", "1")]
)
def test_impossible_limits(course: Course, option: tuple[str, str]) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    shown = run("grade", toy.TOPIC, "--course", course.root, *option)
    assert shown.exit_code == 2
    assert "c.ExamLimits" in shown.stderr
