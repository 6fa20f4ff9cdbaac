"""A list of students gets into the gradebook in any form that a spreadsheet gives it."""

import unicodedata
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.course.enrol import enrol
from autograder.errors import AutograderError

HEADS = "id,first_name,last_name,email"
CLASS = f"{HEADS}\nana,Ana,Ruiz,ana@uni.edu\nmüller,Jörg,Müller,\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    return Course.find(root=root)


def people(course: Course) -> dict[str, tuple]:
    with course.gradebook() as gradebook:
        return {s.id: (s.first_name, s.last_name, s.email) for s in gradebook.students}


@pytest.mark.parametrize(
    "content",
    [
        CLASS.encode(),
        CLASS.encode("utf-8-sig"),
        CLASS.encode("utf-16"),
        CLASS.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        unicodedata.normalize("NFD", CLASS).encode(),
    ],
    ids=["utf-8", "byte-order mark", "utf-16", "semicolons", "decomposed"],
)
def test_what_spreadsheets_save(course: Course, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "students.csv"
    file.write_bytes(content)
    done = enrol(course, file)
    assert sorted([*done.added, *done.known]) == ["ana", "müller"]
    found = people(course)
    assert set(found) == {"ana", "müller"}
    assert found["ana"] == ("Ana", "Ruiz", "ana@uni.edu")


def test_who_is_known_keeps_what_the_file_leaves_out(course: Course, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text("username\nana\nnoor\n", encoding="utf-8")
    enrol(course, file)
    assert people(course)["ana"] == ("Ana", "Ruiz", "ana@uni.edu")
    assert "noor" in people(course)


def test_another_column_can_be_named(course: Course, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text("id,Matrikel\n1,m-17\n", encoding="utf-8")
    enrol(course, file, "Matrikel")
    assert "m-17" in people(course)
    assert "1" not in people(course)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADS}\nbo,Bo,Li,\nbo,Bo,Li,\n", "bo twice, in lines 2 and 3"),
        ("colour,size\nred,2\n", "--match COLUMN, one of colour, size"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    course: Course, tmp_path: Path, text: str, said: str
) -> None:
    before = people(course)
    file = tmp_path / "students.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(AutograderError, match=said):
        enrol(course, file)
    assert people(course) == before
