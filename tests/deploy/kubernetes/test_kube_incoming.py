"""Which submissions the grader moves from the students' folders, and which it leaves."""

import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from nnkit_incoming import MOST, Gatherer

TOPIC = "05-toy"


def stamp(ago: timedelta = timedelta()) -> str:
    return f"{datetime.now(UTC) - ago:%Y-%m-%d %H:%M:%S.%f} UTC"


@pytest.fixture
def course(tmp_path):
    for name in ("incoming/ben", "incoming/cem", "inbound"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def hand_in(course, student="ben", when=None, random="abc"):
    folder = course / "incoming" / student / f"{student}+{TOPIC}+{when or stamp()}+{random}"
    folder.mkdir()
    (folder / f"{TOPIC}.ipynb").write_text("{}")
    return folder


def gather(course, gatherer=None):
    return (gatherer or Gatherer(course, logging.getLogger())).gather()


def test_what_students_handed_in_is_moved_with_all_that_is_in_it(course):
    names = {hand_in(course, student).name for student in ("ben", "cem")}
    assert gather(course) == 2
    assert {path.name for path in (course / "inbound").iterdir()} == names
    assert all((course / "inbound" / name / f"{TOPIC}.ipynb").is_file() for name in names)
    assert gather(course) == 0


def test_what_is_being_copied_is_left_alone(course):
    (course / "incoming/ben/.coming").mkdir()
    hand_in(course, "ben").rename(course / "incoming/ben/.coming/x")
    assert gather(course) == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("notes", "not one that `nbgrader submit` gives"),
        (f"ben+{TOPIC}", "not one that"),
        (f"ben+{TOPIC}+no time+x", "has no time"),
        (f"cem+{TOPIC}+2026-01-01 00:00:00.000000 UTC+x", "claims to be cem's, but was handed in"),
        (f"ben+{TOPIC}+2026-01-01 00:00:00.000000 UTC+x\n", "not one that"),
        (f"+{TOPIC}+2026-01-01 00:00:00.000000 UTC+x", "claims to be 's"),
    ],
)
def test_what_is_no_submission_of_the_student_s_stays_and_is_said_once(course, caplog, name, said):
    (course / "incoming/ben" / name).mkdir()
    gatherer = Gatherer(course, logging.getLogger())
    assert [gather(course, gatherer) for _ in range(2)] == [0, 0]
    assert (course / "incoming/ben" / name).exists()
    assert [said in message for message in caplog.messages] == [True]


def test_a_link_and_a_file_are_left(course, caplog):
    for number, make in enumerate(("symlink_to", "write_text")):
        folder = hand_in(course, random=str(number))
        folder.rename(course / f"elsewhere{number}")
        getattr(folder, make)(str(course / "elsewhere0"))
    (course / "incoming/dia").symlink_to(course / "incoming/ben")
    assert gather(course) == 0
    assert all("it is not a folder" in message for message in caplog.messages)
    assert len(caplog.messages) == 2


def test_what_was_handed_in_is_never_replaced(course, caplog):
    when = stamp()
    hand_in(course, when=when)
    gather(course)
    again = hand_in(course, when=when)
    (again / f"{TOPIC}.ipynb").write_text("better, after the due date")
    assert gather(course) == 0
    assert "was handed in before" in caplog.text
    assert (course / "inbound" / again.name / f"{TOPIC}.ipynb").read_text() == "{}"


def test_a_time_before_the_folder_was_put_there_is_said_and_taken(course, caplog):
    hand_in(course, when=stamp(timedelta(hours=3)))
    hand_in(course, "cem")
    assert gather(course) == 2
    assert caplog.text.count("Look at it") == 1
    assert "says that it is of" in caplog.text


def test_a_flood_of_one_does_not_hold_up_the_others(course):
    for number in range(MOST + 5):
        hand_in(course, random=str(number))
    hand_in(course, "cem")
    assert gather(course) == MOST + 1
    assert gather(course) == 5


def test_a_volume_that_is_gone_is_said_and_tried_again(course, caplog, monkeypatch):
    folder = hand_in(course)

    def fails(*_):
        raise OSError(116, "Stale file handle")

    with monkeypatch.context() as broken:
        broken.setattr("nnkit_incoming.Path.rename", fails)
        assert gather(course) == 0
    assert "cannot be taken (Stale file handle); it stays where it is" in caplog.text
    assert folder.exists()
    with monkeypatch.context() as broken:
        broken.setattr("nnkit_incoming.os.scandir", fails)
        assert gather(course) == 0
    assert "is the volume there?" in caplog.text
    assert gather(course) == 1


def test_a_course_that_is_not_prepared_is_said(course, caplog):
    folder = hand_in(course)
    (course / "inbound").rmdir()
    assert gather(course) == 0
    assert "inbound is not there: start the grader's pod again" in caplog.text
    assert folder.exists()


def test_half_copies_of_stopped_pods_are_forgotten(tmp_path, monkeypatch):
    import nnkit_pod_exchange

    (tmp_path / "old").mkdir()
    nnkit_pod_exchange._remove_forgotten(tmp_path)
    assert (tmp_path / "old").exists()
    now = time.time()
    monkeypatch.setattr("nnkit_pod_exchange.time.time", lambda: now + 2 * 3600)
    nnkit_pod_exchange._remove_forgotten(tmp_path)
    assert not (tmp_path / "old").exists()
