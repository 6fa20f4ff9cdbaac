"""A class graded with PostgreSQL as the gradebook has the grades that it has with SQLite."""

import csv
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from nbgrader.api import SubmittedAssignment
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from autograder.course import Course
from autograder.doctor import checks
from autograder.errors import AutograderError
from autograder.gradebook.records import Submission, summary
from autograder.grading.grade import grade
from tests.support import PATIENCE_S, require, wait_for
from tests.support import toy_course as toy

pytestmark = pytest.mark.slow

# Debian keeps the server's programs out of PATH.
FOLDERS = [os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
INITDB = shutil.which("initdb", path=os.pathsep.join(FOLDERS))

HOUSE = (Path(__file__).parents[3] / "nbgrader_config.py").read_text(encoding="utf-8")
LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
CLASS = {
    "ana": toy.RIGHT,
    "bo": toy.WRONG_SIGN,
    "late": toy.RIGHT,
    "stub": {},
    "Ольга": toy.PARTIAL,
}
SCORES = {"ana": 6.0, "bo": 4.0, "late": 6.0, "stub": 0.0, "Ольга": 4.0}
PENALTY = 6.0  # of those who are late


def account() -> dict[str, object]:
    """Return whom a server is run by: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server in a folder of its own, reached by a socket there; yield that folder."""
    # pytest's own folders are closed to the server's account, and too long for a socket's name.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as home:
        who = account()
        if who:
            os.chown(home, who["user"], who["group"])
        data, log = Path(home, "data"), Path(home, "log")
        programs = Path(INITDB).resolve().parent
        make = [programs / "initdb", "-D", data, "-U", "grader", "-A", "trust", "--no-sync"]
        make += ["--encoding=UTF8", "--locale=C"]
        made = subprocess.run(make, cwd=home, capture_output=True, text=True, **who)
        assert made.returncode == 0, made.stdout + made.stderr
        line = [programs / "postgres", "-D", data, "-k", home, "-c", "listen_addresses="]
        # Who waits for a lock that long waits for ever, and a test should say so.
        line += ["-c", "fsync=off", "-c", "lock_timeout=60s"]
        with log.open("wb") as out:
            server = subprocess.Popen(line, cwd=home, stdout=out, stderr=out, **who)
        try:
            await_answer(home, server, log)
            yield home
        finally:
            server.send_signal(signal.SIGINT)  # end sessions, then end
            try:
                server.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def await_answer(home: str, server: subprocess.Popen, log: Path) -> None:
    wait_for(lambda: server.poll() is not None or answers(home), "PostgreSQL does not answer")
    if server.poll() is not None:
        raise RuntimeError(f"PostgreSQL has ended:\n{log.read_text(errors='replace')[-2000:]}")


def answers(home: str) -> bool:
    with suppress(OperationalError):
        sql(home, "SELECT 1")
        return True
    return False


def sql(home: str, statement: str) -> None:
    """Send a statement that must stand outside of a transaction."""
    engine = create_engine(address(home, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def address(home: str, name: str, driver: str = "") -> str:
    return f"postgresql{driver}://grader@/{name}?host={home}"


@pytest.fixture(scope="module")
def new_database() -> Iterator[Callable[..., str]]:
    """Return what makes a database and returns its address, as nbgrader_config.py takes it."""
    require(INITDB is not None, "PostgreSQL is not installed (Debian: apt-get install postgresql)")
    drivers = all(map(importlib.util.find_spec, ("psycopg", "psycopg2")))
    require(drivers, "pip install 'psycopg[binary]' psycopg2-binary")
    with postgresql() as home:

        def make(name: str, driver: str = "") -> str:
            sql(home, f"CREATE DATABASE {name}")
            return address(home, name, driver)

        yield make


def make_class(root: Path, url: str | None = None, students: Iterable[str] = CLASS) -> Course:
    """Make a course, its gradebook at an address, in which students have handed in their work."""
    address = f"c.CourseDirectory.db_url = {url!r}\n" if url else ""
    course = toy.make(root, config=HOUSE + LATE + address)
    for student in students:
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, CLASS[student]))
        day = 3 if student == "late" else 1
        path.with_name("timestamp.txt").write_text(f"2024-01-0{day} 10:00:00 UTC", encoding="utf-8")
    with course.gradebook() as gradebook:
        assert gradebook.engine.dialect.name == ("postgresql" if url else "sqlite")
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2024-01-02 00:00:00 UTC")
        gradebook.update_or_create_student("absent")
    return course


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory, new_database: Callable[..., str]
) -> tuple[Course, Course]:
    """Return the same class twice, graded: with SQLite, and with PostgreSQL."""
    folder = tmp_path_factory.mktemp("pair")
    courses = make_class(folder / "lite"), make_class(folder / "postgresql", new_database("pair"))
    for course in courses:
        toy.hand_in(course.submitted_dir, "broken", "{")
        found = graded(course)
        assert not any(entry["unchanged"] for entry in found.values())
    return courses


def command(course: Course, *arguments: str, module: str = "autograder") -> None:
    """Run a command in the course folder."""
    line = [sys.executable, "-m", module, *arguments]
    ran = subprocess.run(line, cwd=course.root, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def graded(course: Course) -> dict[str, dict]:
    """Grade by the command; return the outcomes by student."""
    command(course, "grade", toy.TOPIC, "--json", "out.json")
    return outcomes(json.loads((course.root / "out.json").read_text(encoding="utf-8")))


def outcomes(found: dict) -> dict[str, dict]:
    """Return the submissions of a summary without seconds and memory, which no two runs share."""
    entries = found[toy.TOPIC]["submissions"]
    for entry in entries.values():
        del entry["cpu_s"], entry["timing"], entry["peak_mb"]
    return entries


def records(course: Course) -> dict[str, dict]:
    """Return what the gradebook holds of the class, with nbgrader's own sums."""
    with course.gradebook() as gradebook:
        handed_in = gradebook.assignment_submissions(toy.TOPIC)
        return {submission.student.id: record(submission) for submission in handed_in}


def record(submission: SubmittedAssignment) -> dict[str, object]:
    (notebook,) = submission.notebooks
    return {
        "score": submission.score,
        "max": submission.max_score,
        "to do": submission.needs_manual_grade,
        "time": (submission.timestamp, submission.total_seconds_late),
        "penalty": notebook.late_submission_penalty,
        "cells": {
            each.name: (each.auto_score, each.manual_score, each.needs_manual_grade)
            for each in notebook.grades
        },
        "comments": {c.name: (c.auto_comment, c.manual_comment) for c in notebook.comments},
    }


def test_the_class_has_the_same_records(pair: tuple[Course, Course]) -> None:
    lite, other = map(records, pair)
    assert other == lite
    assert {student: entry["score"] for student, entry in other.items()} == SCORES | {"broken": 0}
    assert (other["late"]["penalty"], other["ana"]["penalty"]) == (PENALTY, None)
    assert other["ana"]["cells"]["explain"] == (None, None, True)


def test_unchanged_work_is_not_graded_again(pair: tuple[Course, Course]) -> None:
    before = records(pair[1])
    found = graded(pair[1])
    assert set(found) == {*CLASS, "broken"}
    assert all(entry["unchanged"] for entry in found.values())
    assert records(pair[1]) == before


def test_a_person_keeps_the_last_word_and_grades_during_a_run(pair: tuple[Course, Course]) -> None:
    found = [regrade(course) for course in pair]
    assert found[1] == found[0]
    lite, other = map(records, pair)
    assert other == lite
    assert [other["ana"]["cells"][name][:2] for name in ("explain", "test-half")] == [
        (None, 1.5),
        (3.0, 1.0),
    ]
    assert other["ana"]["comments"]["explain"] == (None, "Good.")
    assert other["bo"]["cells"]["explain"] == (None, 2.0, False)
    assert (other["ana"]["score"], other["bo"]["score"]) == (5.5, 8.0)


def regrade(course: Course) -> dict[str, dict]:
    """Grade again after a change of bo's, while a person has the gradebook open."""
    toy.hand_in(course.submitted_dir, "bo", toy.solved(course, toy.RIGHT))
    with course.gradebook() as person:

        def mark(student: str, name: str, score: float) -> None:
            record = person.find_grade(name, toy.TOPIC, toy.TOPIC, student)
            record.manual_score, record.needs_manual_grade = score, False
            person.db.commit()

        def watch(topic: str, outcome: Submission) -> None:
            if outcome.student == "bo":
                mark("bo", "explain", 2.0)

        mark("ana", "explain", 1.5)
        mark("ana", "test-half", 1.0)
        comment = person.find_comment("explain", toy.TOPIC, toy.TOPIC, "ana")
        comment.manual_comment = "Good."
        person.db.commit()
        # A look at the scores, after which nbgrader leaves the transaction open.
        assert person.find_submission(toy.TOPIC, "bo").score == SCORES["bo"]
        runs = grade(course, [toy.TOPIC], force=True, watch=watch)
    return outcomes(summary(runs))


def test_feedback_pages_are_the_same(pair: tuple[Course, Course]) -> None:
    for course in pair:
        command(course, "feedback", toy.TOPIC)
    for student in CLASS:
        place = Path(student, toy.TOPIC, f"{toy.TOPIC}.html")
        lite, other = ((course.feedback_dir / place).read_text("utf-8") for course in pair)
        assert other == lite
    assert f">{SCORES[student]:g} <small>of 8 points" in other


def test_a_voided_test_comes_back(pair: tuple[Course, Course]) -> None:
    course = pair[1]
    before = records(course)
    command(course, "void", toy.TOPIC, "half", "--drop")
    assert records(course)["ana"]["score"] == before["ana"]["score"] - (
        before["ana"]["cells"]["test-half"][1] or before["ana"]["cells"]["test-half"][0]
    )
    command(course, "void", toy.TOPIC, "half", "--undo")
    assert records(course) == before


def test_nbgraders_own_commands(tmp_path: Path, new_database: Callable[..., str]) -> None:
    students = ("late", "Ольга")
    course = make_class(tmp_path / "course", new_database("own", "+psycopg2"), students)
    command(course, "autograde", toy.TOPIC, module="nbgrader")
    command(course, "export", "--to=grades.csv", module="nbgrader")
    text = (course.root / "grades.csv").read_text(encoding="utf-8")
    exported = {line["student_id"]: line for line in csv.DictReader(text.splitlines())}
    assert set(exported) == {*students, "absent"}
    assert float(exported["late"]["late_submission_penalty"]) == PENALTY
    assert float(exported["late"]["score"]) == 0.0
    found = records(course)
    for student in students:
        assert found[student]["score"] == float(exported[student]["raw_score"]) == SCORES[student]
    notebook = course.autograded_dir / "late" / toy.TOPIC / f"{toy.TOPIC}.ipynb"
    about = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["autograder"]
    assert about["sandbox"] == "required"


def test_a_name_that_the_database_refuses_stops_nobody_else(
    pair: tuple[Course, Course], tmp_path: Path
) -> None:
    course = pair[1]
    before = records(course)
    name = "b" * 200  # SQLite knows no limit, PostgreSQL keeps to nbgrader's
    for student in (name, "zoe"):
        toy.hand_in(tmp_path, student, toy.solved(course, toy.RIGHT))
    run = toy.canned(course, submitted=tmp_path)
    assert {student: found.graded for student, found in run.submissions.items()} == {
        name: False,
        "zoe": True,
    }
    assert "value too long" in run.submissions[name].remarks[-1].text
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(toy.TOPIC, "zoe").score == 6.0
        gradebook.remove_student("zoe")
    assert records(course) == before


def test_what_is_said_of_the_database(tmp_path: Path, new_database: Callable[..., str]) -> None:
    config = tmp_path / "nbgrader_config.py"
    line = f"c = get_config()\nc.CourseDirectory.db_url = {new_database('there')!r}\n"
    config.write_text(line, encoding="utf-8")
    assert checks.gradebook(tmp_path).found == "the database answers"
    config.write_text(line.replace("/there?", "/nowhere?"), encoding="utf-8")
    missing = Course.find(root=tmp_path)
    with pytest.raises(AutograderError, match=r'database "nowhere" does not'), missing.gradebook():
        pass
