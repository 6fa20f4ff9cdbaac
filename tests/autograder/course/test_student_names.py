"""One name in two Unicode forms is one student; look-alikes are two, and a hint says so."""

import os
import unicodedata
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import Course, student_names
from autograder.course.enrol import enrol
from autograder.exports import matching
from autograder.exports import roster as rosters
from autograder.exports.export import Options, export
from autograder.feedback.pages import make_page
from autograder.grading.grade import grade
from autograder.remarks import texts
from autograder.report import report_and_show
from autograder.submissions import layout
from autograder.watch import exchange
from tests.support import toy_course as toy

COMPOSED = "müller"
APART = unicodedata.normalize("NFD", COMPOSED)
assert COMPOSED != APART


def enrolled(course: Course, *students: str) -> None:
    with course.gradebook() as gradebook:
        for student in students:
            gradebook.add_student(student)


def matched(path: Path, students: list[str], *ids: str) -> matching.Matching:
    path.write_text("\n".join(["student_id,ID", *(f"{name},1" for name in ids)]), "utf-8")
    return matching.match(rosters.read(path), students)


@pytest.mark.parametrize(
    ("one", "other"),
    [(COMPOSED, APART), ("\u00c5sa", "\u212bsa"), ("한글", unicodedata.normalize("NFD", "한글"))],
)
def test_one_name_in_two_forms(one: str, other: str) -> None:
    assert student_names.same(one, other)
    assert student_names.Ids([other]).of(one) == other
    assert student_names.Ids([other, one]).of(other) == student_names.plain(one)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("Ana", "capital letters"),
        ("ana ", "U+0020 SPACE"),
        ("an\u200ba", "U+200B ZERO WIDTH SPACE"),
        ("\u202eana", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("ａna", "U+FF41 FULLWIDTH LATIN SMALL LETTER A"),
        ("ana\u00a0", "U+00A0 NO-BREAK SPACE"),
    ],
)
def test_look_alikes_are_two_people_and_told(course: Course, other: str, said: str) -> None:
    assert not student_names.same("ana", other)
    enrolled(course, "ana")
    toy.hand_in(course.submitted_dir, other, toy.solved(course, toy.RIGHT))
    run = toy.canned(course)
    assert run.absent == ["ana"]
    (outcome,) = run.submissions.values()
    assert (outcome.student, outcome.score) == (other, 6.0)
    assert any(
        "looks like the student 'ana'" in text and said in text for text in texts(outcome.remarks)
    )


def test_honest_names_draw_no_hint(course: Course) -> None:
    enrolled(course, "ana", "anna")
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    assert texts(toy.canned(course).submissions["ana"].remarks) == ["it was slow"]


@pytest.mark.parametrize("known", [(), (COMPOSED,), (APART,)])
def test_a_folder_is_its_students_in_either_form(course: Course, known: tuple[str, ...]) -> None:
    enrolled(course, *known)
    toy.hand_in(course.submitted_dir, APART, toy.solved(course, toy.RIGHT))
    run = toy.canned(course)
    (student,) = known or (COMPOSED,)
    assert {name: o.score for name, o in run.submissions.items()} == {student: 6.0}
    assert run.absent == []
    assert course.students() == [student]
    (asked,) = grade(course, [toy.TOPIC], students=[APART], engine=toy.CannedEngine(), jobs=1)
    assert list(asked.submissions) == [student]


def test_its_page_finds_what_was_handed_in(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, APART, toy.solved(course, toy.RIGHT))
    toy.canned(course)
    assert layout.find(course.submitted_dir, COMPOSED, toy.TOPIC).folder == path.parent
    assert make_page(course, toy.TOPIC, COMPOSED).is_file()


def test_two_folders_of_one_student_are_named_and_no_grade_is_lost(course: Course) -> None:
    toy.hand_in(course.submitted_dir, COMPOSED, toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.canned(course)
    toy.hand_in(course.submitted_dir, APART, "{")
    run = toy.canned(course)
    outcome = run.submissions[COMPOSED]
    assert not outcome.graded
    assert all(name in outcome.remarks[0].text for name in (ascii(COMPOSED), ascii(APART)))
    assert "put the work that counts into one of them" in outcome.remarks[0].text
    assert run.submissions["ana"].score == 6.0
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(toy.TOPIC, COMPOSED).score == 6.0


@pytest.mark.parametrize(
    ("name", "said"),
    [(os.fsdecode(b"J\xf6rg"), "is not UTF-8"), ("two\nlines", "holds control characters")],
)
def test_a_folder_that_names_nobody_is_told_and_stops_nobody(
    course: Course, name: str, said: str
) -> None:
    for student in (name, "ana"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    run = toy.canned(course)
    assert run.submissions.pop("ana").score == 6.0
    (outcome,) = run.submissions.values()
    assert not outcome.graded
    assert said in outcome.remarks[0].text
    assert "rename it" in outcome.remarks[0].text
    report_and_show(course, [toy.TOPIC], Console(quiet=True), None)
    with course.gradebook() as gradebook:
        assert export(course, gradebook, Options()).file


def test_who_is_excluded_is_so_in_either_form(course: Course) -> None:
    config = course.root / "nbgrader_config.py"
    line = f"\nc.CourseDirectory.student_id_exclude = 'x,{COMPOSED}'\n"
    config.write_text(config.read_text("utf-8") + line, "utf-8")
    course = Course.find(root=course.root)
    toy.hand_in(course.submitted_dir, APART, toy.solved(course, toy.RIGHT))
    assert toy.canned(course).submissions == {}


def test_the_exchange_a_list_and_an_export_know_the_name_in_either_form(
    course: Course, tmp_path: Path
) -> None:
    found = exchange.read(tmp_path, f"{APART}+toy+2027-01-01 00:00:00 UTC+x")
    assert found
    assert found.student == COMPOSED
    assert found.path.name.startswith(APART)
    enrolled(course, APART)
    people = tmp_path / "people.csv"
    people.write_text(f"id\n{COMPOSED}\n", "utf-8")
    assert enrol(course, people).known == [APART]
    toy.hand_in(course.submitted_dir, COMPOSED, toy.solved(course, toy.RIGHT))
    toy.canned(course)
    with course.gradebook() as gradebook:
        made = export(course, gradebook, Options(students=[COMPOSED]))
    assert list(made.grades.people) == [APART]


@pytest.mark.parametrize(
    ("students", "ids", "said"),
    [
        ([COMPOSED, APART], [COMPOSED], "they are one name in two Unicode forms"),
        (["Ana", "ANA"], ["ana"], "they differ in capital letters alone"),
        (
            ["ana ", "bo"],
            ["ana", "bo"],
            "line 2 has ana, which looks the same: they differ in U+00",
        ),
        (["an\u200ba", "bo"], ["ana", "bo"], "U+200B ZERO WIDTH SPACE"),
        (["007", "bo"], ["7", "bo"], "a spreadsheet may have taken zeros away"),
    ],
)
def test_a_hint_says_the_true_reason(
    tmp_path: Path, students: list[str], ids: list[str], said: str
) -> None:
    found = matched(tmp_path / "roster.csv", [*students, "eve"], *ids, "eve")
    assert said in found.unknown[students[0]]
