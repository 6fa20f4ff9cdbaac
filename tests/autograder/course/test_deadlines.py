"""Late penalties, extensions and late days follow all that they depend on, without another exam."""

import csv
import json
import os
import re
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.console import Console
from typer.testing import CliRunner

from autograder import terminal
from autograder.cli import app
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports.reading import read
from autograder.exports.records import hand_in_times
from autograder.feedback.pages import make_page
from autograder.gradebook.derived import refresh
from autograder.gradebook.records import TopicRun, complete, summary
from autograder.grading.grade import grade
from autograder.remarks import texts
from autograder.report import report
from autograder.topics.release import release
from tests.support import toy_course as toy

DUE = "2027-03-01 12:00 UTC"
ZERO = "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
DAILY = "c.AssignLatePenalties.plugin_class = 'late.Daily'\n"
PLUGIN = """from nbgrader.plugins import BasePlugin


class Daily(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        import math

        return 0.1 * score * math.ceil(total_seconds_late / 86400)
"""


def configure(course: Course, *lines: str) -> Course:
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return Course.find(root=course.root)


def hand_in(course: Course, student: str, when: str | bytes, topic: str = toy.TOPIC) -> None:
    path = toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT, topic), topic)
    data = when if isinstance(when, bytes) else when.encode()
    path.with_name("timestamp.txt").write_bytes(data)


def set_due(course: Course, date: str | None = DUE, topic: str = toy.TOPIC) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(topic, duedate=date)


def person(course: Course, student: str, score: float) -> None:
    with course.gradebook() as gradebook:
        found = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, student)
        found.manual_score, found.needs_manual_grade = score, False
        gradebook.db.commit()


def penalty(course: Course, student: str, topic: str = toy.TOPIC) -> float | None:
    with course.gradebook() as gradebook:
        return gradebook.find_submission_notebook(topic, topic, student).late_submission_penalty


def exported(course: Course, student: str) -> tuple[float | None, str]:
    with course.gradebook() as gradebook:
        result = read(gradebook, course, [toy.TOPIC]).topics[0].results[student]
        return result.score, result.status


def command(course: Course, *line: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, [*line, "--course", str(course.root)])
    assert done.exit_code == status, (done.output, done.exception)
    return " ".join(done.output.split())


def again(course: Course) -> tuple[TopicRun, list[str]]:
    """Grade, and return the run and whose exam was held."""
    engine = toy.CannedEngine("1")
    return toy.canned(course, engine=engine), engine.examined


@pytest.fixture
def late(course: Course) -> Course:
    """Return a graded course where ana was two days late, for which nothing counts."""
    course = configure(course, ZERO)
    set_due(course)
    hand_in(course, "ana", "2027-03-03 11:00:00.000000 UTC")
    hand_in(course, "bo", "2027-03-01 11:00:00.000000 UTC")
    again(course)
    return course


def test_points_of_a_person_do_not_escape_the_penalty(late: Course) -> None:
    person(late, "ana", 2.0)
    run, examined = again(late)
    assert examined == []
    assert (penalty(late, "ana"), penalty(late, "bo")) == (8.0, None)
    ana = run.submissions["ana"]
    assert (ana.penalty, ana.unchanged) == (8.0, False)
    assert texts(ana.remarks) == ["it was slow", "handed in late: nbgrader takes off 8 points"]
    assert summary([run])[toy.TOPIC]["submissions"]["ana"]["late_penalty"] == 8.0
    assert again(late)[0].submissions["ana"].unchanged
    console = Console(width=120, record=True)
    terminal.scores(console, run)
    shown = console.export_text()
    assert re.search(r"^ana .* 6 +-8$", shown, re.MULTILINE)
    assert re.search(r"^bo .* 6 +0$", shown, re.MULTILINE)
    assert "late is the late penalty, subtracted from" in shown


@pytest.mark.parametrize("reader", ["export", "report", "feedback"])
def test_whoever_reads_grades_reads_the_penalty_of_now(late: Course, reader: str) -> None:
    person(late, "ana", 2.0)
    if reader == "export":
        assert exported(late, "ana") == (0.0, "graded")
    elif reader == "report":
        _, found = report(late, [toy.TOPIC])
        assert found[toy.TOPIC]["late"]["ana"]["penalty"] == 8.0
    else:
        assert "Feedback pages" in command(late, "feedback", toy.TOPIC)
        page = (late.feedback_dir / "ana" / toy.TOPIC / f"{toy.TOPIC}.html").read_text("utf-8")
        assert "takes off 8 points" in page
        assert ">0 <small>of 8 points" in page
    assert penalty(late, "ana") == 8.0


@pytest.mark.parametrize("first", ["person", "due"])
def test_the_order_of_steps_does_not_decide(late: Course, first: str) -> None:
    steps = {"person": lambda: person(late, "ana", 2.0), "due": lambda: set_due(late, "2027-04-01")}
    steps.pop(first)()
    again(late)
    next(iter(steps.values()))()
    again(late)
    assert penalty(late, "ana") is None


@pytest.mark.slow
def test_a_due_date_that_moves_or_goes(late: Course) -> None:
    for date, expected in (("2027-03-04", None), (DUE, 6.0), (None, None)):
        set_due(late, date)
        with late.gradebook() as gradebook:
            refresh(late, gradebook)
        assert penalty(late, "ana") == expected
        assert again(late)[1] == []


def test_a_penalty_that_somebody_else_wrote_stays(late: Course) -> None:
    with late.gradebook() as gradebook:
        gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, "bo").late_submission_penalty = 1.5
        gradebook.db.commit()
    assert exported(late, "bo") == (4.5, "to grade by hand: explain")
    assert penalty(late, "bo") == 1.5


def test_a_plugin_beside_the_configuration(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    (course.root / "late.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.chdir("/")
    course = configure(course, DAILY)
    set_due(course)
    hand_in(course, "ana", "2027-03-03 11:00 UTC")
    own = course.submitted_dir / "ana" / toy.TOPIC / "late.py"
    own.write_text("raise SystemExit('a student imports nothing here')", encoding="utf-8")
    run, _ = again(course)
    assert run.submissions["ana"].penalty == pytest.approx(1.2)
    (course.root / "late.py").write_text(PLUGIN.replace("0.1", "0.25"), encoding="utf-8")
    sys.modules.pop("late")
    course = Course.find(root=course.root)
    run, examined = again(course)
    assert (run.submissions["ana"].penalty, examined) == (pytest.approx(3.0), [])
    assert str(course.root) not in sys.path


@pytest.mark.slow
def test_two_courses_with_plugins_of_one_name(course: Course, tmp_path: Path) -> None:
    other = toy.make(tmp_path / "other")
    for each, rate in ((course, "0.1"), (other, "0.5"), (course, "0.1")):
        (each.root / "late.py").write_text(PLUGIN.replace("0.1", rate), encoding="utf-8")
        made = configure(each, DAILY)
        set_due(made)
        hand_in(made, "ana", "2027-03-02 11:00 UTC")
        again(made)
        assert penalty(made, "ana") == pytest.approx(6 * float(rate))


def test_a_plugin_that_cannot_be_loaded_grades_nobody(course: Course) -> None:
    course = configure(course, DAILY)
    hand_in(course, "ana", "2027-03-03 11:00 UTC")
    with pytest.raises(AutograderError, match=r"Put its module next to nbgrader_config.py"):
        again(course)
    with course.gradebook() as gradebook:
        assert gradebook.students == []


@pytest.mark.parametrize(
    ("body", "said"),
    {
        "return 1 / 0": "late.Daily raised ZeroDivisionError",
        "return 'much'": "returned 'much', which is not a number",
        "return float('nan')": "returned nan",
    }.items(),
)
def test_a_plugin_that_fails_costs_no_points_and_is_named(
    course: Course, body: str, said: str
) -> None:
    text = re.sub(r"return .*", body, PLUGIN)
    (course.root / "late.py").write_text(text, encoding="utf-8")
    course = configure(course, DAILY)
    set_due(course)
    hand_in(course, "ana", "2027-03-03 11:00 UTC")
    run, _ = again(course)
    assert run.submissions["ana"].score == 6.0
    assert said in run.submissions["ana"].remarks[-1].text
    assert not complete([run])
    person(course, "ana", 2.0)
    assert said in exported(course, "ana")[1]
    with course.gradebook() as gradebook:
        sys.modules.pop("late")
        (course.root / "late.py").write_text(PLUGIN, encoding="utf-8")
        assert refresh(course, gradebook) == {}
    assert exported(course, "ana") == (pytest.approx(6.4), "graded")


def test_a_penalty_is_within_the_score(course: Course) -> None:
    for rate, expected in (("9", 6.0), ("-1", 0.0)):
        (course.root / "late.py").write_text(PLUGIN.replace("0.1", rate), encoding="utf-8")
        sys.modules.pop("late", None)
        made = configure(course, DAILY)
        set_due(made)
        hand_in(made, "ana", "2027-03-03 11:00 UTC")
        again(made)
        assert penalty(made, "ana") == expected


@pytest.mark.slow
def test_an_extension_before_and_after_handing_in(late: Course) -> None:
    said = command(late, "extension", "ana", "toy", "2027-03-05 12:00", "--reason", "ill")
    assert "ana, toy: until 2027-03-05 12:00 UTC" in said
    assert penalty(late, "ana") is None
    command(late, "extension", "cy", "toy", "2027-03-05")
    with late.gradebook() as gradebook:
        assert [each.id for each in gradebook.students] == ["ana", "bo"]
    hand_in(late, "cy", "2027-03-05 20:00 UTC")
    run, examined = again(late)
    assert (run.submissions["cy"].penalty, examined) == (0.0, ["cy"])
    assert "ana, toy: until 2027-03-05 12:00 UTC (ill)" in command(late, "extension")
    page = make_page(late, toy.TOPIC, "ana").read_text("utf-8")
    assert "you had an extension, until 2027-03-05 12:00 UTC" in page
    assert "ill" not in re.sub(r"[a-z]ill|ill[a-z]", "", page.partition("<body>")[2])
    path, found = report(late, [toy.TOPIC])
    assert found[toy.TOPIC]["late"]["ana"]["extension"] is True
    assert "2027-03-05 12:00 UTC (extension)" in path.read_text("utf-8")
    command(late, "extension", "ana", "toy", "--remove")
    assert penalty(late, "ana") == 6.0
    assert again(late)[1] == []


def test_an_extension_without_a_due_date_is_kept_for_one(late: Course) -> None:
    set_due(late, None)
    said = command(late, "extension", "ana", "toy", "2027-03-05 12:00")
    assert "has no due date" in said
    assert again(late)[0].submissions["ana"].penalty == 0.0
    set_due(late)
    assert again(late)[0].submissions["ana"].penalty == 0.0


def test_nbgraders_own_extension_counts(late: Course) -> None:
    with late.gradebook() as gradebook:
        gradebook.grant_extension(toy.TOPIC, "ana", days=3)
    assert again(late)[0].submissions["ana"].penalty == 0.0
    set_due(late, None)  # where nbgrader's own property raises TypeError
    assert again(late)[0].submissions["ana"].penalty == 0.0


@pytest.mark.parametrize(
    ("line", "said"),
    {
        ("bo", "toy", "02.03.2027"): "3 February 2027 or 2 March 2027",
        ("bo", "toy", "2027-02-01"): "is before the due date",
        ("bo", "toy"): "Until when?",
        ("bo", "toy", "--remove"): "has no extension",
        ("bo",): "Name a student, a topic and a date",
        ("bo", "toi", "2027-03-05"): "toy",
    }.items(),
)
def test_an_extension_that_cannot_be(late: Course, line: tuple[str, ...], said: str) -> None:
    assert said in command(late, "extension", *line, status=2)
    assert not (late.root / "extensions.csv").exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_file_as_a_spreadsheet_saves_it(late: Course, encoding: str) -> None:
    text = "student_id;topic;until\r\nana;toy;2027-03-05 12:00\r\n;;\r\n"
    (late.root / "extensions.csv").write_bytes(text.encode(encoding))
    assert again(late)[0].submissions["ana"].penalty == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    {
        "student,topic\nana,toy\n": "no column student_id or until",
        "student_id,topic,until\nana,toy,02.03.2027\n": "line 2: '02.03.2027' can be read as",
        "student_id,topic,until\nana,toy,\n": "line 2: student_id, topic and until",
        "student_id,topic,until\nana,toy,2027-03-05\nana,toy,2027-03-06\n": "lines 2 and 3",
    }.items(),
)
def test_a_file_that_cannot_be_read_in_one_way(late: Course, text: str, said: str) -> None:
    (late.root / "extensions.csv").write_text(text, encoding="utf-8")
    assert said in command(late, "grade", "toy", status=2)
    assert said in command(late, "report", "toy", status=2)


def test_late_days_are_used_in_the_order_of_due_dates(course: Course) -> None:
    other = course.solutions / "a-second"
    other.mkdir()
    (other / "a-second.py").write_text(toy.TEXT, encoding="utf-8")
    course = configure(course, ZERO, "c.CourseCalendar.late_days = 3\n")
    release(course, ["a-second"])
    set_due(course)
    set_due(course, "2027-03-08 12:00 UTC", "a-second")
    hand_in(course, "ana", "2027-03-03 11:00 UTC")  # two days
    hand_in(course, "ana", "2027-03-10 11:00 UTC", "a-second")  # two more, and one is left
    grade(course, ["a-second", toy.TOPIC], engine=toy.CannedEngine("1"), jobs=1)
    assert (penalty(course, "ana"), penalty(course, "ana", "a-second")) == (None, 6.0)
    page = make_page(course, toy.TOPIC, "ana").read_text("utf-8")
    assert "2 late days were used, 1 of 3 are left" in page
    command(course, "extension", "ana", "toy", "2027-03-04")
    assert penalty(course, "ana", "a-second") is None
    page = make_page(course, "a-second", "ana").read_text("utf-8")
    assert "2 late days were used, 1 of 3 are left" in page
    _, found = report(course, ["a-second"])
    assert found["a-second"]["late"]["ana"]["late_days"] == 2


def test_due_dates_in_the_courses_own_time_zone(late: Course) -> None:
    course = configure(late, "c.CourseCalendar.timezone = 'Europe/Berlin'\n")
    assert "due 2027-03-02 00:30 Europe/Berlin" in command(course, "due", "toy", "2027-03-02 00:30")
    with course.gradebook() as gradebook:
        assert str(gradebook.find_assignment(toy.TOPIC).duedate) == "2027-03-01 23:30:00"
    command(course, "due", "toy", "2027-07-01")
    with course.gradebook() as gradebook:
        assert str(gradebook.find_assignment(toy.TOPIC).duedate) == "2027-07-01 21:59:59"
    assert "3 February 2027 or 2 March 2027" in command(
        course, "due", "toy", "02/03/2027", status=2
    )
    assert "due 2027-07-01 23:59 Europe/Berlin" in command(course, "due", "toy")
    assert "no due date" in command(course, "due", "toy", "--remove")


def test_a_time_zone_that_is_none(late: Course) -> None:
    course = configure(late, "c.CourseCalendar.timezone = 'Mars/Olympus'\n")
    assert "no time zone 'Mars/Olympus'" in command(course, "grade", "toy", status=2)


@pytest.mark.parametrize(
    "data",
    [
        "2027-03-03 11:00:00.000000 UTC\n".encode("utf-16"),
        "2027-03-03 11:00:00 UTC".encode("utf-8-sig"),
        b"2027-03-03 11:00:00",
        b"2027-03-03T12:00:00+01:00",
        b"2027-03-03 12:00:00 Europe/Berlin",
    ],
)
def test_a_time_stamp_in_any_form(late: Course, data: bytes) -> None:
    hand_in(late, "ana", data)
    assert again(late)[0].submissions["ana"].penalty == 6.0


@pytest.mark.parametrize(
    ("data", "said"),
    {
        b"02.03.2027 10:00": "'02.03.2027 10:00' can be read as 3 February 2027 or 2 March 2027",
        b"\xff\xfe\x00": "is not a date",
        b"": "is empty",
        b"2027-03-02 10:00 MEZ": "is not a date",
    }.items(),
)
def test_a_time_stamp_that_says_no_time(late: Course, data: bytes, said: str) -> None:
    """The time of the earlier submission, which was late, is forgotten."""
    hand_in(late, "ana", data)
    outcome = again(late)[0].submissions["ana"]
    assert any(said in text and "lateness is not known" in text for text in texts(outcome.remarks))
    assert (outcome.penalty, outcome.score) == (0.0, 6.0)
    assert exported(late, "ana")[0] == 6.0


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "large"])
def test_a_time_stamp_that_is_no_file_of_the_submission(late: Course, kind: str) -> None:
    """It is never opened in its place, and the time of the earlier submission is forgotten."""
    path = late.submitted_dir / "ana" / toy.TOPIC / "timestamp.txt"
    path.unlink()
    if kind == "link":  # bo was in time
        path.symlink_to(late.submitted_dir / "bo" / toy.TOPIC / "timestamp.txt")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("2027-03-03 11:00:00 UTC".ljust(10_000))
    outcome = again(late)[0].submissions["ana"]
    assert any("so lateness is not known" in text for text in texts(outcome.remarks))
    assert (outcome.penalty, outcome.score) == (0.0, 6.0)
    assert hand_in_times(late, toy.TOPIC)["ana"] is None
    with late.gradebook() as gradebook:
        assert gradebook.find_submission(toy.TOPIC, "ana").timestamp is None


@pytest.mark.slow
def test_a_student_who_is_gone_and_a_file_that_names_nobody(late: Course) -> None:
    said = command(late, "extension", "amna", "toy", "2027-03-05")
    assert "amna is not in the gradebook yet" in said
    with Gradebook(late.db_url) as gradebook:
        gradebook.remove_student("ana")
    assert set(again(late)[0].submissions) == {"bo"}
    assert penalty(late, "bo") is None


def test_the_file_is_written_for_a_spreadsheet(late: Course) -> None:
    command(late, "extension", "ana", "toy", "2027-03-05 12:00", "--reason", 'ill, "flu"')
    command(late, "extension", "ana", "toy", "2027-03-06 12:00", "--json", str(late.root / "j"))
    with (late.root / "extensions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["student_id", "topic", "until", "reason"],
        ["ana", "toy", "2027-03-06 12:00:00+00:00", ""],
    ]
    assert json.loads((late.root / "j").read_text("utf-8")) == [
        {"student": "ana", "topic": "toy", "until": "2027-03-06T12:00:00Z"}
    ]
