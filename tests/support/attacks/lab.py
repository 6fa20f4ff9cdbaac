"""The attacks, read from their files, and the class that they hand in.

A file in ``submissions/`` is one student's: its docstring says what it tries and would gain, and
its cells are in the form of the topics' own text:

    # %% top                 a cell before all others
    # %%                     a cell before the first test
    # %% task="unknown"      in place of that task's cell
    # %% last                a cell at the notebook's end

The text above the first cell belongs to the suite: ``EXPECTED`` (points by test; 2 for
``honest`` and 0 for the rest where it is missing), ``TOPIC``, ``HARMS`` (why it must not run
unconfined), ``AT_MOST`` (it may also score less: a notebook whose metadata were forged may be
refused as a whole), ``UNSEEN`` (texts that it must not print), ``forge(notebook)`` and
``hand_in(folder, course_folder)``.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import Course
from autograder.topics.release import release
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse

HOUSE = Path(__file__).parents[3]
HERE = HOUSE / "tests/attacks"
TOPICS = ("toy", "toy-keras", "toy-values", "toy-derived")
# Before which test the cells of an attack stand.
_FIRST = {"toy": "test-honest", "toy-derived": "test-slope"}
# What a hidden test holds, and what it expects: neither may be seen by a candidate.
SECRETS = ("kestrel-5d1c7e90", "8674.6875")
TOKEN = "kestrel-token-41ab"
_HEADER = re.compile(r"^# %%(.*)$", re.MULTILINE)
_TASK = re.compile(r'task="(\w+)"')


@dataclass(frozen=True)
class Attack:
    """One attack; ``cells`` are pairs of header and source."""

    name: str
    about: str
    gain: str
    cells: list[tuple[str, str]]
    settings: dict[str, Any]

    @property
    def topic(self) -> str:
        """The topic that it is handed in for."""
        return self.settings.get("TOPIC", "toy")

    @property
    def harms(self) -> str | None:
        """Why it must not run unconfined, if so."""
        return self.settings.get("HARMS")

    @property
    def unseen(self) -> tuple[str, ...]:
        """What it must not have seen."""
        return (*SECRETS, TOKEN, *self.settings.get("UNSEEN", ()))

    def deserves(self, points: Mapping[str, float]) -> bool:
        """Whether these points, by test, are what its honest part deserves."""
        expected = self.expected(points)
        if self.settings.get("AT_MOST"):
            return all(points[test] <= expected[test] for test in points)
        return dict(points) == expected

    def expected(self, tests: Mapping[str, Any]) -> dict[str, float]:
        """Return the points that its honest part deserves, by test."""
        earned = self.settings.get("EXPECTED", {"honest": 2})
        assert set(earned) <= set(tests), f"{self.name}: EXPECTED names a test that is not there"
        return {test: float(earned.get(test, 0)) for test in tests}


def load() -> list[Attack]:
    """Return all attacks, by name."""
    return [_read(path) for path in sorted((HERE / "submissions").glob("*.py"))]


def _read(path: Path) -> Attack:
    head, *parts = _HEADER.split(path.read_text(encoding="utf-8"))
    settings: dict[str, Any] = {}
    exec(compile(head, str(path), "exec", dont_inherit=True), settings)
    about, gain = settings["__doc__"].split("\n\nGain: ")
    cells = list(zip(map(str.strip, parts[::2]), map(str.strip, parts[1::2]), strict=True))
    return Attack(path.stem, " ".join(about.split()), " ".join(gain.split()), cells, settings)


def make_course(root: Path) -> Course:
    """Release the toy topics in a new course folder."""
    root.mkdir(parents=True)
    shutil.copy(HOUSE / "nbgrader_config.py", root)
    for name in TOPICS:
        (root / "solutions" / name).mkdir(parents=True)
        shutil.copy(HERE / "topics" / f"{name}.py", root / "solutions" / name)
    course = Course.find(root=root)
    release(course, TOPICS)
    return course


def released(course: Course, topic: str) -> NotebookNode:
    """Return the students' notebook."""
    return nbformat.read(course.release_dir / topic / f"{topic}.ipynb", as_version=4)


def solved(course: Course, topic: str, tasks: list[str] | str = "all") -> NotebookNode:
    """Return the notebook of an honest student."""
    source = build_source(parse(course.solutions / topic / f"{topic}.py"))
    return submission(released(course, topic), source, tasks)


def notebook(course: Course, attack: Attack, marks: Mapping[str, str]) -> NotebookNode:
    """Return what the attacker hands in: the honest task solved, and the attack's cells.

    Each ``@NAME@`` in them becomes the value of ``marks``, so that an attacker knows all the
    places that it could know.
    """
    honest = ["honest"] if attack.topic == "toy" else []
    made = solved(course, attack.topic, honest)
    top, early = [], []
    for header, source in attack.cells:
        for mark, value in marks.items():
            source = source.replace(f"@{mark}@", value)
        if task := _TASK.search(header):
            _cell(made, task[1]).source = source
        elif "[markdown]" in header:
            early.append(new_markdown_cell(re.sub(r"^# ?", "", source, flags=re.MULTILINE)))
        elif header == "last":
            made.cells.append(new_code_cell(source))
        elif header == "top":
            top.append(new_code_cell(source))
        else:
            early.append(new_code_cell(source))
    if attack.topic in _FIRST:
        place = made.cells.index(_cell(made, _FIRST[attack.topic]))
        made.cells[place:place] = early
    made.cells[:0] = top
    if "forge" in attack.settings:
        attack.settings["forge"](made)
    text = nbformat.writes(made)
    for mark, value in marks.items():
        text = text.replace(f"@{mark}@", value)
    return nbformat.reads(text, as_version=4)


def _cell(made: NotebookNode, grade_id: str) -> NotebookNode:
    return next(
        cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def hand_in(course: Course, student: str, topic: str, made: NotebookNode) -> Path:
    """Put a notebook where nbgrader looks for submissions; return the folder."""
    folder = course.submitted_dir / student / topic
    folder.mkdir(parents=True)
    nbformat.write(made, folder / f"{topic}.ipynb")
    return folder


def hand_in_attack(course: Course, attack: Attack, marks: Mapping[str, str]) -> None:
    """Hand an attack in, under its own name."""
    folder = hand_in(course, attack.name, attack.topic, notebook(course, attack, marks))
    if "hand_in" in attack.settings:
        attack.settings["hand_in"](folder, course.root)


class Ears:
    """Sockets of this machine that no candidate may reach: TCP, UDP, a file, an abstract name."""

    def __init__(self, folder: Path, mark: str) -> None:
        self.file, self.abstract = folder / "ear", f"{mark}-ear"
        self._ears = [socket.socket(), socket.socket(type=socket.SOCK_DGRAM)]
        self._ears[0].bind(("0.0.0.0", 0))
        self.port = self._ears[0].getsockname()[1]
        self._ears[1].bind(("0.0.0.0", self.port))
        for address in (str(self.file), f"\0{self.abstract}"):
            self._ears.append(socket.socket(socket.AF_UNIX))
            self._ears[-1].bind(address)
        for ear in self._ears:
            ear.setblocking(False)
            if ear.type == socket.SOCK_STREAM:
                ear.listen(64)

    def heard(self) -> int:
        """Return how many reached one of them."""
        count = 0
        for ear in self._ears:
            try:
                ear.accept() if ear.type == socket.SOCK_STREAM else ear.recv(100)
            except BlockingIOError:
                continue
            count += 1
        return count

    def close(self) -> None:
        """Close them all."""
        for ear in self._ears:
            ear.close()


def marks_of(course: Course, ears: Ears, mark: str) -> dict[str, str]:
    """Return what an attacker knows of the grader's machine."""
    return {
        "COURSE": str(course.root),
        "PORT": str(ears.port),
        "HOST": socket.gethostname(),
        "SOCKET": str(ears.file),
        "ABSTRACT": ears.abstract,
        "MARK": mark,
    }
