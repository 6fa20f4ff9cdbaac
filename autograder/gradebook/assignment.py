"""A topic's notebook in the gradebook: the instructor's cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.utils import find_all_files

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook.set_aside import SetAside
from autograder.gradebook.voids import How, decisions, worth
from autograder.topics import releases
from autograder.topics.cell_text import normal
from autograder.topics.releases import NO_RELEASE, Release, ReleasedCell


@dataclass(frozen=True)
class SourceCell:
    """One of the instructor's cells.

    Attributes
    ----------
    source
        Its text: of a locked cell all of it, hidden tests included; of a student's cell the stub.
    max_score
        Points of a test, a written answer or a task cell; else 0.
    """

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str
    grade: bool = False
    solution: bool = False
    task: bool = False
    max_score: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A topic's cells in their order, and everything else that decides grades.

    Attributes
    ----------
    release
        The present release, which students get now; without cells if there is none.
    earlier
        The earlier releases, the newest first, with the present names of the cells.
    fault
        Why the earlier releases are unknown, or "".
    voided
        How tests and questions count that were voided after the release, by name.
    former
        The present names of renamed cells, by their old names; "" for a removed cell.
    limits
        The author's time limits in seconds, by the cell's name; "" is the limit of all cells.
    """

    topic: str
    cells: tuple[SourceCell, ...]
    kernelspec: str | None = None
    release: Release = NO_RELEASE
    earlier: tuple[Release, ...] = ()
    fault: str = ""
    files: str = ""
    voided: Mapping[str, How] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {cell.name: cell for cell in self.cells})
        object.__setattr__(self, "place", {cell.name: i for i, cell in enumerate(self.cells)})
        prose = {normal(c.text): i for i, c in enumerate(self.release.cells) if not c.name}
        object.__setattr__(self, "prose", prose)
        ranks = {c.name: i for i, c in enumerate(self.release.cells) if c.name}
        object.__setattr__(self, "ranks", ranks or self.place)

    @property
    def releases(self) -> tuple[Release, ...]:
        """All releases, the present one first; empty if there is none."""
        return (self.release, *self.earlier) if self.release.cells else self.earlier

    def forms(self, name: str) -> list[ReleasedCell]:
        """Return a cell's form in each release that has it, the present one first."""
        return [each.by_name[name] for each in self.releases if name in each.by_name]

    @property
    def tests(self) -> dict[str, float]:
        """Points of the tests, which are graded automatically, by grade id."""
        return {c.name: c.max_score for c in self.cells if c.grade and not c.solution}

    @property
    def manual(self) -> dict[str, float]:
        """Points of the answers that are graded by hand, by grade id."""
        return {c.name: c.max_score for c in self.cells if c.task or (c.grade and c.solution)}

    def worth(self, name: str) -> float:
        """Return what a test or question adds to the maximum: 0 for one that is voided."""
        return worth(self.voided.get(name), self.by_name[name].max_score)

    @property
    def max_score(self) -> float:
        """The sum of the automatically graded points that count."""
        return float(sum(map(self.worth, self.tests)))

    @property
    def version(self) -> str:
        """A text that changes with the instructor's cells and files.

        It also changes with the known earlier releases, since the remarks depend on them.
        """
        now = set(self.release.cells)
        before = {
            json.dumps(asdict(cell))
            for release in self.earlier
            for cell in release.cells
            if cell.name and cell not in now
        }
        cells = [asdict(cell) for cell in self.cells]
        return json.dumps([cells, self.kernelspec, self.files, self.limits, sorted(before)])


def load(gradebook: Gradebook, course: Course, topic: str) -> Plan:
    """Read a topic from the gradebook.

    Raises
    ------
    AutograderError
        If the gradebook does not know the topic.
    """
    try:
        notebook = gradebook.find_notebook(topic, topic)
    except MissingEntry:
        raise AutograderError(
            f"The gradebook knows no topic {topic!r}. Release it first: autograder release {topic}"
        ) from None
    release = _released(course, topic)
    # Databases return rows in any order.
    order = {name: place for place, name in enumerate(release.by_name)}
    kept = SetAside(gradebook).load(str(notebook.assignment_id), "")
    points = {cell: each["points"] for (cell, _), each in kept.items() if "how" in each}
    cells = sorted(_cells(notebook, points), key=lambda cell: order.get(cell.name, len(order)))
    former = {cell: each["now"] for (cell, _), each in kept.items() if "now" in each}
    earlier, fault = _earlier(course, topic, release, former)
    return Plan(
        topic,
        tuple(cells),
        notebook.kernelspec,
        release,
        earlier,
        fault,
        _digest(course.source_dir / topic, course),
        decisions(kept),
        former,
        tuple(_limits(course, topic).items()),
    )


def _cells(notebook: Notebook, points: Mapping[str, float]) -> list[SourceCell]:
    """Return the cells in the gradebook's order; voided ones have their original points.

    So voiding a test changes no grade of an exam, and no submission is graded again for it.
    """
    graded = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    return [
        SourceCell(
            cell.name,
            cell.cell_type,
            bool(cell.locked),
            cell.source or "",
            cell.checksum or "",
            cell.name in graded,
            cell.name in solutions,
            cell.name in tasks,
            (graded | tasks | points).get(cell.name, 0.0),
        )
        for cell in notebook.source_cells
    ]


def _released(course: Course, topic: str) -> Release:
    """Return the present release."""
    path = course.release_dir / topic / f"{topic}.ipynb"
    return releases.of_notebook(path) if path.is_file() else NO_RELEASE


def _earlier(
    course: Course, topic: str, now: Release, former: Mapping[str, str]
) -> tuple[tuple[Release, ...], str]:
    """Return the earlier releases, the newest first, or the reason why they are unknown."""
    try:
        known = releases.load(course.root, topic)
    except AutograderError as error:
        return (), str(error)
    current = {name: new for name, new in former.items() if new and name not in now.by_name}
    earlier = (each.renamed(current) for each in reversed(known) if each.cells != now.cells)
    return tuple(earlier), ""


def _limits(course: Course, topic: str) -> dict[str, float]:
    """Return the time limits in the released notebook, in seconds, by grade id."""
    notebook = _release(course, topic)
    found = {"": notebook["metadata"].get("autograder", {}).get("limit_s")}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        found[name] = found.get(name) or cell["metadata"].get("autograder", {}).get("limit_s")
    return {name: float(seconds) for name, seconds in found.items() if seconds}


def _release(course: Course, topic: str) -> dict[str, Any]:
    path = course.release_dir / topic / f"{topic}.ipynb"
    if not path.is_file():
        return {"metadata": {}, "cells": []}
    return json.loads(path.read_text(encoding="utf-8"))


def _digest(folder: Path, course: Course) -> str:
    """Return a digest of the instructor's other files, which replace a student's files."""
    digest = hashlib.sha256()
    for name in sorted(find_all_files(str(folder), [*course.coursedir.ignore, "*.ipynb"])):
        digest.update(name.removeprefix(str(folder)).encode() + b"\0")
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()
