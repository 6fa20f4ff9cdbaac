"""nbgrader's own commands use the exam, and give the scores of `autograder grade`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute
from nbgrader.utils import find_all_files

from autograder.course import Course
from autograder.grading.grade import grade
from autograder.submissions import plain_files
from tests.support import toy_course as toy

HOUSE = (Path(__file__).parents[3] / "nbgrader_config.py").read_text(encoding="utf-8")
LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"

CLASS = {
    "ana": toy.RIGHT,
    "bo": toy.WRONG_SIGN,
    "stub": {},
    "loud": {
        **toy.RIGHT,
        "half": "import sys\n\ndef half(x):\n    sys.stderr.write('x')\n    return x / 2",
    },
}


def nbgrader(course: Course, *arguments: str) -> subprocess.CompletedProcess:
    """Run one of nbgrader's commands in the course folder."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # one that waits for a pipe in a submission fails here, and holds nobody up
    )


def scores(course: Course, student: str) -> dict[str, tuple]:
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, student)
        found = {g.name: (g.auto_score, g.needs_manual_grade) for g in notebook.grades}
        return found | {"penalty": notebook.late_submission_penalty}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("house") / "course"
    course = toy.make(root, config=HOUSE + LATE)
    for student, answers in CLASS.items():
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))
        path.with_name("timestamp.txt").write_text("2024-01-03 00:00:00 UTC", encoding="utf-8")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2024-01-01 00:00:00 UTC")
    return root


@pytest.fixture
def course(handed_in: Path, tmp_path: Path) -> Course:
    shutil.copytree(handed_in, tmp_path / "course")
    return Course.find(root=tmp_path / "course")


@pytest.mark.slow
def test_the_command_gives_the_scores_of_grade_and_of_plain_nbgrader(
    course: Course, tmp_path: Path
) -> None:
    shutil.copytree(course.root, tmp_path / "ours")
    shutil.copytree(course.root, tmp_path / "plain")
    ours, plain = (Course.find(root=tmp_path / name) for name in ("ours", "plain"))
    ran = nbgrader(course, "autograde", toy.TOPIC)
    assert ran.returncode == 0, ran.stderr
    (run,) = grade(ours, [toy.TOPIC], jobs=2)
    config = plain.config.copy()
    del config["Autograde"]
    config.Execute.timeout = 600
    api = NbGraderAPI(coursedir=plain.coursedir, config=config)
    assert issubclass(Autograde(coursedir=plain.coursedir).autograde_preprocessors[0], Execute)
    for student in CLASS:
        assert scores(course, student) == scores(ours, student), student
        if student != "loud":  # output on stderr costs nothing in the exam
            assert api.autograde(toy.TOPIC, student)["success"]
            assert scores(course, student) == scores(plain, student), student
    assert run.submissions["loud"].score == 6.0
    assert scores(course, "ana")["penalty"] == 6.0
    found = autograded(course, "ana")["metadata"]["autograder"]
    assert found["sandbox"] == "required"
    feedback = nbgrader(course, "generate_feedback", toy.TOPIC)
    assert feedback.returncode == 0, feedback.stderr
    page = course.feedback_dir / "bo" / toy.TOPIC / f"{toy.TOPIC}.html"
    assert "sign" in page.read_text(encoding="utf-8")


def autograded(course: Course, student: str) -> dict:
    path = course.autograded_dir / student / toy.TOPIC / f"{toy.TOPIC}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_command_repairs_and_does_not_show_the_tests_to_student_code(course: Course) -> None:
    look = "import glob\nfound = glob.glob('**/*.ipynb', recursive=True)\nassert not found, found\n"
    notebook = toy.solved(course, {**toy.RIGHT, "half": look + toy.RIGHT["half"]})
    notebook.cells.remove(toy.cell(notebook, "test-half"))
    shutil.rmtree(course.submitted_dir)
    toy.hand_in(course.submitted_dir, "ana", notebook)
    ran = nbgrader(course, "autograde", toy.TOPIC)
    assert ran.returncode == 0, ran.stderr
    assert "test 'test-half' was missing and was put back" in ran.stderr
    assert scores(course, "ana")["test-half"] == (3.0, False)


@pytest.mark.slow
def test_the_command_grades_without_a_sandbox_only_if_told_so(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8") + '\nc.ExamLimits.sandbox = "off"\n'
    config.write_text(text, encoding="utf-8")
    ran = nbgrader(course, "autograde", toy.TOPIC, "--student=ana")
    assert ran.returncode == 0, ran.stderr
    assert autograded(course, "ana")["metadata"]["autograder"]["sandbox"] == "off"


@pytest.mark.slow
def test_the_commands_follow_no_link_and_wait_for_no_pipe(course: Course) -> None:
    odd = course.submitted_dir / "bo" / toy.TOPIC / "toy.ipynb"
    odd.unlink()
    os.mkfifo(odd)
    folder = course.submitted_dir / "ana" / toy.TOPIC
    (folder / "book.txt").symlink_to(course.root / "gradebook.db")
    (folder / "timestamp.txt").unlink()
    for name in ("timestamp.txt", "pipe"):
        os.mkfifo(folder / name)
    (folder / "data.csv").write_text("1")
    (folder / "latest.csv").symlink_to("data.csv")
    shutil.rmtree(course.submitted_dir / "loud")
    shutil.rmtree(course.submitted_dir / "stub")
    done = nbgrader(course, "autograde", toy.TOPIC)
    assert "toy.ipynb is not a file of the submission" in done.stderr
    assert scores(course, "ana")["test-half"] == (3.0, False)
    taken = course.autograded_dir / "ana" / toy.TOPIC
    assert {path.name for path in taken.iterdir()} == {"toy.ipynb", "data.csv", "latest.csv"}
    assert not (course.autograded_dir / "bo").exists()


def test_nbgraders_search_for_files_takes_one_look_at_each_folder(tmp_path: Path) -> None:
    for name in ("a.py", "b.pyc", "n.ipynb", "deep/c.txt", "__pycache__/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    exclude = ["*.pyc", "__pycache__", "*.ipynb"]
    found = plain_files.find_all_files(str(tmp_path), exclude)
    assert sorted(found) == sorted(find_all_files(str(tmp_path), exclude))
    assert [Path(name).name for name in found] == ["a.py", "c.txt"]


def test_nbgraders_own_classes_stay_as_they_are() -> None:
    for kind, names in (
        (Autograde, ("__init__", "init_notebooks", "init_assignment")),
        (CourseDirectory, ("get_existing_timestamp",)),
    ):
        assert all(getattr(kind, name).__module__.startswith("nbgrader.") for name in names)


def test_a_plain_course_folder_has_the_settings_of_the_other(course: Course) -> None:
    given = course.coursedir
    plain = plain_files.PlainCourseDirectory.of(given)
    assert {name: getattr(plain, name) for name in given.traits(config=True)} == {
        name: getattr(given, name) for name in given.traits(config=True)
    }
