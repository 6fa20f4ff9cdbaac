"""Any submission is taken in as one clean copy, in linear time."""

import contextlib
import errno
import os
import shutil
import socket
from collections import Counter
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.exports import records
from autograder.feedback.pages import make_page
from autograder.grading.nbgrader_autograde import ClassConverter
from autograder.grading.recorder import Recorder
from autograder.grading.scratch import scratch_folder
from autograder.remarks import Kind, texts
from autograder.removal import remove
from autograder.similarity.classes import of_class
from autograder.submissions import copying, instructors_files, intake, layout, reading
from autograder.submissions.clean_copy import Caps, Disturbed, Taken, Why
from autograder.submissions.layout import HandedIn
from tests.support import toy_course as toy

SMALL = Caps(file_bytes=1_000, total_bytes=5_000, notebook_bytes=2_000, files=50)


@pytest.fixture
def work(tmp_path: Path):
    """Return a student's folder that may be filled with anything."""
    folder = tmp_path / "pile" / "ana" / toy.TOPIC
    folder.mkdir(parents=True)
    (folder / "toy.ipynb").write_text("{}")
    yield folder
    remove(tmp_path / "pile")


def take(folder: Path, caps: Caps = SMALL) -> Taken:
    target = folder.parents[2] / f"copy-{len(list(folder.parents[2].iterdir()))}"
    return layout.take(HandedIn("ana", toy.TOPIC, folder), target, caps)


def whys(taken: Taken) -> dict[str, Why]:
    return {name: left.why for name, left in taken.left_out.items()}


def nest(folder: Path, name: str, depth: int) -> None:
    """Put folders into each other, deeper than a path may be long."""
    with contextlib.chdir(folder):
        for _ in range(depth):
            Path(name).mkdir()
            os.chdir(name)
        Path("end.txt").write_text("x")


@pytest.mark.parametrize(("name", "depth"), [("a", 1_800), ("b" * 255, 40), ("a", 10_000)])
def test_folders_in_folders(work: Path, name: str, depth: int) -> None:
    nest(work, name, depth)
    taken = take(work)
    assert set(taken.files) == {"toy.ipynb"}
    assert list(whys(taken).values()) == [Why.DEEP]


def test_what_is_no_file_is_neither_waited_for_nor_read(work: Path) -> None:
    for name in ("timestamp.txt", "data.csv", "other.ipynb"):
        os.mkfifo(work / name)
    with contextlib.chdir(work), socket.socket(socket.AF_UNIX) as ear:
        ear.bind("ear")
    (work / "zero").symlink_to("/dev/zero")
    taken = take(work)
    assert set(taken.files) == {"toy.ipynb"}
    odd = dict.fromkeys(("timestamp.txt", "data.csv", "other.ipynb", "ear"), Why.NO_FILE)
    assert whys(taken) == {**odd, "zero": Why.OUTSIDE}


def test_a_device_is_not_opened(work: Path) -> None:
    try:
        os.mknod(work / "device", 0o20666, os.makedev(1, 5))
    except OSError:
        pytest.skip("only root can make a device")
    assert whys(take(work)) == {"device": Why.NO_FILE}


def test_links_are_followed_within_the_copy_alone(work: Path) -> None:
    (work / "real").mkdir()
    (work / "real" / "data.csv").write_text("1")
    links = {
        "data.csv": ("real/data.csv", None),
        "twice": ("data.csv", None),
        "real/up": ("../toy.ipynb", None),
        "folder": ("real", Why.NO_FILE),
        "through": ("folder/data.csv", Why.NO_FILE),
        "nowhere": ("nothing", Why.NO_FILE),
        "out": ("../../secret", Why.OUTSIDE),
        "far": ("real/../../../secret", Why.OUTSIDE),
        "whole": (str(work / "toy.ipynb"), Why.OUTSIDE),
        "loop": ("loop", Why.LOOP),
        "ping": ("pong", Why.LOOP),
        "pong": ("ping", Why.LOOP),
    }
    for name, (goal, _) in links.items():
        (work / name).symlink_to(goal)
    taken = take(work)
    assert whys(taken) == {name: why for name, (_, why) in links.items() if why}
    assert (taken.folder / "twice").read_text() == "1"
    assert not [path for path in taken.folder.rglob("*") if path.is_symlink()]


def test_a_python_environment_is_left_out_whole(work: Path) -> None:
    (work / "venv" / "bin").mkdir(parents=True)
    (work / "venv" / "pyvenv.cfg").touch()
    (work / "venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    taken = take(work)
    assert whys(taken) == {"venv": Why.ENVIRONMENT}
    assert {remark.kind for remark in layout.remarks(taken.left_out)} == {Kind.OTHER}


def test_caps_on_number_and_size(work: Path) -> None:
    (work / "timestamp.txt").write_text("t" * 900)
    for number in range(60):
        (work / f"{number:02}").touch()
    for name in ("aa", "bb", "cc", "dd", "ee", "ff"):
        (work / name).write_bytes(bytes(990))
    with (work / "01").open("wb") as file:
        file.truncate(1 << 40)
    with (work / "other.ipynb").open("wb") as file:
        file.truncate(2_001)
    taken = take(work)
    assert list(taken.files)[:2] == ["toy.ipynb", "timestamp.txt"]
    assert len(taken.files) == 2 + 48
    assert whys(taken)["01"] is whys(taken)["other.ipynb"] is Why.LARGE
    assert whys(taken)["aa"] is Why.MANY
    said = layout.remarks(taken.left_out)
    assert len(said) == 6
    assert "49 is beyond the first 50 files: it was left out" in texts(said)
    (large,) = [text for text in texts(layout.remarks(take(work, SMALL).left_out)) if "01" in text]
    assert "is larger than 1000 bytes" in large


def test_all_files_together_have_a_cap(work: Path) -> None:
    for name in "abcdefg":
        (work / name).write_bytes(bytes(900))
    assert whys(take(work)) == {"f": Why.FULL, "g": Why.FULL}


def test_a_receipt_of_a_gigabyte_is_left_out(work: Path) -> None:
    with (work / "timestamp.txt").open("wb") as file:
        file.truncate(1 << 30)
    assert whys(take(work, Caps.usual())) == {"timestamp.txt": Why.LARGE}


def test_names_as_they_can_be(work: Path) -> None:
    names = [b"caf\xe9.txt", b"two\nlines", b"\x1b[2J", "\u202egpj.exe".encode(), b"n" * 255]
    for name in names:
        (work / os.fsdecode(name)).write_text("x")
        os.mkfifo(work / os.fsdecode(b"p" + name[:254]))
    taken = take(work)
    assert {os.fsencode(name) for name in taken.files} == {b"toy.ipynb", *names}
    for remark in texts(layout.remarks(taken.left_out)):
        assert remark.isprintable()
        assert len(remark) < 200


@pytest.mark.parametrize("change", ["grow", "shrink", "vanish"])
def test_files_that_change_while_they_are_read(work: Path, monkeypatch, change: str) -> None:
    path, really, done = work / "data", os.read, []
    path.write_bytes(bytes(600))

    def read(opened: int, most: int) -> bytes:
        if os.fstat(opened).st_size == 600 and not done:
            done.append(change)
            if change == "vanish":
                path.unlink()
            else:
                os.truncate(path, 10**9 if change == "grow" else 10)
        return really(opened, most)

    monkeypatch.setattr(os, "read", read)
    taken = take(work)
    assert done
    assert taken.files.get("data") == {"grow": None, "shrink": 10, "vanish": 600}[change]
    if change == "grow":
        assert whys(taken) == {"data": Why.LARGE}
        assert not (taken.folder / "data").exists()
    if change == "shrink":
        assert taken.digest is None


def test_a_link_put_in_place_of_a_folder_is_not_followed(work: Path, monkeypatch) -> None:
    (work / "data").mkdir()
    (work.parents[1] / "secret").mkdir()
    (work.parents[1] / "secret" / "tests.py").touch()
    really = os.open

    def swapped(path, flags, *args, **more):
        if path == "data":
            (work / "data").rmdir()
            (work / "data").symlink_to("../../secret")
        return really(path, flags, *args, **more)

    monkeypatch.setattr(os, "open", swapped)
    assert set(take(work).files) == {"toy.ipynb"}


def test_what_cannot_be_written_here_is_no_fault_of_the_submission(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    really = Path.open

    def full(path: Path, mode: str = "r", *args, **more):
        if mode == "xb":
            raise OSError(28, "No space left on device")
        return really(path, mode, *args, **more)

    monkeypatch.setattr(Path, "open", full)
    outcome = toy.canned(course).submissions["ana"]
    assert not outcome.graded
    assert "No space left on device" in outcome.remarks[0].text


def test_copying_takes_minutes_at_most(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_LONGEST_S", -1.0)
    with pytest.raises(Disturbed, match="could not be read within"):
        take(work)


def test_the_digest_is_that_of_what_was_taken(work: Path) -> None:
    first = take(work).digest
    assert first == take(work).digest
    (work / "data").write_text("1")
    second = take(work).digest
    (work / "data").write_text("2")
    os.mkfifo(work / "pipe")
    assert len({first, second, take(work).digest}) == 3


def _counting(calls: Counter, name: str):
    really = getattr(os, name)

    def count(*args, **more):
        calls[name] += 1
        return really(*args, **more)

    return count


def counted(monkeypatch: pytest.MonkeyPatch, action) -> Counter:
    """Return how often an action asks the system something."""
    calls: Counter = Counter()
    with monkeypatch.context() as patch:
        for name in ("open", "stat", "lstat", "scandir", "listdir", "read"):
            patch.setattr(os, name, _counting(calls, name))
        action()
    return calls


@pytest.mark.parametrize("what", ["take", "page's files"])
def test_the_work_grows_with_the_number_of_files_and_not_its_square(
    work: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    steps = []
    for number in (100, 200, 300):
        for name in range(number):
            (work / f"{name}.py").touch()
        if what == "take":
            calls = counted(monkeypatch, lambda: take(work, Caps.usual(["*.pyc", "__pycache__"])))
        else:
            calls = counted(
                monkeypatch, lambda: instructors_files.next_to(work, ["*.pyc", "__pycache__"])
            )
        assert calls["scandir"] == 1
        steps.append(calls.total())
    assert steps[2] - steps[1] == steps[1] - steps[0] <= 600


# The folder itself, and the class.


def odd_folder(kind: str, student: Path, topic: str) -> None:
    folder = student / topic
    if kind == "link":
        folder.symlink_to(student.parent / "ana" / topic)
    elif kind == "loop":
        folder.symlink_to(topic)
    elif kind == "file":
        folder.write_text("x")
    elif kind == "pipe":
        os.mkfifo(folder)
    else:
        student.rmdir()
        student.symlink_to(student.parent / "ana")


@pytest.mark.parametrize("kind", ["link", "loop", "file", "pipe", "student"])
def test_a_folder_that_is_none_costs_only_its_owner(course: Course, kind: str) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    (course.submitted_dir / "mal").mkdir()
    odd_folder(kind, course.submitted_dir / "mal", toy.TOPIC)
    outcomes = toy.canned(course).submissions
    assert outcomes["ana"].score == 6.0
    assert outcomes["mal"].score == 0.0
    assert outcomes["mal"].remarks[0].text.startswith("scored 0: ")
    assert toy.canned(course, engine=toy.CannedEngine("1")).submissions["mal"].score == 0.0
    assert set(records.hand_in_times(course, toy.TOPIC)) == {"ana", "mal"}
    assert list(of_class(course, toy.TOPIC).remarks) == ["mal"]


def test_another_folder_of_the_same_student_may_be_meant(course: Course) -> None:
    path = toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    path.parent.rename(path.parent.with_name("toy-final"))
    path.parent.symlink_to("toy-final")
    assert toy.canned(course).submissions["ana"].score == 6.0


@pytest.mark.parametrize("error", [RecursionError, MemoryError, OSError, KeyError])
@pytest.mark.parametrize("place", ["take", "prepare", "fault"])
def test_any_error_costs_only_the_submission_it_happens_in(
    course: Course, monkeypatch: pytest.MonkeyPatch, error: type[Exception], place: str
) -> None:
    for student in ("ana", "bad", "cy"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    owner = {"take": layout, "prepare": ClassConverter, "fault": reading}[place]
    really, count = getattr(owner, place), Counter()

    def failing(*args, **more):
        count["calls"] += 1
        if count["calls"] == 2:
            raise error("too much")
        return really(*args, **more)

    monkeypatch.setattr(owner, place, failing)
    outcomes = toy.canned(course).submissions
    assert [outcomes[s].score for s in ("ana", "bad", "cy")] == [6.0, 0.0, 6.0]
    assert "too much" in outcomes["bad"].remarks[0].text or error is KeyError


def test_the_clock_of_a_submission_is_read_without_waiting(course: Course) -> None:
    """Grading, exports, similarity and pages meet a pipe each."""
    for student in ("ana", "bo"):
        path = toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
        os.mkfifo(path.with_name("timestamp.txt"))
        os.mkfifo(path.with_name("second.ipynb"))
    assert {o.score for o in toy.canned(course).submissions.values()} == {6.0}
    assert records.hand_in_times(course, toy.TOPIC) == {"ana": None, "bo": None}
    assert of_class(course, toy.TOPIC).remarks == {}
    assert make_page(course, toy.TOPIC, "ana").is_file()


def test_nothing_of_a_submission_stays_in_the_scratch_folder(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "bad", "{")
    found = []
    really = Recorder.close

    def close(self: Recorder, *args):
        outcome = really(self, *args)
        found.append(
            sorted(path.name for path in self.context.scratch.rglob("*") if path.is_file())
        )
        return outcome

    monkeypatch.setattr(Recorder, "close", close)
    toy.canned(course, engine=toy.CannedEngine("1"))
    toy.canned(course, engine=toy.CannedEngine("1"))
    assert len(found) == 4
    assert found[-1] == ["in-use"]


# Removal.


def test_whatever_is_there_can_be_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (top / ".1").mkdir()
    nest(top, "a", 3_000)
    nest(top / ".1", "b" * 255, 40)
    os.mkfifo(top / "pipe")
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (top / "link").symlink_to(kept)
    closed = top / "closed"
    closed.mkdir()
    (closed / "file").touch()
    closed.chmod(0)
    remove(top)
    assert not top.exists()
    assert (kept / "file").exists()
    remove(top)
    (tmp_path / "link").symlink_to(kept)
    remove(tmp_path / "link")
    assert list(tmp_path.iterdir()) == [kept]


def test_what_cannot_be_removed_is_said_or_passed_over(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "file").touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        remove(tmp_path, ignore_errors=True)
        with pytest.raises(PermissionError):
            remove(tmp_path)
    assert (tmp_path / "file").exists()


def test_a_scratch_folder_goes_however_deep_it_is() -> None:
    with scratch_folder() as folder:
        (folder / "work").mkdir()
        nest(folder / "work", "a", 1_800)
    assert not folder.exists()


def test_a_target_that_is_there_already_is_a_fault_here(work: Path) -> None:
    shutil.copytree(work, work.parents[2] / "there")
    with pytest.raises(Disturbed):
        layout.take(HandedIn("ana", toy.TOPIC, work), work.parents[2] / "there", SMALL)


@pytest.mark.parametrize("number", [errno.ENFILE, errno.ENOMEM])
def test_a_machine_that_cannot_read_leaves_no_file_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fails(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    (tmp_path / "own").mkdir()
    (tmp_path / "own/data.csv").write_text("1,2\n")
    source = os.open(tmp_path / "own", os.O_RDONLY)
    monkeypatch.setattr(intake, "open_folder", fails)
    with pytest.raises(Disturbed, match=os.strerror(number)):
        intake.take(source, tmp_path / "copy", Caps.usual())
    os.close(source)
