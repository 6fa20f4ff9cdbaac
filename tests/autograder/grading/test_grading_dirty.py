"""Dirty submissions are repaired, or score 0 with a reason; none stops the class."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.gradebook.records import TopicRun
from autograder.grading import nbgrader_log
from autograder.grading.grade import grade
from autograder.remarks import Kind, texts
from autograder.submissions import layout, reading
from autograder.submissions.clean_copy import Caps
from benchmarks.quality import dirty
from tests.support import toy_course as toy


def total(course: Course, student: str) -> float:
    with course.gradebook() as gradebook:
        return float(gradebook.find_submission(toy.TOPIC, student).score)


@pytest.fixture(scope="module")
def regraded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, TopicRun]:
    """Return a class whose members first had full marks and then handed in something else."""
    root = tmp_path_factory.mktemp("regraded") / "course"
    shutil.copytree(template, root)
    course = Course.find(root=root)
    solved = toy.solved(course, {name: toy.RIGHT[name] for name in ("double", "half")})
    for student in ("ana", *(kind.name for kind in dirty.KINDS)):
        toy.hand_in(course.submitted_dir, student, solved)
    assert {outcome.score for outcome in toy.canned(course).submissions.values()} == {6.0}
    for kind in dirty.KINDS:
        shutil.rmtree(course.submitted_dir / kind.name)
    dirty.hand_in_all(course, toy.TOPIC, solved, dirty.names_in(solved))
    (run,) = grade(course, [toy.TOPIC], jobs=2)
    return course, run


@pytest.mark.slow
@pytest.mark.parametrize("kind", dirty.KINDS, ids=lambda kind: kind.name)
def test_each_kind_of_dirt(regraded: tuple[Course, TopicRun], kind: dirty.Kind) -> None:
    course, run = regraded
    assert len(dirty.KINDS) >= 25
    outcome = run.submissions[kind.name]
    assert dirty.verdict(kind, outcome, run, "double") is None
    assert set(outcome.tests) == {"double", "double-zero", "half"}
    assert total(course, kind.name) == outcome.score


@pytest.mark.slow
def test_dirt_leaves_the_others_alone(regraded: tuple[Course, TopicRun]) -> None:
    course, run = regraded
    assert run.submissions["ana"].score == total(course, "ana") == 6.0
    assert not (course.autograded_dir / "a linked file" / "toy" / "passwords").exists()
    folder = course.autograded_dir / dirty.KINDS[-1].name
    assert folder.is_dir()


def test_an_unreadable_notebook(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = toy.hand_in(course.submitted_dir, "bad", toy.solved(course, toy.RIGHT))
    really = os.open
    monkeypatch.setattr(
        os, "open", lambda name, *a, **k: (refuse if name == path.name else really)(name, *a, **k)
    )
    with layout.taken(layout.HandedIn("bad", toy.TOPIC, path.parent), Caps.usual()) as taken:
        fault = reading.fault(taken, path.name)
        assert fault is not None
        assert fault.why == "toy.ipynb cannot be read: Permission denied"


@pytest.mark.parametrize("beside", ["", "a stranger", "an empty file", "rivals"])
def test_a_link_out_stays_tampering_whatever_else_is_said(course: Course, beside: str) -> None:
    path = toy.hand_in(course.submitted_dir, "bad", toy.solved(course, toy.RIGHT))
    right = path.read_text(encoding="utf-8")
    path.unlink()
    path.symlink_to("/etc/passwd")
    stranger = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))
    files = {
        "a stranger": [stranger],
        "an empty file": [""],
        "rivals": [right, right.replace("return 0.5 * x", "return 7")],
    }
    for number, text in enumerate(files.get(beside, [])):
        path.with_name(f"other{number}.ipynb").write_text(text, encoding="utf-8")
    outcome = toy.canned(course).submissions["bad"]
    assert outcome.score == 0.0
    assert outcome.remarks[0].text.startswith("scored 0: toy.ipynb ")
    assert outcome.remarks[0].kind is Kind.TAMPERED


def test_the_students_page_says_why(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "bad", "{")
    toy.canned(course)
    notice = nbformat.read(course.autograded_dir / "bad" / "toy" / "toy.ipynb", as_version=4)
    assert "is not JSON" in notice.cells[0].source
    assert course.api.generate_feedback(toy.TOPIC, "bad")["success"]


def test_a_deleted_answer_in_words_scores_zero(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    assert toy.canned(course).submissions["ana"].manual["explain"].score is None
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.remove(toy.cell(notebook, "explain"))
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert outcome.manual["explain"].score == 0.0
    assert "answer 'explain' was missing; an empty one was put in its place" in texts(
        outcome.remarks
    )


def test_a_copied_answer_that_is_still_the_stub_does_not_count(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    stub = toy.cell(toy.released(course), "explain").copy()
    stub.id = "stub"
    notebook.cells.append(stub)
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert outcome.manual["explain"].score is None
    assert "cell 'explain' appears twice; the last with an answer counts" in texts(outcome.remarks)


def test_a_test_that_asks_to_be_skipped_is_run(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    toy.cell(notebook, "test-half").metadata["tags"] = ["skip-execution", "mine"]
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert "the tag 'skip-execution' was taken off test 'test-half'" in texts(outcome.remarks)
    kept = nbformat.read(course.autograded_dir / "ana" / "toy" / "toy.ipynb", as_version=4)
    assert toy.cell(kept, "test-half").metadata["tags"] == ["mine"]


def test_honest_work_draws_no_remark(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("print('mine')"))
    toy.hand_in(course.submitted_dir, "ana", notebook)
    assert texts(toy.canned(course).submissions["ana"].remarks) == ["it was slow"]


def test_copied_cells_and_other_notebooks_are_named(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.insert(0, toy.cell(notebook, "half").copy())
    notebook.cells[0].id = "copy"
    path = toy.hand_in(course.submitted_dir, "ana", notebook)
    path.with_name("draft.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    said = texts(toy.canned(course).submissions["ana"].remarks)
    assert "cell 'half' appears twice; the last counts" in said
    assert "another notebook was not graded: draft.ipynb" in said


def test_a_time_stamp_that_is_no_date(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    path.with_name("timestamp.txt").write_text("yesterday, about noon", encoding="utf-8")
    outcome = toy.canned(course).submissions["ana"]
    assert outcome.score == 6.0
    assert "timestamp.txt is not a date, so lateness is not known" in texts(outcome.remarks)


def test_zero_keeps_what_a_person_gave_and_asks_for_another_look(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    with course.gradebook() as gradebook:
        gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana").manual_score = 2.0
        gradebook.db.commit()
    toy.hand_in(course.submitted_dir, "ana", "{")
    assert toy.canned(course).submissions["ana"].score == 0.0
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (0, 2, True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Attribute 'checksum' for cell test-a has changed! (should be: a, got: b)", None),
        (
            "Attribute 'points' for cell test-a has changed! (should be: 1.0, got: 9.0)",
            "the points of cell 'test-a' had been changed from 1.0 to 9.0; 1.0 was used",
        ),
        ("Something new\nof two lines", "Something new of two lines"),
    ],
)
def test_remarks_from_nbgraders_log(line: str, said: str | None) -> None:
    found = nbgrader_log.sentence(line)
    assert (found and found.text) == said
