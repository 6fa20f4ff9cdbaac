"""A topic that fails by itself: release refuses it, and grading gives nobody a 0 for it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook.records import complete
from autograder.grading.grade import grade
from autograder.topics import leak_check
from autograder.topics.release import release
from autograder.topics.release_check import check
from autograder.topics.topic import parse
from tests.support import toy_course as toy

pytestmark = pytest.mark.slow

IMPORT = "from nnkit import checks\n"
FAULTS = {
    "no such file": (IMPORT, f"{IMPORT}rows = open('data.csv').read()\n", "FileNotFoundError"),
    "no such module": (IMPORT, f"{IMPORT}import helper_of_mine\n", "No module named 'helper_of_m"),
    "no data set": (
        IMPORT,
        f"{IMPORT}from nnkit import datasets\nmnist = datasets.load('mnist')\n",
        "given",
    ),
    "a test's own slip": ("squared = checks.cause", "squared = check.cause", "NameError"),
    "a test's own import": (
        "squared = checks.cause",
        "import helper_of_mine\nsquared = checks.cause",
        "No module named 'helper_of_m",
    ),
}


def course_of(folder: Path, text: str) -> Course:
    (folder / "solutions" / toy.TOPIC).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(toy.CONFIG, encoding="utf-8")
    (folder / "solutions" / toy.TOPIC / f"{toy.TOPIC}.py").write_text(text, encoding="utf-8")
    return Course.find(root=folder)


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kind", FAULTS)
def test_release_refuses_a_topic_that_fails_by_itself(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, becomes, said = FAULTS[kind]
    assert was in toy.TEXT
    monkeypatch.delenv("NNKIT_MNIST", raising=False)
    course = course_of(tmp_path, toy.TEXT.replace(was, becomes))
    shown = run("release", "--course", course.root)
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert "--no-run" in shown.stderr
    assert not course.release_dir.exists()


def test_release_refuses_a_solution_that_does_not_pass(tmp_path: Path) -> None:
    course = course_of(tmp_path, toy.TEXT.replace("return x / 2", "return x / 3"))
    line = toy.TEXT.split("\n").index('# %% test="half" points=3') + 1
    with pytest.raises(AutograderError, match=rf"toy\.py:{line}: .*fails on the topic's own"):
        check(course, [toy.TOPIC])
    shown = run("release", "--no-run", "--course", course.root)
    assert shown.exit_code == 0, shown.output


def test_release_of_a_sound_topic_runs_it(tmp_path: Path) -> None:
    course = course_of(tmp_path, toy.TEXT)
    shown = run("release", "--course", course.root)
    assert (shown.exit_code, "!" in shown.output) == (0, False), shown.output


# A name that is nobody's might be the student's, who took it out: only release can tell.
@pytest.mark.parametrize("kind", sorted(FAULTS.keys() - {"a test's own slip"}))
def test_grading_gives_nobody_a_zero_for_it(tmp_path: Path, kind: str) -> None:
    was, becomes, said = FAULTS[kind]
    course = course_of(tmp_path, toy.TEXT.replace(was, becomes))
    release(course)
    for student in ("ana", "bo"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    runs = grade(course, [toy.TOPIC], jobs=1)
    assert not complete(runs)
    for outcome in runs[0].submissions.values():
        assert not outcome.graded
        assert "fails by itself" in outcome.remarks[0].text
        assert said in outcome.remarks[0].text


@pytest.mark.parametrize(
    "half",
    ["1 / 0", "def half(x): return x / 0", "del checks", "raise SystemExit", "def half(: pass"],
)
def test_what_a_student_breaks_is_no_fault_of_the_topic(tmp_path: Path, half: str) -> None:
    """A test uses what an earlier test kept, and a name that nobody defines."""
    text = toy.TEXT.replace(
        'checks.close(half(4), 2, "half(4)")', "kept = half(4)\nchecks.close(kept, 2, 'half(4)')"
    )
    text += '\n# %% test="half" part="again" points=1\nchecks.close(kept, 2, "kept")\n'
    course = course_of(tmp_path, text)
    release(course)
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, {**toy.RIGHT, "half": half}))
    (run,) = grade(course, [toy.TOPIC], jobs=1)
    outcome = run.submissions["ana"]
    assert outcome.graded
    assert outcome.score == 3.0


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("return 2 * x\n", "return 2 * x + x * 0\n", "2 * x + x * 0"),
        ("return x / 2\n", "y = x * 3 / 6\n    return y\n", "x * 3 / 6"),
        ("return 2 * x\n", "return 2 * x\n", None),
    ],
)
def test_a_computation_of_a_solution_that_students_see_is_told(
    tmp_path: Path, was: str, becomes: str, told: str | None
) -> None:
    text = toy.TEXT.replace(was, becomes)
    if told:
        seen = f"x = 4\nexpected = ({told})  # as it should be"
        text = text.replace("checks.close(double(0), 0", f"{seen}\nchecks.close(double(0), 0")
    course = course_of(tmp_path, text)
    found = leak_check.shown(parse(course.topic_path(toy.TOPIC)))
    assert len(found) == bool(told)
    assert not told or told in found[0]
