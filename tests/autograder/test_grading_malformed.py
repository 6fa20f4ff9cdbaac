"""One malformed submission never stops the class, and never keeps the score of an earlier run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
import toy_course as toy

from autograder.course import Course
from autograder.grading import pile, remarks
from autograder.grading.records import TopicRun


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "course"
    toy.make(root)
    return root


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Course:
    root = tmp_path / "course"
    shutil.copytree(template, root)
    return Course.find(root=root)


def truncated(course: Course) -> str:
    return nbformat.writes(toy.solved(course, toy.RIGHT))[:700]


def without_metadata(course: Course) -> str:
    notebook = json.loads(nbformat.writes(toy.solved(course, toy.RIGHT)))
    for cell in notebook["cells"]:
        del cell["metadata"]
    return json.dumps(notebook)


def without_points(course: Course) -> str:
    notebook = toy.solved(course, toy.RIGHT)
    del toy.cell(notebook, "test-half").metadata.nbgrader["points"]
    return nbformat.writes(notebook)


def old_schema(course: Course) -> str:
    notebook = toy.solved(course, toy.RIGHT)
    toy.cell(notebook, "test-half").metadata.nbgrader["schema_version"] = 1
    return nbformat.writes(notebook)


MALFORMED: dict[str, tuple[Callable[[Course], str | bytes], str]] = {
    "empty": (lambda course: "", "is empty"),
    "truncated": (truncated, "is not JSON"),
    "html": (lambda course: "<html>Log in</html>", "is not JSON"),
    "list": (lambda course: "[1, 2]", "is not a notebook"),
    "object": (lambda course: '{"a": 1}', "is not a valid notebook"),
    "number": (lambda course: "3", "is not a notebook"),
    "nesting": (lambda course: "[" * 100_000, "is not"),
    "binary": (lambda course: b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "is not text in UTF-8"),
    "no-metadata": (without_metadata, "is not a valid notebook"),
    "no-points": (without_points, "is not a notebook that can be graded"),
    "old-schema": (old_schema, "nbgrader"),
}


def total(course: Course, student: str) -> float:
    with course.gradebook() as gradebook:
        return float(gradebook.find_submission(toy.TOPIC, student).score)


@pytest.fixture(scope="module")
def regraded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, TopicRun]:
    """Return a class whose members first had full marks and then handed in something else."""
    root = tmp_path_factory.mktemp("regraded") / "course"
    shutil.copytree(template, root)
    course = Course.find(root=root)
    for kind in ("ana", *MALFORMED):
        toy.hand_in(course.submitted_dir, kind, toy.solved(course, toy.RIGHT))
    assert {outcome.score for outcome in toy.canned(course).submissions.values()} == {6.0}
    for kind, (make, _) in MALFORMED.items():
        toy.hand_in(course.submitted_dir, kind, make(course))
    return course, toy.canned(course)


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_scores_zero_with_a_reason(regraded: tuple[Course, TopicRun], kind: str) -> None:
    course, run = regraded
    outcome = run.submissions[kind]
    assert outcome.score == 0.0
    assert outcome.graded
    assert MALFORMED[kind][1] in outcome.remarks[0]
    assert set(outcome.tests) == {"double", "double-zero", "half"}
    assert outcome.manual["explain"].score == 0.0
    assert total(course, kind) == 0.0


def test_malformed_work_leaves_the_others_alone(regraded: tuple[Course, TopicRun]) -> None:
    course, run = regraded
    assert run.submissions["ana"].score == total(course, "ana") == 6.0


def folder_in_place_of_the_notebook(folder: Path) -> None:
    (folder / "toy.ipynb").mkdir(parents=True)


def other_name(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "toy (1).ipynb").write_text("{}", encoding="utf-8")


def nothing(folder: Path) -> None:
    folder.mkdir(parents=True)


def file_in_place_of_the_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("here you are", encoding="utf-8")


def dangling_link(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").symlink_to("nowhere.ipynb")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (folder_in_place_of_the_notebook, "is not a file"),
        (other_name, "it holds toy (1).ipynb"),
        (nothing, "it holds no notebook"),
        (file_in_place_of_the_folder, "is a file where a folder"),
        (dangling_link, "is not a file"),
    ],
)
def test_no_notebook_where_it_should_be(course: Course, make: Callable, said: str) -> None:
    toy.hand_in(course.submitted_dir, "bad", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    shutil.rmtree(course.submitted_dir / "bad")
    make(course.submitted_dir / "bad" / toy.TOPIC)
    outcome = toy.canned(course).submissions["bad"]
    assert said in outcome.remarks[0]
    assert outcome.score == total(course, "bad") == 0.0


def test_an_unreadable_notebook(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = toy.hand_in(course.submitted_dir, "bad", toy.solved(course, toy.RIGHT))
    monkeypatch.setattr(Path, "open", refuse)
    handed_in = pile.HandedIn("bad", toy.TOPIC, path.parent)
    assert pile.problem(handed_in) == "toy.ipynb cannot be read: Permission denied"


def test_the_students_page_says_why(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "bad", "{")
    toy.canned(course)
    notice = nbformat.read(course.autograded_dir / "bad" / "toy" / "toy.ipynb", as_version=4)
    assert "is not JSON" in notice.cells[0].source
    assert course.api.generate_feedback(toy.TOPIC, "bad")["success"]


def test_a_deleted_test_keeps_no_old_score(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.remove(toy.cell(notebook, "test-half"))
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert outcome.tests["half"].score == 0.0
    assert outcome.score == total(course, "ana") == 3.0
    assert "test 'half' is missing: 0 points" in outcome.remarks


def test_a_test_that_asks_to_be_skipped_is_run(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    toy.cell(notebook, "test-half").metadata["tags"] = ["skip-execution", "mine"]
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert "the tag 'skip-execution' was taken off test 'test-half'" in outcome.remarks
    kept = nbformat.read(course.autograded_dir / "ana" / "toy" / "toy.ipynb", as_version=4)
    assert toy.cell(kept, "test-half").metadata["tags"] == ["mine"]


def test_an_edited_test_is_put_back_and_named(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    toy.cell(notebook, "test-half").source = "pass"
    toy.cell(notebook, "test-double").metadata.nbgrader["points"] = 100
    toy.hand_in(course.submitted_dir, "ana", notebook)
    outcome = toy.canned(course).submissions["ana"]
    assert "cell 'test-half' had been edited; the released one was used" in outcome.remarks
    assert any("points of cell 'test-double'" in remark for remark in outcome.remarks)
    assert outcome.score == 6.0
    kept = nbformat.read(course.autograded_dir / "ana" / "toy" / "toy.ipynb", as_version=4)
    assert "checks.close(half(4)" in toy.cell(kept, "test-half").source


def test_honest_work_draws_no_remark(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("print('mine')"))
    toy.hand_in(course.submitted_dir, "ana", notebook)
    assert toy.canned(course).submissions["ana"].remarks == ("it was slow",)


def test_copied_cells_and_other_notebooks_are_named(course: Course) -> None:
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.insert(0, toy.cell(notebook, "half").copy())
    notebook.cells[0].id = "copy"
    path = toy.hand_in(course.submitted_dir, "ana", notebook)
    path.with_name("draft.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    said = toy.canned(course).submissions["ana"].remarks
    assert "cell 'half' is there twice; the last counts" in said
    assert "another notebook was not graded: draft.ipynb" in said


def test_a_time_stamp_that_is_no_date(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    path.with_name("timestamp.txt").write_text("yesterday, about noon", encoding="utf-8")
    outcome = toy.canned(course).submissions["ana"]
    assert outcome.score == 6.0
    assert "timestamp.txt is not a date, so lateness is not known" in outcome.remarks


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
    assert remarks.sentence(line) == said
