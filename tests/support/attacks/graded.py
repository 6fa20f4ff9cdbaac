"""Grade the whole class of attackers, and take down what is there before and after."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import sqlite3
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console

from autograder.course import Course
from autograder.exam.limits import MIB, Limits
from autograder.feedback.pages import feedback_and_show
from autograder.gradebook.records import Submission
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.grade import grade
from autograder.removal import remove
from tests.support import wait_for
from tests.support.attacks import lab
from tests.support.attacks.lab import Attack, Ears
from tests.support.proctors import stop_all

# Small, so that what never ends is soon over; a exam pool's default is larger.
LIMITS = Limits(
    cell_s=5.0,
    call_s=2.0,
    submission_s=60.0,
    memory_bytes=1024 * MIB,
    scratch_bytes=16 * MIB,
    file_bytes=16 * MIB,
    output_bytes=300_000,
)
HONEST = {
    "full": ("toy", "all"),
    "half": ("toy", ["honest", "pictures"]),
    "values": ("toy-values", "all"),
}
_SUBREAPER = 36


@dataclass
class Class:
    """The result of grading the attackers and the honest students together.

    ``alone`` holds the honest students' outcomes when nobody else was graded, ``traces`` what was
    left behind, ``pages`` everybody's page, by topic.
    """

    course: Course
    attacks: list[Attack]
    outcomes: dict[str, Submission] = field(default_factory=dict)
    alone: dict[str, Submission] = field(default_factory=dict)
    traces: list[str] = field(default_factory=list)
    pages: dict[str, dict[str, str]] = field(default_factory=dict)

    def points(self, student: str) -> dict[str, float]:
        """Return a student's points by test."""
        return {name: test.score for name, test in self.outcomes[student].tests.items()}

    def printed(self, student: str, topic: str) -> str:
        """Return the outputs of all cells of the graded notebook, and its other files' contents."""
        folder = self.course.autograded_dir / student / topic
        found = []
        for path in sorted(folder.rglob("*")):
            if path.name == f"{topic}.ipynb":
                cells = nbformat.read(path, as_version=4).cells
                found += [json.dumps(c.get("outputs", []), ensure_ascii=False) for c in cells]
            elif path.is_file():
                found.append(path.read_text("utf-8", errors="replace"))
        return "\n".join(found)


def grade_class(root: Path, attacks: list[Attack], jobs: int = 2) -> Class:
    """Grade attackers and honest students in a new course under ``root``."""
    course = lab.make_course(root / "course")
    mark = f"attack-{uuid.uuid4().hex[:8]}"
    ears = Ears(root, mark)
    graded = Class(course, attacks)
    _set_subreaper(True)
    before = Surroundings(course)
    os.environ["GRADER_TOKEN"] = lab.TOKEN
    engine = ExamEngine(LIMITS)
    try:
        _hand_in_honest(course)
        graded.alone = _grade(course, engine, jobs, ("toy", "toy-values"))
        for attack in attacks:
            lab.hand_in_attack(course, attack, lab.marks_of(course, ears, mark))
        submitted = _hashes(course.submitted_dir)
        topics = tuple(sorted({attack.topic for attack in attacks} | {"toy", "toy-values"}))
        graded.outcomes = _grade(course, engine, jobs, topics)
        engine.stop()
        stop_all()  # also those that other tests have kept
        with suppress(AssertionError):  # what is left for good is named below
            wait_for(lambda: _descendants() <= before.children, "a process is left")
        if _hashes(course.submitted_dir) != submitted:
            graded.traces.append("a submission was changed")
        graded.traces += before.changes(mark)
        if ears.heard():
            graded.traces.append("a socket of the grader's was reached")
        graded.pages = feedback_and_show(course, topics, Console(quiet=True))
    finally:
        engine.stop()
        stop_all()
        del os.environ["GRADER_TOKEN"]
        _set_subreaper(False)
        ears.close()
        for attack in attacks:  # some that pytest could not remove
            remove(course.submitted_dir / attack.name)
    return graded


def _hand_in_honest(course: Course) -> None:
    for student, (topic, tasks) in HONEST.items():
        lab.hand_in(course, student, topic, lab.solved(course, topic, tasks))


def _grade(
    course: Course, engine: ExamEngine, jobs: int, topics: tuple[str, ...]
) -> dict[str, Submission]:
    runs = grade(course, topics, jobs=jobs, engine=engine, force=True)
    return {name: outcome for run in runs for name, outcome in run.submissions.items()}


def _set_subreaper(on: bool) -> None:
    """Let all orphans of what we start come to us, so that they can be found."""
    ctypes.CDLL(None).prctl(_SUBREAPER, int(on), 0, 0, 0)


class Surroundings:
    """What must be the same afterwards."""

    places = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", "~", ".")

    def __init__(self, course: Course) -> None:
        self.course = course
        self.files = _hashes(course.root, skip=("autograded", "submitted", "gradebook.db"))
        self.tests = _tests_in_gradebook(course)
        self.children = _descendants()

    def changes(self, mark: str) -> list[str]:
        """Return what is not as it was."""
        found = []
        after = _hashes(self.course.root, skip=("autograded", "submitted", "gradebook.db"))
        if after != self.files:
            changed = {*after.items()} ^ {*self.files.items()}
            found.append(f"the course's files were changed: {sorted(n for n, _ in changed)}")
        if _tests_in_gradebook(self.course) != self.tests:
            found.append("the gradebook's tests were changed")
        if given := _points_by_hand(self.course):
            found.append(f"the gradebook holds points that no person gave: {given}")
        if left := _descendants() - self.children:
            found.append(f"processes are left: {[_command(pid) for pid in left]}")
        for place in self.places:
            marked = [str(path) for path in Path(place).expanduser().glob(f"*{mark}*")]
            found += [f"{path} was left" for path in marked]
        if f"@{mark}\n" in Path("/proc/net/unix").read_text():
            found.append("a server listens on an abstract Unix socket")
        return found


def _hashes(root: Path, skip: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a digest of every file, link and folder below ``root``, as deep as a path may be."""
    found, waiting = {}, [root]
    while waiting:
        with suppress(OSError):  # its path is too long
            for path in sorted(waiting.pop().iterdir()):
                name = path.relative_to(root).as_posix()
                if name.split("/")[0] not in skip:
                    found[name] = _digest(path)
                    if path.is_dir() and not path.is_symlink():
                        waiting.append(path)
    return found


def _digest(path: Path) -> str:
    about = path.lstat()
    if path.is_symlink():
        return str(path.readlink())
    if not path.is_file() or about.st_size > 1 << 30:
        return f"{about.st_mode} {about.st_size} {about.st_rdev}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _rows(course: Course, query: str) -> list[Any]:
    base = sqlite3.connect(course.root / "gradebook.db")
    try:
        return base.execute(query).fetchall()
    finally:
        base.close()


def _tests_in_gradebook(course: Course) -> list[Any]:
    cells = _rows(course, "select name, source, checksum, locked from source_cell order by id")
    return cells + _rows(course, "select max_score, cell_type from grade_cells order by id")


def _points_by_hand(course: Course) -> list[Any]:
    return _rows(course, "select * from grade where manual_score is not null or extra_credit > 0")


def _descendants() -> set[int]:
    """Return the living processes below this one."""
    found, waiting = set(), [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += (new := set(map(int, (task / "children").read_text().split())))
                found |= new
        except OSError:
            continue
    return found


def _command(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        return f"{pid} {command.decode(errors='replace')}"
    except OSError:
        return f"{pid} (gone)"
