"""Exports: what Canvas, Moodle and spreadsheets get, whoever is in the class."""

import codecs
import csv
import errno
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from autograder import cli
from autograder.atomic_file import write_whole
from autograder.bounded_process import Bounded
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports import cells, matching, roster
from autograder.exports.cells import Style
from autograder.exports.export import Export, Options, export, named_columns
from tests.support import toy_course as toy

PEOPLE = {
    "ana": ("Doe, Jr", "=1+1"),
    "bo": ('O"Neil', "@SUM(A1)"),
    "007": ("Müller; =2+2", "Ö\tx"),
    "away": ("-Minus", "+Plus"),
}
CANVAS = '''Student,ID,SIS User ID,SIS Login ID,Section,Homework (55),toy (991),Final Score
,,,,,,Manual Posting,
    Points Possible,,,,,10,8,(read only)
"Doe, Jr",101,S01,ana,A,1,,
"O""Neil, @SUM(A1)",102,S02,BO,A,2,3,
"="" =Evil""",103,S03,007,A,,,
"Gone, Al",104,S04,away,A,,,
"Student, Test",199,,0fa8,A,,,
'''
MOODLE = """First name,Last name,ID number,Email address,Groups
=1+1,"Doe, Jr",0001,ana@uni.edu,
Bo,O'Neil,0002,bo@uni.edu,
Ö,Müller,0003,007@uni.edu,
Al,Gone,0004,away@uni.edu,
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class that handed in, `away` apart, and was graded by machine and by hand."""
    root = tmp_path_factory.mktemp("exports") / "course"
    course = toy.make(root)
    for student in ("ana", "bo", "007"):
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
        path.with_name("timestamp.txt").write_text("2024-01-01 00:00:00 UTC", encoding="utf-8")
    with course.gradebook() as book:
        for student, (last, first) in PEOPLE.items():
            book.add_student(student, last_name=last, first_name=first)
    toy.canned(course)
    toy.graded_by_hand(course)
    return root


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    shutil.copytree(graded, tmp_path / "course")
    return Course.find(root=tmp_path / "course")


@pytest.fixture
def canvas(tmp_path: Path) -> Path:
    return put(tmp_path, CANVAS)


@pytest.fixture
def moodle(tmp_path: Path) -> Path:
    return put(tmp_path, MOODLE)


def put(folder: Path, content: str | bytes, name: str = "roster.csv") -> Path:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    return folder / name


def made(course: Course, **options: object) -> Export:
    with course.gradebook() as book:
        return export(course, book, Options(**options))


def lines(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter, strict=True))


def table(path: Path, by: str, delimiter: str = ",") -> dict[str, dict[str, str]]:
    head, *rest = lines(path, delimiter)
    assert all(len(line) == len(head) for line in rest)
    return {line[head.index(by)]: dict(zip(head, line, strict=True)) for line in rest}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["export", *map(str, arguments)], env={"COLUMNS": "200"})


def wait_for_a_person(course: Course, student: str = "ana") -> None:
    with course.gradebook() as book:
        grade = book.find_grade("explain", toy.TOPIC, toy.TOPIC, student)
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = None, None, True
        book.db.commit()


# Cells


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), max_size=5))
@example([["a;b", 'say "x"', " lead", "\r\n", "Doe, Jr", "\t"]])
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    rows = [row for row in rows if len(row) > 1]  # one empty cell is an empty line
    for separator in cells.SEPARATORS.values():
        written = cells.render(rows, Style(separator)).decode()
        read = csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
        assert list(read) == rows


def test_a_cell_of_tabs_takes_no_time_in_the_square_of_their_number():
    bounded = Bounded(cpu_s=5.0)
    assert bounded.call(cells.harmless, "\t" * 200_000).count("'") == 200_000
    bounded.close()


@given(st.text(), st.sampled_from([*cells.SEPARATORS.values()]))
@example("x;=1+1", ",")
@example(" =1+1", ",")
@example("＝1", ",")
def test_no_cell_is_a_formula_wherever_it_is_split(text: str, separator: str) -> None:
    safe = cells.harmless(text, Style(separator))
    for other in {",", ";", "\t"} - {separator}:
        for part in (safe, *safe.split(other)[1:]):
            assert part[:1] not in {*"=+-@\t\r\n＝＋－＠"}
            assert part.strip()[:1] not in {*"=+-@＝＋－＠"}
    assert safe.replace("'", "") == text.replace("'", "")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"])))
def test_an_id_is_written_as_it_is_or_not_at_all(text: str) -> None:
    found = cells.key(text)
    assert found in (None, text)
    if found is None:
        assert cells.harmless(text) != text


@pytest.mark.parametrize("text", ["007", "-5", "+49", "@ana", "=1+1", "ana.doe@uni.edu", "ä_b"])
def test_ids_that_do_nothing_stay(text: str) -> None:
    assert cells.key(text) == text


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("x")', "=cmd|' /C calc'!A0", "@SUM(A1)", "a\n=x", "+1 2"]
)
def test_ids_that_could_do_something_do_not(text: str) -> None:
    assert cells.key(text) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (20.0, "20"),
        (0.1 + 0.2, "0.3"),
        (2 / 3, "0.6667"),
        (-0.00001, "0"),
        (-1.5, "-1.5"),
        (1234567.5, "1234567.5"),
        (1e-9, "0"),
    ],
)
def test_numbers(value: float, shown: str) -> None:
    assert cells.number(value) == shown
    assert cells.number(value, Style(decimal=",")) == shown.replace(".", ",")
    assert cells.render([[value, None]]) == f"{shown},\n".encode()


def test_a_decimal_comma_is_quoted_between_commas() -> None:
    assert cells.render([["a", 1.5]], Style(",", ",")) == b'a,"1,5"\n'


# Rosters


def encoded() -> list:
    text = "student_id,Name\n007,Jörg\n"
    wide = text.replace(",", "\t")
    return [
        pytest.param(text.encode("utf-8"), id="utf-8"),
        pytest.param(text.encode("utf-8-sig"), id="BOM"),
        pytest.param(text.encode("cp1252"), id="Latin-1"),
        pytest.param(codecs.BOM_UTF16_LE + wide.encode("utf-16-le"), id="UTF-16, as Excel"),
        pytest.param(codecs.BOM_UTF16_BE + wide.encode("utf-16-be"), id="UTF-16, big"),
        pytest.param(wide.encode("utf-16-le"), id="UTF-16, no BOM"),
        pytest.param(text.replace(",", ";").replace("\n", "\r\n").encode(), id="semicolons"),
        pytest.param(b"sep=;\r\n" + text.replace(",", ";").encode(), id="sep="),
        pytest.param(b"\n,,\n" + text.encode() + b"\n,,\n  ,\n", id="blank lines"),
        pytest.param(text.replace("\n", "\r").encode(), id="old Mac"),
        pytest.param(text.replace("007", '"=""007"""').encode(), id="kept as text"),
    ]


@pytest.mark.parametrize("data", encoded())
def test_rosters_are_read_as_spreadsheets_write_them(tmp_path: Path, data: bytes) -> None:
    found = roster.read(put(tmp_path, data))
    assert [(found.value(r, "student_id"), found.name(r)) for r in found.rows] == [("007", "Jörg")]


VISIBLE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=12)


@given(
    st.lists(VISIBLE, min_size=1, max_size=4),
    st.sampled_from([*cells.SEPARATORS.values()]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_names_come_through_a_roster(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], separator: str, encoding: str
) -> None:
    lines = [["student_id", "Name"], *([f"s{i}", name] for i, name in enumerate(names))]
    data = cells.render(lines, Style(separator)).decode().encode(encoding)
    found = roster.read(put(tmp_path_factory.getbasetemp(), data, "any.csv"))
    assert [found.name(row) for row in found.rows] == [cells.bare(name) for name in names]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"student_id,Name\n", "lists no students"),
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"student_id,Name\nana,Doe, Jr\n", "line 2: 3 cells where the heads are 2"),
        (b'student_id,Name\nana,"Doe\n', "line 2: the quotes do not fit"),
        (b"student_id,ID\nana,1.2E+11\n", "line 2: 1.2E+11 was an id before"),
        (codecs.BOM_UTF16_LE + b"a\0b", "is no text"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(AutograderError, match=said.replace("+", r"\+")):
        roster.read(put(tmp_path, data))


def test_a_roster_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(AutograderError, match="cannot be read"):
            roster.read(path)


def matched(tmp_path: Path, text: str, students: list[str], column: str | None = None):
    return matching.match(roster.read(put(tmp_path, text)), students, column)


def test_who_is_who_is_found_out(tmp_path: Path) -> None:
    text = "Student,ID,SIS Login ID\nA,1,Ana\nB,2,bo\nC,3,cy\n"
    found = matched(tmp_path, text, ["ana", "bo", "dee"])
    assert found.how == 'column "SIS Login ID"'
    assert {s: row.line for s, row in found.rows.items()} == {"ana": 2, "bo": 3}
    assert found.unknown == {"dee": ""}
    assert [row.line for row in found.others] == [4]


def test_the_part_before_the_at_will_do(tmp_path: Path) -> None:
    found = matched(tmp_path, "Email address\nana@a.edu\nbo@a.edu\nbo@b.edu\n", ["ana", "bo"])
    assert set(found.rows) == {"ana"}
    assert found.twice == {"bo": [3, 4]}


def test_columns_that_disagree_are_not_chosen_from(tmp_path: Path) -> None:
    text = "Student,ID,SIS User ID\nA,1,2\nB,2,1\n"
    with pytest.raises(AutograderError, match="name different people for 1"):
        matched(tmp_path, text, ["1", "2"])
    assert matched(tmp_path, text, ["1", "2"], "sis user id").rows["1"].line == 3


def test_a_column_student_id_comes_before_all(tmp_path: Path) -> None:
    text = "student_id,ID\n2,1\n1,2\n,3\n"
    assert matched(tmp_path, text, ["1", "2", "3"]).rows.keys() == {"1", "2"}


def test_zeros_are_not_made_up_but_hinted_at(tmp_path: Path) -> None:
    found = matched(tmp_path, "student_id\n7\n123\n", ["007", "123"])
    assert set(found.rows) == {"123"}
    assert "line 2 has 7" in found.unknown["007"]


def test_students_who_differ_in_case_are_two(tmp_path: Path) -> None:
    found = matched(tmp_path, "student_id\nAna\nana\nBO\n", ["Ana", "ana", "bo", "Bo"])
    assert {s: row.line for s, row in found.rows.items()} == {"Ana": 2, "ana": 3}


def test_the_same_person_twice_is_one(tmp_path: Path) -> None:
    found = matched(tmp_path, "student_id,ID,Section\nana,1,A\nana,1,B\n", ["ana"])
    assert (found.merged, list(found.rows)) == (["ana"], ["ana"])


def test_no_column_holds_the_ids(tmp_path: Path) -> None:
    for column in (None, "ID"):
        with pytest.raises(AutograderError, match="such as ana"):
            matched(tmp_path, "Student,ID\nana,1\n", ["ana"], column)
    with pytest.raises(AutograderError, match="no column 'nothing'"):
        matched(tmp_path, "Student,ID\nana,1\n", ["ana"], "nothing")


# For a spreadsheet


def test_a_spreadsheet_has_every_task_and_nbgraders_sums(course: Course) -> None:
    found = table(made(course).file, "student_id")
    assert list(found["ana"])[:11] == list(nbgraders_own(course)["ana"])
    for student, line in nbgraders_own(course).items():
        for column in ("raw_score", "late_submission_penalty", "score", "max_score"):
            assert float(found[student][column]) == float(line[column]), (student, column)
    assert found["ana"]["score"] == "8.5"
    assert found["bo"]["score"] == "5.75"
    assert found["007"]["score"] == "4"
    assert list(found["bo"])[11:] == ["status", "double", "double-zero", "half", "explain"]
    assert found["bo"]["explain"] == "1.25"
    assert (found["away"]["score"], found["away"]["half"]) == ("0", "")
    assert found["away"]["status"] == "not handed in"


def nbgraders_own(course: Course) -> dict[str, dict[str, str]]:
    """Return what nbgrader's exporter writes; awkward names would break its lines."""
    with course.gradebook() as book:
        for student in book.students:
            student.last_name = student.first_name = "x"
        from nbgrader.plugins import CsvExportPlugin

        plugin = CsvExportPlugin()
        plugin.to = str(course.root / "nbgrader.csv")
        plugin.export(book)
        book.db.rollback()
    return table(course.root / "nbgrader.csv", "student_id")


def test_names_are_quoted_and_no_formulas(course: Course) -> None:
    file = made(course).file
    found = table(file, "student_id")
    assert (found["ana"]["last_name"], found["ana"]["first_name"]) == ("Doe, Jr", "'=1+1")
    assert (found["bo"]["last_name"], found["bo"]["first_name"]) == ('O"Neil', "'@SUM(A1)")
    assert (found["007"]["last_name"], found["007"]["first_name"]) == ("Müller;' =2+2", "Ö x")
    assert found["away"]["first_name"] == "'+Plus"
    assert file.read_bytes().startswith(codecs.BOM_UTF8)  # or Excel takes it for Latin-1


def test_ids_come_back_from_the_spreadsheet(course: Course, tmp_path: Path) -> None:
    with course.gradebook() as book:
        book.add_student("=cy")
    file = made(course).file
    assert "'=cy" in table(file, "student_id")
    found = roster.read(file)
    assert "=cy" in [found.value(row, "student_id") for row in found.rows]


def test_the_same_grades_give_the_same_bytes(course: Course, canvas: Path) -> None:
    for options in ({}, {"to": "canvas", "roster": canvas}):
        first = made(course, **options).file.read_bytes()
        assert made(course, **options).file.read_bytes() == first


def test_a_spreadsheet_says_what_is_open(course: Course) -> None:
    wait_for_a_person(course)
    done = made(course)
    line = table(done.file, "student_id")["ana"]
    assert line["status"] == "to grade by hand: explain"
    assert (line["explain"], line["score"]) == ("", "6")
    assert done.provisional() == {"toy": {"ana": "to grade by hand: explain"}}


def test_what_was_handed_in_and_not_graded_is_no_zero(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "new", toy.solved(course, toy.RIGHT))
    with course.gradebook() as book:
        book.add_submission(toy.TOPIC, "away")
    done = made(course)
    found = table(done.file, "student_id")
    for student in ("new", "away"):
        assert found[student]["score"] == ""
        assert done.provisional()["toy"][student] == "handed in, not graded"


def test_what_was_handed_in_again_is_said(course: Course) -> None:
    stamp = course.submitted_dir / "ana" / toy.TOPIC / "timestamp.txt"
    stamp.write_text("2024-01-02 00:00:00 UTC", encoding="utf-8")
    assert made(course).provisional() == {"toy": {"ana": "handed in again, not graded since"}}
    stamp.write_text("yesterday", encoding="utf-8")
    assert made(course).provisional() == {}


def test_a_test_that_is_newer_than_the_grade_is_said(course: Course) -> None:
    with course.gradebook() as book:
        more = {"max_score": 1, "cell_type": "code"}
        book.add_grade_cell("test-more", toy.TOPIC, toy.TOPIC, **more)
    done = made(course)
    assert done.provisional()["toy"]["bo"] == "not graded since the topic changed: more"
    assert table(done.file, "student_id")["bo"]["more"] == ""


@pytest.mark.slow
def test_a_zero_for_a_fault_of_the_machine_is_provisional(course: Course) -> None:
    answers = {**toy.RIGHT, "half": "fault"}
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, answers))
    toy.canned(course)
    status = made(course).provisional()["toy"]["ana"]
    assert status.startswith("could not be graded: it could not be examined")


def test_a_file_called_like_a_fault_is_none(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    path.with_name("NOT GRADED: x").symlink_to("/etc/passwd")
    said = toy.canned(course).submissions["ana"].remarks
    assert any(each.text.startswith("NOT GRADED: x") for each in said)
    assert made(course).provisional()["toy"]["ana"].startswith("to grade by hand: ")


@pytest.mark.parametrize("fingerprint", [None, "a digest"])
def test_a_fault_that_an_earlier_version_noted(course: Course, fingerprint: str | None) -> None:
    path = course.autograded_dir / "ana" / toy.TOPIC / "toy.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    about = notebook["metadata"]["autograder"]
    del about["not_graded"]
    about |= {"fingerprint": fingerprint, "remarks": ["it is a fault"], "kinds": ["ungraded"]}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    said = made(course).provisional().get("toy", {})
    fault = {"ana": "could not be graded: it is a fault"}
    assert said == (fault if fingerprint is None else {})


def test_a_topic_that_nobody_has_handed_in_is_left_out(course: Course) -> None:
    with course.gradebook() as book:
        book.add_assignment("later")
    done = made(course)
    assert (done.grades.unused, [t.topic for t in done.grades.topics]) == (["later"], ["toy"])
    named = made(course, topics=["later"])
    assert {line["score"] for line in table(named.file, "student_id").values()} == {"0"}


def test_a_roster_fills_in_names(course: Course, moodle: Path) -> None:
    with course.gradebook() as book:
        for student in book.students:
            student.last_name = student.first_name = None
        book.db.commit()
    line = table(made(course, roster=moodle).file, "student_id")["007"]
    assert (line["last_name"], line["first_name"], line["email"]) == ("Müller", "Ö", "007@uni.edu")


# For Canvas


def test_canvas(course: Course, canvas: Path) -> None:
    done = made(course, to="canvas", roster=canvas)
    head, points, *rest = lines(done.file)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "toy (991)"]
    assert points == ["    Points Possible", "", "", "", "", "8"]
    assert rest == [
        ["Doe, Jr", "101", "S01", "ana", "A", "8.5"],
        ['O"Neil, @SUM(A1)', "102", "S02", "BO", "A", "5.75"],
        ["'=Evil", "103", "S03", "007", "A", "4"],
        ["Gone, Al", "104", "S04", "away", "A", "0"],
    ]
    assert done.complete
    assert not done.file.read_bytes().startswith(codecs.BOM_UTF8)


def test_canvas_keeps_what_is_its_own(course: Course, tmp_path: Path) -> None:
    text = CANVAS.replace(",10,8,", ",10,20,").replace("A,1,,", "A,1,EX,")
    done = made(course, to="canvas", roster=put(tmp_path, text))
    found = table(done.file, "ID")
    assert found[""]["toy (991)"] == "20"
    assert found["101"]["toy (991)"] == "EX"
    said = " ".join(done.sheet.remarks)
    assert "Canvas has 20 points possible, the gradebook 8" in said
    assert "excused in Canvas, and not changed: ana (8.5 in the gradebook)" in said


def test_canvas_columns_can_be_named(course: Course, canvas: Path) -> None:
    done = made(course, to="canvas", roster=canvas, columns={"toy": "homework"})
    assert lines(done.file)[0][-1] == "Homework (55)"
    new = made(course, to="canvas", roster=canvas, columns={"toy": "Something new"})
    assert lines(new.file)[0][-1] == "Something new"
    assert lines(new.file)[1][-1] == "8"
    assert "Something new" in " ".join(new.sheet.remarks)


def test_canvas_assignments_of_one_name_are_not_chosen_from(course: Course, tmp_path: Path) -> None:
    file = put(tmp_path, CANVAS.replace("Homework (55)", "toy (55)"))
    with pytest.raises(AutograderError, match="several assignments of that name"):
        made(course, to="canvas", roster=file)
    done = made(course, to="canvas", roster=file, columns={"toy": "toy (55)"})
    assert lines(done.file)[0][-1] == "toy (55)"


def test_canvas_without_sis_ids_and_without_ids(course: Course, tmp_path: Path) -> None:
    text = "Student,ID,SIS Login ID,Section\nA,7,ana,\nB,,bo,\nC,,,\nPoints Possible,9,007,\n"
    done = made(course, to="canvas", roster=put(tmp_path, text), match="SIS Login ID")
    assert [line[:5] for line in lines(done.file)[2:]] == [
        ["A", "7", "", "ana", ""],
        ["B", "", "", "bo", ""],
        ["", "9", "", "007", ""],  # Canvas would take that name for its line of points
    ]
    assert done.sheet.left_out == {"away": "not in the roster"}
    assert not done.complete


def test_canvas_never_gets_an_id_that_is_two_peoples_or_a_formula(
    course: Course, tmp_path: Path
) -> None:
    text = "student_id,ID,SIS User ID\nana,5,a\nbo,5,b\n007,,=1|A(1)\naway,8,=1|A(1)\n"
    done = made(course, to="canvas", roster=put(tmp_path, text))
    assert [line[:3] for line in lines(done.file)[2:]] == [["", "8", "'=1|A(1)"]]
    assert set(done.sheet.left_out) == {"ana", "bo", "007"}


def test_canvas_gets_no_provisional_grade_unasked(course: Course, canvas: Path) -> None:
    wait_for_a_person(course)
    done = made(course, to="canvas", roster=canvas)
    assert done.file is None
    assert not (course.root / "exports").exists()
    sent = made(course, to="canvas", roster=canvas, provisional=True)
    assert table(sent.file, "ID")["101"]["toy (991)"] == "6"


def test_whoever_is_not_sent_holds_nothing_up(course: Course, tmp_path: Path) -> None:
    wait_for_a_person(course)
    file = put(tmp_path, CANVAS.replace("101,S01,ana", "101,S01,anna"))
    done = made(course, to="canvas", roster=file)
    assert done.file
    assert done.sheet.left_out == {"ana": "not in the roster"}


# For Moodle


def test_moodle(course: Course, moodle: Path) -> None:
    done = made(course, to="moodle", roster=moodle, absent="blank")
    assert lines(done.file) == [
        ["ID number", "First name", "Last name", "toy"],
        ["0001", "'=1+1", "Doe, Jr", "8.5"],
        ["0002", "Bo", "O'Neil", "5.75"],
        ["0003", "Ö", "Müller", "4"],
        ["0004", "Al", "Gone", ""],
    ]
    assert 'Map from "ID number"' in done.sheet.next_step


def test_moodle_gets_nobody_without_an_id(course: Course, tmp_path: Path) -> None:
    text = "student_id,Email address\nana,a@x\nbo,\n007,c@x\naway,c@x\n"
    done = made(course, to="moodle", roster=put(tmp_path, text))
    assert [line[0] for line in lines(done.file)[1:]] == ["a@x"]
    assert '"Email address" is empty in line 3' in done.sheet.left_out["bo"]
    assert {"007", "away"} < set(done.sheet.left_out)


def test_moodle_prefers_the_column_that_knows_everybody(course: Course, tmp_path: Path) -> None:
    text = MOODLE.replace("0002", "")
    done = made(course, to="moodle", roster=put(tmp_path, text))
    assert lines(done.file)[0][0] == "Email address"
    assert done.complete


def test_moodle_in_another_language(course: Course, tmp_path: Path) -> None:
    text = "Vorname;Anmeldename;Gruppen\nAna;ana;\nBo;bo;\nÖ;007;\nAl;away;\n"
    done = made(course, to="moodle", roster=put(tmp_path, text), match="Anmeldename")
    assert lines(done.file)[0] == ["Anmeldename", "toy"]
    text = "student_id,Anmeldename\nana,ana\n"
    with pytest.raises(AutograderError, match="by which Moodle finds people"):
        made(course, to="moodle", roster=put(tmp_path, text))


def test_moodle_feedback_and_decimal_comma(course: Course, tmp_path: Path) -> None:
    text = MOODLE.replace(",Groups", ",Assignment: toy (Real)")
    options = {"feedback": True, "decimal": "comma", "roster": put(tmp_path, text)}
    found = table(made(course, to="moodle", **options).file, "ID number", ";")
    assert found["0002"]["Assignment: toy (Real)"] == "5,75"
    assert found["0002"]["Assignment: toy (Feedback)"] == (
        "double: 2 of 2; double-zero: 1 of 1; half: 3 of 3; explain: 1.25 of 2; "
        "handed in late: -1.5"
    )
    assert found["0004"]["Assignment: toy (Feedback)"] == "Nothing was handed in."


def test_moodle_refuses_more_than_a_hundred(course: Course, moodle: Path) -> None:
    with course.gradebook() as book:
        book.find_grade("test-half", toy.TOPIC, toy.TOPIC, "ana").manual_score = 120.0
        book.db.commit()
    assert "above 100" in " ".join(made(course, to="moodle", roster=moodle).sheet.remarks)


# Writing


def test_a_full_disk_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "old", "grades.csv")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AutograderError, match="No space left on device"):
        write_whole(path, b"new", "The grades")
    assert [p.name for p in tmp_path.iterdir()] == ["grades.csv"]
    assert path.read_bytes() == b"old"


def test_a_file_is_replaced_and_a_link_stays(tmp_path: Path) -> None:
    path = put(tmp_path, "old", "real.csv")
    path.chmod(0o640)
    (tmp_path / "link.csv").symlink_to(path)
    write_whole(tmp_path / "link.csv", b"new", "The grades")
    assert (tmp_path / "link.csv").is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_or_a_device_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="is a folder"):
        write_whole(tmp_path, b"new", "The grades")
    with pytest.raises(AutograderError, match="not an ordinary file"):
        write_whole(Path(os.devnull), b"new", "The grades")
    with pytest.raises(AutograderError, match="could not be written"):
        write_whole(put(tmp_path, "x", "file") / "grades.csv", b"new", "The grades")


# The commands


@pytest.mark.slow
def test_the_command_says_who_is_where(course: Course, tmp_path: Path) -> None:
    text = CANVAS.replace("103,S03,007", "103,S03,7").replace("away", "someone")
    wait_for_a_person(course)
    out = tmp_path / "out.json"
    arguments = ["--to", "canvas", "--roster", put(tmp_path, text), "--course", course.root]
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "to grade by hand: explain — ana" in refused.output
    assert "--provisional" in refused.stderr
    shown = run("toy", *arguments, "--provisional", "--json", out)
    assert shown.exit_code == 1
    assert "Not in the file, not in the roster: away" in shown.output
    assert "line 6 has 7" in shown.output
    assert "toy: not handed in — away" in shown.output
    assert "In the roster, not in the gradebook: =Evil; Gone, Al" in shown.output.replace('" ', "")
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["not_handed_in"] == {"toy": ["away"]}
    assert data["provisional"] == {"toy": {"ana": "to grade by hand: explain"}}
    assert set(data["left_out"]) == {"007", "away"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "xml"], "--to is csv, canvas, moodle"),
        (["--to", "canvas"], "--roster FILE"),
        (["--to", "csv", "--match", "ID"], "add --roster FILE"),
        pytest.param(
            ["--to", "csv", "--feedback"], "omit --feedback", id="arguments3-leave --feedback"
        ),
        (["--to", "csv", "--absent", "minus"], "zero or blank"),
        (["--to", "csv", "--separator", "pipe"], "comma, semicolon, tab"),
        (["--to", "csv", "--column", "toy=x"], "for Canvas and Moodle"),
        (["--to", "csv", "nothing"], "knows no topic 'nothing': it has toy"),
        (["--to", "canvas", "--column", "toy"], "TOPIC=COLUMN"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(
    course: Course, arguments: list[str], said: str
) -> None:
    shown = run(*arguments, "--course", course.root)
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert "Traceback" not in shown.output


def test_the_roster_is_not_written_over(course: Course, canvas: Path) -> None:
    with pytest.raises(AutograderError, match="the roster itself"):
        made(course, to="canvas", roster=canvas, out=canvas)
    assert canvas.read_text(encoding="utf-8") == CANVAS


def test_columns_of_topics(course: Course, canvas: Path) -> None:
    assert named_columns(["a = b=c"]) == {"a": "b=c"}
    with pytest.raises(AutograderError, match="twice"):
        named_columns(["a=b", "a=c"])
    with pytest.raises(AutograderError, match="not exported"):
        made(course, to="canvas", roster=canvas, columns={"other": "x"})
    with course.gradebook() as book:
        book.add_assignment("later")
    topics = {"topics": ["toy", "later"], "columns": {"later": "toy"}}
    with pytest.raises(AutograderError, match="2 topics have the same column"):
        made(course, to="canvas", roster=canvas, **topics)


def test_no_grades_yet(course: Course) -> None:
    shutil.rmtree(course.submitted_dir)
    with course.gradebook() as book:
        for student in PEOPLE:
            book.remove_student(student)
    with pytest.raises(AutograderError, match="There are no grades yet"):
        made(course)


@pytest.mark.slow
def test_nbgraders_own_command(course: Course, canvas: Path) -> None:
    def exported(kind: str, *more: str) -> subprocess.CompletedProcess:
        arguments = [f"--exporter=autograder.exports.{kind}", "--to=out.csv", *more]
        command = [sys.executable, "-m", "nbgrader", "export", *arguments]
        return subprocess.run(command, cwd=course.root, capture_output=True, text=True)

    ran = exported("CsvExporter", "--assignment=['toy']", "--student=['ana','007']")
    assert ran.returncode == 0, ran.stderr
    assert set(table(course.root / "out.csv", "student_id")) == {"ana", "007"}
    ours = made(course, to="canvas", roster=canvas).file.read_bytes()
    ran = exported("CanvasExporter", f"--CanvasExporter.roster={canvas}")
    assert ran.returncode == 0, ran.stderr
    assert (course.root / "out.csv").read_bytes() == ours
    wait_for_a_person(course)
    ran = exported("MoodleExporter", f"--MoodleExporter.roster={put(course.root, MOODLE)}")
    assert ran.returncode == 1
    assert "to grade by hand: explain" in ran.stderr
    assert "--MoodleExporter.provisional=True" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (course.root / "out.csv").read_bytes() == ours


# A format of one's own


@pytest.fixture
def office(tmp_path: Path) -> str:
    """Put the format that the documentation shows next to ours; return a script that sees both."""
    page = (Path(__file__).parents[3] / "docs" / "exports.md").read_text(encoding="utf-8")
    (module,) = [part for part in page.split("```python\n") if part.startswith('"""Who has passed')]
    folder = tmp_path / "formats"
    folder.mkdir()
    (folder / "office.py").write_text(module.partition("```")[0], encoding="utf-8")
    return f"from autograder.exports import formats; formats.__path__.append({str(folder)!r}); "


def script(code: str, *arguments: object, cwd: Path | None = None) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    env = os.environ | {"COLUMNS": "200"}
    ran = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_a_format_is_one_file(course: Course, office: str) -> None:
    command = office + "from autograder.cli import main; main()"
    shown = script(command, "export", "--help")
    assert "csv|office|canvas|moodle" in shown
    assert "a list of who has passed" in " ".join(shown.replace("│", " ").split())
    script(command, "export", "--to", "office", "--course", course.root)
    passed = table(course.root / "exports" / "passed.csv", "student")
    assert {student: line["passed"] for student, line in passed.items()} == {
        **dict.fromkeys(["ana", "bo", "007"], "yes"),
        "away": "no",
    }


@pytest.mark.slow
def test_a_format_is_a_plug_in_of_nbgraders(course: Course, office: str) -> None:
    listed = script(office + "from autograder import exports; print(*dir(exports))").split()
    assert {"CsvExporter", "CanvasExporter", "MoodleExporter", "OfficeExporter"} <= set(listed)
    nbgrader = office + "from nbgrader.apps import NbGraderApp; NbGraderApp.launch_instance()"
    chosen = "--exporter=autograder.exports.OfficeExporter"
    script(nbgrader, "export", chosen, "--to=out.csv", cwd=course.root)
    assert table(course.root / "out.csv", "student")["ana"] == {"student": "ana", "passed": "yes"}


def test_what_is_no_plug_in_is_said() -> None:
    with pytest.raises(ImportError, match="NoExporter"):
        from autograder.exports import NoExporter  # noqa: F401
