"""A test or question can be voided, removed, added and renamed after grading; no grade is lost."""

import csv
import datetime
import json
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder import terminal
from autograder.bounded_process import Exceeded
from autograder.cli import app
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.exports.export import Options, export
from autograder.feedback import exporter
from autograder.feedback.pages import make_page
from autograder.gradebook.records import TopicRun, summary
from autograder.grading.engine import Job
from autograder.remarks import texts
from autograder.report import report
from autograder.topics.release import release
from tests.support import toy_course as toy

NAMES = ("test-double", "test-double-zero", "test-half", "explain")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a graded class: all tests pass, and a person gave points to ana and bo."""
    root = tmp_path_factory.mktemp("template") / "course"
    course = toy.make(root)
    for student in ("ana", "bo"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "bad", "{")
    again(course)
    with course.gradebook() as gradebook:
        for student, name, score in (("ana", "explain", 2.0), ("bo", "test-half", 1.0)):
            found = gradebook.find_grade(name, toy.TOPIC, toy.TOPIC, student)
            found.manual_score, found.needs_manual_grade = score, False
        gradebook.find_grade("test-half", toy.TOPIC, toy.TOPIC, "ana").extra_credit = 0.5
        comment = gradebook.find_comment("half", toy.TOPIC, toy.TOPIC, "bo")
        comment.manual_comment = "Too short."
        gradebook.db.commit()
    return root


class AnyTopic(toy.CannedEngine):
    """An engine in which every test of any topic passes."""

    def examine(self, job: Job) -> ExamResult:
        self.examined.append(job.student)
        return ExamResult(job.notebook)


def again(course: Course) -> tuple[TopicRun, list[str]]:
    engine = AnyTopic("1")
    return toy.canned(course, engine=engine), engine.examined


def command(course: Course, *line: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, [*line, "--course", str(course.root)])
    assert done.exit_code == status, (done.output, done.exception)
    return " ".join(done.output.split())


def book(course: Course) -> dict[str, tuple[float, float]]:
    """Return each student's score and maximum, as nbgrader counts them."""
    with course.gradebook() as gradebook:
        found = gradebook.assignment_submissions(toy.TOPIC)
        return {one.student.id: (one.score, one.max_score) for one in found}


def records(course: Course) -> dict[tuple[str, str], tuple]:
    """Return who gave what, by student and test."""
    with course.gradebook() as gradebook:
        return {
            (one.student.id, grade.name): (grade.auto_score, grade.manual_score, grade.extra_credit)
            for one in gradebook.assignment_submissions(toy.TOPIC)
            for notebook in one.notebooks
            for grade in notebook.grades
        }


def edit(course: Course, *pairs: tuple[str, str]) -> None:
    path = course.topic_path(toy.TOPIC)
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


BEFORE = {"ana": (8.5, 8.0), "bo": (4.0, 8.0), "bad": (0.0, 8.0)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "how", "expected"),
    [
        ("half", "--drop", {"ana": (5.0, 5.0), "bo": (3.0, 5.0), "bad": (0.0, 5.0)}),
        ("half", "--practice", {"ana": (5.0, 5.0), "bo": (3.0, 5.0), "bad": (0.0, 5.0)}),
        ("half", "--full-marks", {"ana": (8.5, 8.0), "bo": (6.0, 8.0), "bad": (3.0, 8.0)}),
        ("half", "--bonus", {"ana": (8.5, 5.0), "bo": (4.0, 5.0), "bad": (0.0, 5.0)}),
        ("explain", "--drop", {"ana": (6.5, 6.0), "bo": (4.0, 6.0), "bad": (0.0, 6.0)}),
        ("explain", "--full-marks", {"ana": (8.5, 8.0), "bo": (6.0, 8.0), "bad": (2.0, 8.0)}),
    ],
)
def test_void_and_undo(
    course: Course, name: str, how: str, expected: dict[str, tuple[float, float]]
) -> None:
    before = records(course)
    assert book(course) == BEFORE
    assert f"toy, {name}: " in command(course, "void", "toy", name, how)
    assert book(course) == expected
    run, examined = again(course)
    assert (examined, run.voided) == ([], {name: how.removeprefix("--")})
    assert book(course) == expected
    release(course, [toy.TOPIC])  # which writes the points of the source
    assert book(course) == expected
    toy.canned(course, engine=AnyTopic(), force=True)
    assert book(course) == expected
    assert "every test and question counts" in command(course, "void", "toy", name, "--undo")
    assert (records(course), book(course)) == (before, BEFORE)


def test_one_decision_takes_the_place_of_another(course: Course) -> None:
    before = records(course)
    for how in ("--drop", "--full-marks", "--bonus", "--practice", "--full-marks"):
        command(course, "void", "toy", "half", "double", how)
    assert book(course)["bo"] == (6.0, 8.0)
    command(course, "void", "toy", "double", "half", "--undo")
    assert records(course) == before


def test_what_a_person_gives_meanwhile_is_kept(course: Course) -> None:
    command(course, "void", "toy", "half", "explain", "--drop")
    with course.gradebook() as gradebook:
        for student, name in (("bo", "explain"), ("ana", "test-half")):
            found = gradebook.find_grade(name, toy.TOPIC, toy.TOPIC, student)
            found.manual_score, found.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    again(course)
    assert book(course) == {"ana": (3.0, 3.0), "bo": (3.0, 3.0), "bad": (0.0, 3.0)}
    command(course, "void", "toy", "half", "explain", "--undo")
    assert book(course)["bo"] == (5.5, 8.0)
    assert book(course)["ana"] == (3 + 1.5 + 0.5 + 2, 8.0)


def test_work_handed_in_after_it(course: Course) -> None:
    command(course, "void", "toy", "half", "--full-marks")
    for student in ("ana", "cy"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, {}))
    again(course)
    assert book(course)["cy"] == (6.0, 8.0)  # the canned engine lets every test pass
    command(course, "void", "toy", "half", "--undo")
    assert book(course)["ana"] == BEFORE["ana"]


def test_points_that_a_release_changes_meanwhile(course: Course) -> None:
    command(course, "void", "toy", "half", "--drop")
    edit(course, ('test="half" points=3', 'test="half" points=4'))
    release(course, [toy.TOPIC])
    assert book(course)["bo"] == (3.0, 5.0)
    again(course)
    command(course, "void", "toy", "half", "--undo")
    assert book(course)["ana"] == (3 + 4 + 0.5 + 2, 9.0)


def test_it_is_shown_wherever_scores_are(course: Course, capsys: pytest.CaptureFixture) -> None:
    command(course, "void", "toy", "half", "--drop")
    command(course, "void", "toy", "double-zero", "--bonus")
    run, _ = again(course)
    terminal.scores(terminal.Console(width=120), run)
    shown = capsys.readouterr().out
    assert "half: dropped: it does not count" in shown
    assert "of 2" in shown
    entry = json.loads(json.dumps(summary([run])))[toy.TOPIC]
    assert entry["voided"] == {"half": "drop", "double-zero": "bonus"}
    assert (entry["max"], entry["submissions"]["ana"]["tests"]["half"]["points"]) == (2.0, 0.0)
    page = make_page(course, toy.TOPIC, "ana").read_text("utf-8")
    assert "test half · 0 of 0 · dropped: it does not count" in page
    assert ">5 <small>of 4 points" in page
    path, found = report(course, [toy.TOPIC])
    assert "half: dropped: it does not count" in path.read_text("utf-8")
    assert found[toy.TOPIC]["voided"] == {"half": "drop", "double-zero": "bonus"}
    assert list(found[toy.TOPIC]["tasks"]) == ["double"]


class Spent:
    """A process that comes to no result."""

    def call(self, *_: object) -> str:
        raise Exceeded("it takes too long")


def test_a_page_of_points_alone_shows_it_too(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a page does not know whether a voided test passes, and does not say so."""
    command(course, "due", "toy", "2027-03-01")
    command(course, "extension", "ana", "toy", "2027-03-05")
    command(course, "void", "toy", "half", "explain", "--drop")
    monkeypatch.setattr(exporter, "shared", Spent)
    page = make_page(course, toy.TOPIC, "ana").read_text("utf-8")
    assert "shows your points only" in page
    assert "<p>test half · 0 of 0 · dropped: it does not count</p>" in page
    assert "This question: dropped: it does not count." in page
    assert "About your time: you had an extension, until 2027-03-05" in page
    assert page.count("✓ passed") == 2


@pytest.mark.slow
@pytest.mark.parametrize("how", ["--drop", "--bonus"])
def test_a_topic_of_which_nothing_counts(course: Course, how: str) -> None:
    command(course, "void", "toy", "double", "double-zero", "half", "explain", how)
    run, _ = again(course)
    assert run.max_score == 0.0
    terminal.scores(terminal.Console(), run)
    report(course, [toy.TOPIC])
    make_page(course, toy.TOPIC, "ana")
    with course.gradebook() as gradebook:
        made = export(course, gradebook, Options("csv"))
    with made.file.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["ana"]["max_score"]) == 0.0
    assert float(rows["ana"]["score"]) == (8.5 if how == "--bonus" else 0.0)


@pytest.mark.parametrize(
    ("line", "said"),
    {
        ("half",): "Say how it is to count",
        ("third", "--drop"): "has no test or question 'third': it has double, double-zero",
        ("--drop",): "Name the test or question",
        ("half", "--drop", "--undo"): "Choose one of",
    }.items(),
)
def test_a_decision_that_cannot_be(course: Course, line: tuple[str, ...], said: str) -> None:
    assert said in command(course, "void", "toy", *line, status=2)
    assert book(course) == BEFORE


def test_a_late_penalty_rests_on_what_counts(course: Course) -> None:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    course = Course.find(root=course.root)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2027-03-01 12:00 UTC")
        gradebook.find_submission(toy.TOPIC, "ana").timestamp = datetime.datetime(2027, 3, 2)
        gradebook.db.commit()
    again(course)
    command(course, "void", "toy", "half", "--drop")
    with course.gradebook() as gradebook:
        found = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, "ana")
        assert (found.score, found.late_submission_penalty) == (5.0, 5.0)


REMOVED = toy.TEXT[toy.TEXT.index('# %% task="half"') : toy.TEXT.index("# %% [markdown] task=")]


def test_release_says_in_one_line_what_to_do(course: Course) -> None:
    edit(course, (REMOVED, ""))
    with pytest.raises(AutograderError) as caught:
        release(course, [toy.TOPIC])
    said = str(caught.value)
    assert "\n" not in said
    assert "--change-cells" in said
    assert "autograder void toy TEST --drop" in said
    assert book(course) == BEFORE


@pytest.mark.slow
def test_a_task_that_goes_and_comes_back(course: Course) -> None:
    edit(course, (REMOVED, ""))
    said: list[str] = []
    release(course, [toy.TOPIC], change_cells=True, say=said.append)
    assert "test-half is removed; its grades, 2 given by hand among them, are kept" in " ".join(
        said
    )
    assert book(course) == {"ana": (5.0, 5.0), "bo": (3.0, 5.0), "bad": (0.0, 5.0)}
    make_page(course, toy.TOPIC, "ana")  # of a notebook that still has the old test
    report(course, [toy.TOPIC])
    run, _ = again(course)  # the students' notebooks too
    assert not any(
        "'half'" in text or "test-half" in text for text in texts(run.submissions["ana"].remarks)
    )
    assert book(course)["ana"] == (5.0, 5.0)
    course.topic_path(toy.TOPIC).write_text(toy.TEXT, encoding="utf-8")
    release(course, [toy.TOPIC], change_cells=True, say=said.append)
    with course.gradebook() as gradebook:
        made = export(course, gradebook, Options("csv")).provisional()[toy.TOPIC]
    assert "not graded since the topic changed: half" in made["ana"]
    again(course)
    assert book(course) == BEFORE
    with course.gradebook() as gradebook:
        comment = gradebook.find_comment("half", toy.TOPIC, toy.TOPIC, "bo")
        assert comment.manual_comment == "Too short."


def test_a_test_that_is_new(course: Course) -> None:
    new = '\n# %% test="half" part="zero" points=1\nchecks.close(half(0), 0, "half(0)")\n'
    edit(course, ("\n# %% [markdown] task=", new + "\n# %% [markdown] task="))
    release(course, [toy.TOPIC], change_cells=True)
    run, _ = again(course)
    assert run.max_score == 7.0
    assert book(course)["ana"] == (9.5, 9.0)
    assert book(course)["bad"] == (0.0, 9.0)


def test_a_test_that_is_renamed_keeps_what_a_person_gave(course: Course) -> None:
    command(course, "void", "toy", "double-zero", "--drop")
    edit(
        course,
        ('test="half" points', 'test="halve" points'),
        ('task="half"', 'task="halve"'),
        ('part="zero"', 'part="nothing"'),
    )
    said: list[str] = []
    release(course, [toy.TOPIC], change_cells=True, say=said.append)
    assert "test-half is now called test-halve and keeps its grades" in said
    assert len(said) == 3
    assert book(course)["ana"] == (7.5, 7.0)
    run, _ = again(course)
    assert run.voided == {"double-nothing": "drop"}
    assert not any(
        "halve" in text or "id" in text for text in texts(run.submissions["ana"].remarks)
    )
    assert book(course) == {"ana": (7.5, 7.0), "bo": (3.0, 7.0), "bad": (0.0, 7.0)}
    with course.gradebook() as gradebook:
        comment = gradebook.find_comment("halve", toy.TOPIC, toy.TOPIC, "bo")
        assert comment.manual_comment == "Too short."


@pytest.mark.slow
def test_a_student_who_comes_back(course: Course) -> None:
    command(course, "void", "toy", "half", "--drop")
    with Gradebook(course.db_url) as gradebook:
        gradebook.remove_student("bo")
        gradebook.add_student("bo")
    again(course)
    assert book(course)["bo"] == (3.0, 5.0)
