"""A topic's notebook as the gradebook knows it: the cells that the instructor made."""

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
from autograder.grading.set_aside import SetAside
from autograder.grading.voids import How, decisions, worth


@dataclass(frozen=True)
class SourceCell:
    """One of the instructor's cells.

    Attributes
    ----------
    source
        Its text: of a locked cell the whole, hidden tests included; of a student's cell the stub.
    max_score
        Points, for a test, an answer in words, or a task cell; else 0.
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
class Blueprint:
    """A topic's cells in their order, and what else decides over grades.

    ``released`` are the texts of locked cells as students got them, by name; ``voided`` what was
    decided of tests and questions after the release; ``former`` are cells that
    it had once, by name, with the names that they have now ("" for those that were removed);
    ``limits`` the seconds that the author allows a cell, by name, and under "" all cells.
    """

    topic: str
    cells: tuple[SourceCell, ...]
    kernelspec: str | None = None
    released: tuple[tuple[str, str], ...] = ()
    files: str = ""
    voided: Mapping[str, How] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {cell.name: cell for cell in self.cells})
        object.__setattr__(self, "place", {cell.name: i for i, cell in enumerate(self.cells)})

    @property
    def tests(self) -> dict[str, float]:
        """Points by grade id of what is judged automatically."""
        return {c.name: c.max_score for c in self.cells if c.grade and not c.solution}

    @property
    def manual(self) -> dict[str, float]:
        """Points by grade id of what a person grades."""
        return {c.name: c.max_score for c in self.cells if c.task or (c.grade and c.solution)}

    def worth(self, name: str) -> float:
        """Return what a test or question adds to the maximum: 0 for one that is voided."""
        return worth(self.voided.get(name), self.by_name[name].max_score)

    @property
    def max_score(self) -> float:
        """The automatically judged points that count."""
        return float(sum(map(self.worth, self.tests)))

    @property
    def version(self) -> str:
        """A text that changes when a test, or another of the instructor's cells or files, does."""
        cells = [asdict(cell) for cell in self.cells]
        return json.dumps([cells, self.kernelspec, self.files, self.limits])


def load(gradebook: Gradebook, course: Course, topic: str) -> Blueprint:
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
    released = _released(course, topic)
    order = {name: place for place, name in enumerate(released)}
    kept = SetAside(gradebook).load(str(notebook.assignment_id), "")
    points = {cell: each["points"] for (cell, _), each in kept.items() if "how" in each}
    cells = sorted(_cells(notebook, points), key=lambda cell: order.get(cell.name, len(order)))
    return Blueprint(
        topic,
        tuple(cells),
        notebook.kernelspec,
        tuple(released.items()),
        _digest(course.source_dir / topic, course),
        decisions(kept),
        {cell: each["now"] for (cell, _), each in kept.items() if "now" in each},
        tuple(_limits(course, topic).items()),
    )


def _cells(notebook: Notebook, points: Mapping[str, float]) -> list[SourceCell]:
    """Return the cells in the gradebook's order; voided ones have the points that they were given.

    So a test is judged as before, and nothing is graded again when it is voided.
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


def _released(course: Course, topic: str) -> dict[str, str]:
    """Return the texts of the students' notebook by grade id, in the order of its cells.

    The gradebook's own order is not to be relied on: databases may return rows as they like.
    """
    found = {}
    for cell in _release(course, topic)["cells"]:
        if name := cell["metadata"].get("nbgrader", {}).get("grade_id"):
            source = cell["source"]
            found[name] = source if isinstance(source, str) else "".join(source)
    return found


def _limits(course: Course, topic: str) -> dict[str, float]:
    """Return the limits that the released notebook, not a student's, asks for, by grade id."""
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
    """Return a digest of the instructor's other files, which replace a student's."""
    digest = hashlib.sha256()
    for name in sorted(find_all_files(str(folder), [*course.coursedir.ignore, "*.ipynb"])):
        digest.update(name.removeprefix(str(folder)).encode() + b"\0")
        digest.update(Path(name).read_bytes())
    return digest.hexdigest()
