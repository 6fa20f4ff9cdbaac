"""Nothing is graded twice or lost: unchanged work is skipped, and a killed run goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.limits import Limits
from autograder.exam.sandbox import Availability
from autograder.gradebook.records import Submission
from autograder.grading import exam_engine
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.grade import grade
from autograder.remarks import texts
from autograder.topics.release import release
from tests.support import PATIENCE_S, wait_for
from tests.support import toy_course as toy

CLASS = ("ana", "bo", "cy")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "course"
    course = toy.make(root)
    for student in CLASS:
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "bad", "{")
    toy.canned(course, engine=toy.CannedEngine("1"))
    return root


def again(course: Course, version: str = "1", **options: object) -> dict[str, Submission]:
    """Grade, and return what was graded again, the malformed one included."""
    run = toy.canned(course, engine=toy.CannedEngine(version), **options)
    assert set(run.submissions) == {*CLASS, "bad"}
    return {name: found for name, found in run.submissions.items() if not found.unchanged}


def test_unchanged_work_is_not_graded_again(course: Course) -> None:
    engine = toy.CannedEngine("1")
    run = toy.canned(course, engine=engine)
    assert engine.examined == []
    assert all(found.unchanged for found in run.submissions.values())
    ana = run.submissions["ana"]
    assert (ana.score, ana.cpu_s, texts(ana.remarks)) == (6.0, 0.25, ["it was slow"])
    assert ana.timing["cells"] == 0.5
    assert "is not JSON" in run.submissions["bad"].remarks[0].text


def test_force_grades_all(course: Course) -> None:
    assert set(again(course, force=True)) == {*CLASS, "bad"}


def test_an_engine_without_a_version_grades_all(course: Course) -> None:
    engine = toy.CannedEngine()
    toy.canned(course, engine=engine)
    assert sorted(engine.examined) == list(CLASS)


def test_what_makes_all_grades_stale(course: Course) -> None:
    assert set(again(course, version="2")) == {*CLASS, "bad"}
    config = course.root / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8") + "c.LateSubmissionPlugin.penalty_method = 'zero'\n"
    config.write_text(text, encoding="utf-8")
    assert set(again(Course.find(root=course.root), version="2")) == {*CLASS, "bad"}
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2030-01-01 00:00:00 UTC")
    assert set(again(Course.find(root=course.root), version="2")) == {*CLASS, "bad"}


def test_only_what_changed_is_graded(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.PARTIAL))
    (course.submitted_dir / "bo" / toy.TOPIC / "helper.py").write_text("x = 1", encoding="utf-8")
    assert set(again(course)) == {"ana", "bo"}
    (course.submitted_dir / "bo" / toy.TOPIC / "helper.py").write_text("x = 2", encoding="utf-8")
    assert set(again(course)) == {"bo"}


def test_a_grade_that_is_gone_or_other_is_given_again(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.remove_submission(toy.TOPIC, "ana")
        gradebook.find_grade("test-half", toy.TOPIC, toy.TOPIC, "bo").auto_score = 1.0
        gradebook.db.commit()
    shutil.rmtree(course.autograded_dir / "cy")
    assert set(again(course)) == {"ana", "bo", "cy"}
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(toy.TOPIC, "bo").score == 6.0


def test_a_corrected_test_is_graded_again_and_a_person_keeps_the_last_word(course: Course) -> None:
    with course.gradebook() as gradebook:
        record = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana")
        record.manual_score, record.needs_manual_grade = 1.5, False
        gradebook.find_comment("explain", toy.TOPIC, toy.TOPIC, "ana").manual_comment = "Good"
        gradebook.db.commit()
    assert again(course) == {}
    path = course.topic_path(toy.TOPIC)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("double(-5), -10", "double(-6), -12"), encoding="utf-8")
    release(course, [toy.TOPIC])
    found = again(course)
    assert set(found) == {*CLASS, "bad"}
    assert found["ana"].manual["explain"].score == 1.5
    with course.gradebook() as gradebook:
        comment = gradebook.find_comment("explain", toy.TOPIC, toy.TOPIC, "ana")
        assert comment.manual_comment == "Good"
    assert again(course) == {}


def test_only_the_corrected_topic_is_graded_again(course: Course, tmp_path: Path) -> None:
    other = course.solutions / "other"
    shutil.copytree(course.solutions / toy.TOPIC, other)
    (other / f"{toy.TOPIC}.py").rename(other / "other.py")
    release(course, ["other"])
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, {}, "other"), topic="other")
    topics = [toy.TOPIC, "other"]
    grade(course, topics, engine=toy.CannedEngine("1"), jobs=1)
    text = (other / "other.py").read_text(encoding="utf-8")
    (other / "other.py").write_text(text.replace("half(4), 2", "half(6), 3"), encoding="utf-8")
    release(course, ["other"])
    first, second = grade(course, topics, engine=toy.CannedEngine("1"), jobs=1)
    assert all(found.unchanged for found in first.submissions.values())
    assert not second.submissions["ana"].unchanged


def test_the_version_knows_limits_and_sandbox() -> None:
    versions = {
        ExamEngine().version,
        ExamEngine(Limits(cell_s=1)).version,
        ExamEngine(sandbox="off").version,
    }
    assert len(versions) == 3
    assert ExamEngine().version == ExamEngine().version


def test_grading_refuses_where_there_is_no_sandbox(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Availability(False, "namespaces are switched off", "sysctl -w a=1")
    monkeypatch.setattr(exam_engine, "_available", lambda: found)
    with pytest.raises(AutograderError, match=r"switched off. To fix it: sysctl -w a=1"):
        grade(course, [toy.TOPIC], jobs=1)


def start(course: Course, *more: str) -> subprocess.Popen:
    line = [sys.executable, "-m", "autograder", "grade", toy.TOPIC, "--course", str(course.root)]
    line += ["--jobs", "1", *more]
    return subprocess.Popen(line, stdout=-1, stderr=-1, text=True, start_new_session=True)


def autograded(course: Course) -> set[str]:
    return {path.parts[-3] for path in course.autograded_dir.glob("*/toy/toy.ipynb")}


def proctors(course: Course, process: subprocess.Popen) -> set[int]:
    """Return the processes that a run started, in sessions of their own."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return {int(pid) for pid in path.read_text().split()}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_run_goes_on(course: Course, tmp_path: Path, number: signal.Signals) -> None:
    shutil.rmtree(course.autograded_dir)
    wait = "import os, time\nif not os.path.exists('goes-on'): time.sleep(600)\n"
    slow = {**toy.RIGHT, "half": wait + toy.RIGHT["half"]}
    waiting = [
        toy.hand_in(course.submitted_dir, student, toy.solved(course, slow))
        for student in CLASS[1:]
    ]
    process = start(course)
    wait_for(lambda: "ana" in autograded(course) or process.poll() is not None, "nobody is graded")
    children = proctors(course, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in out + err
    if number == signal.SIGINT:
        assert "of 4 submissions are graded" in err
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    done = autograded(course)
    assert "cy" not in done
    wait_for(
        lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "a proctor is left"
    )
    for notebook in waiting:
        notebook.with_name("goes-on").touch()
    process = start(course, "--json", str(tmp_path / "out.json"))
    shown = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, shown
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["toy"]["submissions"]
    assert {name for name, each in found.items() if each["unchanged"]} == done
    assert {each["score"] for name, each in found.items() if name != "bad"} == {6.0}


@pytest.mark.slow
def test_a_proctor_that_dies_is_started_again(course: Course) -> None:
    shutil.rmtree(course.autograded_dir)
    engine = ExamEngine()
    killed = []

    def watch(topic: str, outcome: Submission) -> None:
        if not killed and outcome.cpu_s:
            killed.append(engine.exam_pool()._proctor._process.pid)
            os.kill(killed[0], signal.SIGKILL)

    (run,) = grade(course, [toy.TOPIC], engine=engine, jobs=1, watch=watch)
    assert killed
    assert [run.submissions[name].score for name in CLASS] == [6.0, 6.0, 6.0]
