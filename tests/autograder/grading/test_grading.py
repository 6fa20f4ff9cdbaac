"""Grading a class gives nbgrader's own scores, in parallel, and never stops for one student."""

import errno
import json
import os
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import MissingEntry
from nbgrader.apps.api import NbGraderAPI

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult, Report
from autograder.gradebook.records import Submission, TopicRun, complete, summary
from autograder.grading.engine import Job
from autograder.grading.grade import grade
from autograder.remarks import Kind, Remark, texts
from autograder.topics.release import release
from tests.support import toy_course as toy


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    root = tmp_path / "my course"
    shutil.copytree(template, root)
    return Course.find(root=root)


def gradebook_scores(course: Course, student: str) -> dict[str, tuple]:
    """Return what the gradebook holds for each graded cell."""
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, student)
        return {
            grade.name: (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
            for grade in notebook.grades
        } | {"penalty": notebook.late_submission_penalty}


def set_manual(course: Course, student: str, cell: str, score: float) -> None:
    """Grade a cell by hand, as the formgrader does."""
    with course.gradebook() as gradebook:
        grade_ = gradebook.find_grade(cell, toy.TOPIC, toy.TOPIC, student)
        grade_.manual_score = score
        grade_.needs_manual_grade = False
        gradebook.db.commit()


CLASS = {
    "ana": toy.RIGHT,
    "Jörg Müller": toy.WRONG_SIGN,
    "partial": toy.PARTIAL,
    "stub": {},
    "slow": {**toy.RIGHT, "half": "import time\ntime.sleep(600)"},
}


def test_one_student_alone_is_graded(course: Course) -> None:
    for student in ("ana", "bo"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    with course.gradebook() as gradebook:
        gradebook.add_student("cy")
    run = toy.canned(course, students={"bo", "cy"})
    assert set(run.submissions) == {"bo"}
    assert run.absent == ["cy"]


def test_who_was_removed_is_not_graded_again(course: Course) -> None:
    for student in ("ana", "bo"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    toy.canned(course)
    with course.gradebook() as gradebook:
        gradebook.remove_student("bo")
    for force in (False, True):
        run = toy.canned(course, force=force)
        assert (set(run.submissions), run.removed) == ({"ana"}, ["bo"])
    with course.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["ana"]
        gradebook.add_student("bo")
    run = toy.canned(course)
    assert (set(run.submissions), run.removed) == ({"ana", "bo"}, [])


def test_a_new_gradebook_grades_everybody(course: Course) -> None:
    """Results of an older gradebook do not make anybody look removed."""
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    (course.root / "gradebook.db").unlink()
    toy.release(course, [toy.TOPIC])
    toy.hand_in(course.submitted_dir, "bo", toy.solved(course, toy.RIGHT))
    assert set(toy.canned(course).submissions) == {"ana", "bo"}


@pytest.mark.slow
def test_scores_are_those_of_plain_nbgrader(course: Course, tmp_path: Path) -> None:
    config = (course.root / "nbgrader_config.py").read_text(encoding="utf-8")
    (course.root / "nbgrader_config.py").write_text(
        config
        # nbgrader's limit is one of the clock: only the cell that never ends may meet it.
        + "c.Execute.timeout_func = lambda cell: 4 if 'sleep' in cell.source else 600\n"
        + "c.ExamLimits.cell_seconds = 4\nc.LateSubmissionPlugin.penalty_method = 'zero'\n",
        encoding="utf-8",
    )
    for student, answers in CLASS.items():
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))
        path.with_name("timestamp.txt").write_text("2024-01-03 00:00:00 UTC", encoding="utf-8")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2024-01-01 00:00:00 UTC")
    other_root = tmp_path / "plain"
    shutil.copytree(course.root, other_root)
    course, plain = Course.find(root=course.root), Course.find(root=other_root)

    (run,) = grade(course, [toy.TOPIC], jobs=2)
    api = NbGraderAPI(coursedir=plain.coursedir, config=plain.config)
    for student in CLASS:
        assert api.autograde(toy.TOPIC, student)["success"]

    for student in CLASS:
        assert gradebook_scores(course, student) == gradebook_scores(plain, student), student
    assert {name: outcome.score for name, outcome in run.submissions.items()} == {
        "ana": 6.0, "Jörg Müller": 4.0, "partial": 4.0, "stub": 0.0, "slow": 3.0,
    }  # fmt: skip
    tests = run.submissions["Jörg Müller"].tests
    assert tests["double"].diagnosis == "sign"
    assert tests["double-zero"].diagnosis is None
    assert run.submissions["stub"].tests["half"].diagnosis is None
    assert run.submissions["ana"].manual["explain"].score is None
    assert run.submissions["stub"].manual["explain"].score == 0.0
    assert any("ran out of time" in remark for remark in texts(run.submissions["slow"].remarks))
    assert gradebook_scores(course, "ana")["penalty"] == 6.0
    assert texts(run.submissions["ana"].remarks) == ["handed in late: nbgrader takes off 6 points"]
    assert all(outcome.cpu_s > 0 for outcome in run.submissions.values())
    assert all(outcome.peak_bytes > 2**20 for outcome in run.submissions.values())


def test_json_contract(course: Course, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    toy.hand_in(pile, "ana", toy.solved(course, toy.RIGHT))
    run = toy.canned(course, submitted=pile)
    entry = json.loads(json.dumps(summary([run])))
    assert set(entry) == {toy.TOPIC}
    topic = entry[toy.TOPIC]
    assert set(topic) == {"max", "wall_s", "sandbox", "submissions"}
    assert (topic["max"], topic["sandbox"]) == (6.0, "required")
    assert isinstance(topic["max"], float)
    assert isinstance(topic["wall_s"], float)
    assert topic["submissions"] == {
        "ana": {
            "score": 6.0,
            "cpu_s": 0.25,
            "timing": entry[toy.TOPIC]["submissions"]["ana"]["timing"],
            "peak_mb": 0.0,
            "unchanged": False,
            "remarks": ["it was slow"],
            "tests": {
                "double": {"score": 2.0, "points": 2.0, "diagnosis": None},
                "double-zero": {"score": 1.0, "points": 1.0, "diagnosis": None},
                "half": {"score": 3.0, "points": 3.0, "diagnosis": None},
            },
            "manual": {"explain": {"score": None, "points": 2.0}},
        }
    }
    assert isinstance(topic["submissions"]["ana"]["score"], float)
    timing = topic["submissions"]["ana"]["timing"]
    assert list(timing) == ["sanitise", "fork", "cells", "tests", "record"]
    assert {step: timing[step] for step in toy.TIMING} == toy.TIMING
    assert timing["sanitise"] > 0
    assert timing["record"] > 0


def test_any_folder_with_the_layout_will_do(course: Course, tmp_path: Path) -> None:
    pile = tmp_path / "Abgaben [Größe+1] (neu)"
    for student in ("Jörg Müller", "Ольга", "a.b [x]", "o'neil"):
        toy.hand_in(pile, student, toy.solved(course, toy.RIGHT))
    (pile / ".hidden" / toy.TOPIC).mkdir(parents=True)
    (pile / "note.txt").write_text("not a student", encoding="utf-8")
    run = toy.canned(course, submitted=pile)
    assert set(run.submissions) == {"Jörg Müller", "Ольга", "a.b [x]", "o'neil"}
    assert {outcome.score for outcome in run.submissions.values()} == {6.0}
    for student in run.submissions:
        assert (course.autograded_dir / student / toy.TOPIC / "toy.ipynb").is_file()
    assert not course.submitted_dir.exists()


def test_other_files_come_along(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    path.with_name("helper.py").write_text("x = 1\n", encoding="utf-8")
    toy.canned(course)
    autograded = course.autograded_dir / "ana" / toy.TOPIC
    assert (autograded / "helper.py").read_text(encoding="utf-8") == "x = 1\n"
    assert not os.access(autograded / "toy.ipynb", os.X_OK)


def test_students_who_handed_in_nothing_are_listed(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.add_student("absent")
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    run = toy.canned(course)
    assert run.absent == ["absent"]


def test_excluded_students_are_left_out(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    text = config.read_text(encoding="utf-8") + "c.CourseDirectory.student_id_exclude = 'x,y'\n"
    config.write_text(text, encoding="utf-8")
    for student in ("x", "ana"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    run = toy.canned(Course.find(root=course.root))
    assert list(run.submissions) == ["ana"]


def test_a_person_keeps_the_last_word(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    set_manual(course, "ana", "explain", 1.5)
    set_manual(course, "ana", "test-half", 1.0)
    run = toy.canned(course)
    outcome = run.submissions["ana"]
    assert outcome.manual["explain"].score == 1.5
    assert outcome.tests["half"].score == 3.0
    assert gradebook_scores(course, "ana")["test-half"] == (3.0, 1.0, True)
    assert any("a person set the score of 'half'" in remark for remark in texts(outcome.remarks))


def test_faults_that_are_not_the_students(course: Course) -> None:
    for name in ("fault", "useless", "fine"):
        answers = {**toy.RIGHT, "half": f"{name} = 1"}
        toy.hand_in(course.submitted_dir, name, toy.solved(course, answers))
    run = toy.canned(course, jobs=2)
    found = run.submissions
    assert found["fine"].score == 6.0
    assert found["useless"].graded
    assert texts(found["useless"].remarks) == ["scored 0: the candidate was stopped"]
    assert found["useless"].cpu_s == 0.5
    assert not found["fault"].graded
    assert "no room on the device" in found["fault"].remarks[0].text
    assert found["fault"].score == 0.0
    assert not complete([run])


@pytest.mark.slow
def test_a_gradebook_that_stops_answering_does_not_stop_the_run(course: Course) -> None:
    for name in ("a", "b"):
        toy.hand_in(course.submitted_dir, name, toy.solved(course, toy.RIGHT))
    seen = []

    def watch(topic: str, outcome: Submission) -> None:
        seen.append(outcome)
        with sqlite3.connect(course.root / "gradebook.db") as connection:
            connection.execute("DROP TABLE IF EXISTS grade")

    run = toy.canned(course, watch=watch)
    assert [outcome.graded for outcome in seen] == [True, False]
    assert "NOT GRADED" in seen[1].remarks[-1].text
    assert not complete([run])


def test_an_unknown_topic_is_named(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT), topic="other")
    with pytest.raises(AutograderError, match="autograder release other"):
        grade(course, ["other"], jobs=1)


def test_no_pile_is_named(course: Course, tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="--submitted DIR"):
        grade(course, [toy.TOPIC], submitted=tmp_path / "nowhere")


def test_the_executor_can_be_another(course: Course) -> None:
    sizes = []

    def make(size: int) -> ThreadPoolExecutor:
        sizes.append(size)
        return ThreadPoolExecutor(size)

    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course, jobs=3, make_executor=make)
    assert sizes == [3]


def test_complete_needs_every_submission() -> None:
    run = TopicRun(
        "t", 1.0, "off", submissions={"a": Submission("a", 0.0, remarks=(Remark("why"),))}
    )
    assert complete([run])
    run.submissions["b"] = Submission("b", 0.0, graded=False)
    assert not complete([run])


def autograded(course: Course, student: str) -> Path:
    return course.autograded_dir / student / toy.TOPIC / f"{toy.TOPIC}.ipynb"


def again(course: Course, student: str, word: str) -> None:
    """Hand in once more; the word says what happens to it."""
    answers = {**toy.RIGHT, "half": f"{word} = 1"}
    shutil.rmtree(course.submitted_dir / student, ignore_errors=True)
    toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("where", ["the exam", "the scratch folder", "the autograded folder"])
def test_a_fault_of_the_machine_leaves_the_grade_as_it_was(
    course: Course, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    (course.submitted_dir / "ana" / toy.TOPIC / "notes.txt").write_text("mine")
    toy.canned(course, engine=toy.CannedEngine("1"))
    before = gradebook_scores(course, "ana")
    again(course, "ana", "fault" if where == "the exam" else "fine")
    (course.submitted_dir / "ana" / toy.TOPIC / "notes.txt").write_text("mine")
    with monkeypatch.context() as broken:
        if where == "the scratch folder":
            broken.setattr("autograder.submissions.intake._Intake.run", no_space)
        elif where == "the autograded folder":
            broken.setattr("autograder.grading.autograded.shutil.move", no_space)
        run = toy.canned(course, engine=toy.CannedEngine("1"))
    outcome = run.submissions["ana"]
    assert (outcome.graded, outcome.score) == (False, 6.0)
    assert outcome.remarks[-1].text.startswith("NOT GRADED: it could not be ")
    assert outcome.remarks[-1].text.endswith("; the grade it had stays")
    assert outcome.remarks[-1].kind is Kind.UNGRADED
    assert not complete([run])
    assert gradebook_scores(course, "ana") == before
    assert len(nbformat.read(autograded(course, "ana"), as_version=4).cells) > 1
    assert sorted(path.name for path in autograded(course, "ana").parents[1].iterdir()) == ["toy"]
    again(course, "ana", "fine")
    run = toy.canned(course, engine=toy.CannedEngine("1"))
    assert complete([run])
    assert texts(run.submissions["ana"].remarks) == ["it was slow"]


def test_who_had_no_grade_has_none_after_a_fault_of_the_machine(course: Course) -> None:
    again(course, "ana", "fault")
    assert toy.canned(course).submissions["ana"].tests == {}
    with course.gradebook() as gradebook, pytest.raises(MissingEntry):
        gradebook.find_submission(toy.TOPIC, "ana")
    assert not autograded(course, "ana").exists()


class LimitsSeen(toy.CannedEngine):
    """Keeps what the exam would read as limits."""

    def examine(self, job: Job) -> ExamResult:
        self.limits = [cell.limit_s for cell in Report(job.notebook).cells()]
        return super().examine(job)


def test_a_limit_is_the_authors_and_not_the_students(course: Course) -> None:
    topic = course.topic_path(toy.TOPIC)
    text = topic.read_text("utf-8")
    first = next(line for line in text.splitlines() if line.startswith("# %% test="))
    topic.write_text(text.replace(first, f"{first} limit_s=45", 1), encoding="utf-8")
    release(course, [toy.TOPIC])
    notebook = toy.solved(course, toy.RIGHT)
    notebook.metadata["autograder"] = {"limit_s": 1e6}
    for cell in notebook.cells:
        cell.metadata["autograder"] = {"limit_s": 1e6}
    toy.hand_in(course.submitted_dir, "ana", notebook)
    engine = LimitsSeen("1")
    toy.canned(course, engine=engine)
    assert sorted(set(engine.limits)) == [0.0, 45.0]
    assert engine.limits.count(45.0) == 1
    titled = text.replace("# %% [markdown]", "# %% [markdown] limit_s=300", 1)
    topic.write_text(titled, encoding="utf-8")
    release(course, [toy.TOPIC])
    toy.canned(course, engine=engine)  # a limit is one of the things that decide a grade
    assert set(engine.limits) == {300.0}
