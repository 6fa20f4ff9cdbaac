"""Moodle's and Canvas' archives of submissions become the course's pile, and nothing is lost."""

import io
import json
import unicodedata
import zipfile
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.lms.collect import Collected, collect
from autograder.lms.members import people
from autograder.lms.names import Names
from autograder.remarks import texts
from tests.support import toy_course as toy

CLASS = {
    "ana": ("Ana", "Ruiz"),
    "jose": ("José María", "Peña Núñez"),
    "mueller": ("Jörg", "Müller"),
    "li1": ("Wei", "Li"),
    "li2": ("Wei", "Li"),
}
NIGHT = (2027, 3, 1, 23, 58, 0)
Files = dict[str, str | bytes]


@pytest.fixture
def enrolled(course: Course) -> Course:
    with course.gradebook() as gradebook:
        for student, (first, last) in CLASS.items():
            gradebook.add_student(student, first_name=first, last_name=last)
    return course


def pack(path: Path, files: Files, when: tuple[int, ...] = NIGHT) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), content)
    return path


def packed(files: Files) -> bytes:
    raw = io.BytesIO()
    pack(raw, files)
    return raw.getvalue()


def gather(course: Course, files: Files, when: tuple[int, ...] = NIGHT, **options) -> Collected:
    archive = pack(course.root / "archive.zip", files, when)
    return collect(course, toy.TOPIC, archive, people(course, **options), UTC)


def tree(course: Course) -> dict[str, bytes]:
    found = {}
    for top in ("submitted", "downloaded"):
        for path in (course.root / top).rglob("*"):
            if path.is_file():
                found[str(path.relative_to(course.root))] = path.read_bytes()
    return found


def work(course: Course, student: str) -> dict[str, str]:
    folder = course.submitted_dir / student / toy.TOPIC
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_moodle_with_folders(enrolled: Course) -> None:
    nested = packed({"toy/toy.ipynb": "z"})
    done = gather(
        enrolled,
        {
            "Ana Ruiz_101_assignsubmission_file_/toy.ipynb": "a",
            "Ana Ruiz_101_assignsubmission_file_/data/x.csv": "1",
            "Ana Ruiz_101_assignsubmission_onlinetext_/onlinetext.html": "hello",
            "José María Peña Núñez_102_assignsubmission_file/toy.ipynb": "j",
            unicodedata.normalize(
                "NFD", "Müller Jörg_103_assignsubmission_file_/my work.zip"
            ): nested,
        },
    )
    assert done.placed == ["ana", "jose", "mueller"]
    assert not done.unmatched
    ana = work(enrolled, "ana")
    assert set(ana) == {"toy.ipynb", "data/x.csv", "onlinetext.html", "timestamp.txt"}
    assert (enrolled.submitted_dir / "mueller" / "toy" / "my work.zip").read_bytes() == nested


def test_moodle_without_folders_and_its_times(enrolled: Course) -> None:
    files = {"Ana Ruiz_101_assignsubmission_file_toy (1).ipynb": "a"}
    archive = pack(enrolled.root / "archive.zip", files)
    collect(enrolled, toy.TOPIC, archive, people(enrolled), ZoneInfo("Europe/Berlin"))
    stamp = "2027-03-01 22:58:00 UTC\n"
    assert work(enrolled, "ana") == {"toy (1).ipynb": "a", "timestamp.txt": stamp}


def test_canvas_with_attempts_and_late_marks(enrolled: Course) -> None:
    done = gather(
        enrolled,
        {
            "ruizana_LATE_7001_90002_toy-2.ipynb": "second",
            "ruizana_LATE_7001_90001_toy-1.ipynb": "first",
            "ruizana_LATE_7001_90003_data-2024.csv": "1",
            "ruizana_LATE_7001_90004_helper-1.py": "2",
            "penanunezjosemaria_7002_90005_toy.ipynb": "j",
        },
    )
    assert (done.placed, done.late) == (["ana", "jose"], ["ana"])
    files = {"toy.ipynb": "second", "data-2024.csv": "1", "helper.py": "2"}
    assert work(enrolled, "ana") == files
    kept = enrolled.root / "downloaded/toy/kept/ana/earlier/90001_toy.ipynb"
    assert kept.read_text() == "first"
    assert str(kept) in done.kept["ana"]


def test_again_changes_nothing(enrolled: Course) -> None:
    files: Files = {
        "ruizana_7001_90002_toy-2.ipynb": "second",
        "ruizana_7001_90001_toy-1.ipynb": "first",
        "zzz_1_2_toy.ipynb": "z",
        "readme.txt": "hello",
    }
    first, before = gather(enrolled, files), tree(enrolled)
    second = gather(enrolled, files)
    assert (first.placed, second.placed, second.unchanged) == (["ana"], [], ["ana"])
    assert tree(enrolled) == before


def test_a_later_archive_replaces_and_an_earlier_one_does_not(enrolled: Course) -> None:
    old: Files = {"ruizana_7001_90001_toy.ipynb": "old"}
    new: Files = {"ruizana_7001_90009_toy-1.ipynb": "new"}
    gather(enrolled, old)
    assert "the earlier submission is in" in gather(enrolled, new).kept["ana"]
    assert work(enrolled, "ana") == {"toy.ipynb": "new"}
    kept = list((enrolled.root / "downloaded/toy/kept/ana").rglob("toy.ipynb"))
    assert [path.read_text() for path in kept] == ["old"]
    assert gather(enrolled, old).unchanged == ["ana"]
    assert work(enrolled, "ana") == {"toy.ipynb": "new"}
    # The first state again, as a new upload, counts.
    gather(enrolled, {"ruizana_7001_90010_toy-2.ipynb": "old"})
    assert work(enrolled, "ana") == {"toy.ipynb": "old"}


def test_what_came_another_way_and_later_stays(enrolled: Course) -> None:
    path = toy.hand_in(enrolled.submitted_dir, "ana", "by the exchange")
    path.with_name("timestamp.txt").write_text("2027-03-09 12:00:00 UTC")
    done = gather(enrolled, {"Ana Ruiz_101_assignsubmission_file_/toy.ipynb": "a"})
    assert work(enrolled, "ana")["toy.ipynb"] == "by the exchange"
    kept = list((enrolled.root / "downloaded/toy/kept/ana").rglob("toy.ipynb"))
    assert [path.read_text() for path in kept] == ["a"]
    assert "a later submission is there" in done.kept["ana"]


def test_who_is_nobody_is_named_and_kept(enrolled: Course) -> None:
    done = gather(
        enrolled,
        {
            "Wei Li_104_assignsubmission_file_/toy.ipynb": "which?",
            "Participant_105_assignsubmission_file_/toy.ipynb": "who?",
            "Jorg Muller_106_assignsubmission_file_/toy.ipynb": "m",
        },
    )
    assert "li1 and li2 both have this name" in done.unmatched["Wei Li_104"]
    assert "grading worksheet" in done.unmatched["Participant_105"]
    folder = enrolled.root / "downloaded/toy/unmatched"
    assert (folder / "Wei Li_104/toy.ipynb").read_text() == "which?"
    assert done.placed == ["mueller"]


def test_two_people_of_the_archive_are_never_one_student(enrolled: Course) -> None:
    files = {
        "Ana Ruiz_101_assignsubmission_file_/toy.ipynb": "a",
        "Ruiz Ana_109_assignsubmission_file_/toy.ipynb": "b",
    }
    done = gather(enrolled, files)
    assert work(enrolled, "ana")["toy.ipynb"] == "a"
    assert "as Ana Ruiz_101 does" in done.unmatched["Ruiz Ana_109"]


def test_a_roster_knows_numbers_and_who_is_not_enrolled(enrolled: Course) -> None:
    canvas = enrolled.root / "canvas.csv"
    canvas.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\n"
        '"Li, Wei",7004,,li1,A\n"Li, Wei",7005,,li2,A\n"New, Nina",7006,,nina,A\n',
        encoding="utf-8-sig",
    )
    files: Files = {
        "liwei_7004_1_toy.ipynb": "one",
        "liwei_7005_2_toy.ipynb": "two",
        "newnina_7006_3_toy.ipynb": "new",
    }
    done = gather(enrolled, files, roster=canvas)
    assert work(enrolled, "li1") == {"toy.ipynb": "one"}
    assert work(enrolled, "li2") == {"toy.ipynb": "two"}
    assert "line 4 of the roster lists them" in done.unmatched["newnina_7006"]
    with enrolled.gradebook() as gradebook:
        gradebook.add_student("nina")
    assert gather(enrolled, files, roster=canvas).placed == ["nina"]
    assert not (enrolled.root / "downloaded/toy/unmatched/newnina_7006").exists()


def test_moodles_worksheet_knows_participants(enrolled: Course) -> None:
    sheet = enrolled.root / "worksheet.csv"
    sheet.write_text(
        "Identifier,Full name,Email address\nTeilnehmer/in 105,Somebody,ana@uni.example\n"
    )
    done = gather(enrolled, {"Teilnehmer_105_assignsubmission_file_/toy.ipynb": "a"}, roster=sheet)
    assert done.placed == ["ana"]


def test_names_of_every_encoding(enrolled: Course) -> None:
    name = "Jörg Müller_103_assignsubmission_file_/Übung.ipynb"
    for encoding in ("cp437", "utf-8"):
        archive = enrolled.root / "archive.zip"
        plain = "".join(chr(b) if b < 128 else "~" for b in name.encode(encoding))
        pack(archive, {plain: encoding})
        raw = archive.read_bytes().replace(plain.encode(), name.encode(encoding))
        archive.write_bytes(raw)
        done = collect(enrolled, toy.TOPIC, archive, people(enrolled), UTC)
        assert done.placed == ["mueller"]
        assert work(enrolled, "mueller")["Übung.ipynb"] == encoding


def test_what_leads_out_is_left(enrolled: Course) -> None:
    done = gather(
        enrolled,
        {
            "Ana Ruiz_101_assignsubmission_file_/../../../x.ipynb": "a",
            "Ana Ruiz_101_assignsubmission_file_/timestamp.txt": "1999-01-01",
            "Ana Ruiz_101_assignsubmission_file_/toy.ipynb": "a",
        },
    )
    assert any("x.ipynb" in text for text in done.remarks)
    assert not list(enrolled.root.parent.rglob("x.ipynb"))
    assert work(enrolled, "ana")["timestamp.txt"].startswith("2027-03-01")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut"])
def test_what_is_no_archive(enrolled: Course, content: bytes) -> None:
    path = enrolled.root / "archive.zip"
    path.write_bytes(content)
    with pytest.raises(AutograderError, match="download it again"):
        collect(enrolled, toy.TOPIC, path, people(enrolled), UTC)


def test_an_archive_of_another_kind(enrolled: Course) -> None:
    with pytest.raises(AutograderError, match="named_regexp"):
        gather(enrolled, {"notes.txt": "x"})


def test_a_course_without_students(course: Course) -> None:
    with pytest.raises(AutograderError, match="enrol them first"):
        people(course)


def test_nbgraders_own_pattern_comes_first(enrolled: Course) -> None:
    enrolled.config.FileNameCollectorPlugin.named_regexp = (
        r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    )
    found = Names(enrolled.config, toy.TOPIC).read("ps1_ana_attempt_2027-01-30-15-00-10_toy.ipynb")
    assert (found.who, str(found.path), found.time.minute) == ("ana", "toy.ipynb", 0)
    assert gather(enrolled, {"ps1_ana_attempt_2027-01-30-15-00-10_toy.ipynb": "a"}).placed == [
        "ana"
    ]


def test_the_command_collects_and_grading_takes_it_from_there(enrolled: Course) -> None:
    text = json.dumps(toy.solved(enrolled, toy.RIGHT))
    archive = pack(
        enrolled.root / "archive.zip",
        {
            "Ana Ruiz_101_assignsubmission_file_/a.zip": packed({"work/toy.ipynb": text}),
            "Nobody_9_assignsubmission_file_/toy.ipynb": text,
        },
    )
    out = enrolled.root / "out.json"
    command = ["collect", "toy", str(archive), "--course", str(enrolled.root), "--json", str(out)]
    ran = CliRunner().invoke(cli.app, command)
    assert ran.exit_code == 1
    assert "Nobody_9 matches no student" in ran.output
    assert "read as UTC" in ran.output
    assert json.loads(out.read_text())["placed"] == ["ana"]
    run = toy.canned(enrolled)
    assert run.submissions["ana"].score == 6.0
    assert "toy.ipynb was taken from a.zip: work/toy.ipynb" in texts(run.submissions["ana"].remarks)
