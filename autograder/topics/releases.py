"""The record of releases: the notebooks that students were given, including earlier ones.

``releases/TOPIC.json`` in the course folder has only the cells of the released notebooks: their
texts by digest, and the date and the cells of each release.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.atomic_file import write_whole
from autograder.errors import AutograderError

FOLDER = "releases"
FLAGS = ("grade", "solution", "locked", "task")
_VERSION = 1


@dataclass(frozen=True)
class ReleasedCell:
    """One cell as released; ``name`` is its grade id, None for text around the tasks."""

    name: str | None
    cell_type: str
    text: str
    points: float | None = None
    flags: tuple[bool, ...] = (False,) * len(FLAGS)

    @property
    def locked(self) -> bool:
        """Whether students must not edit it."""
        return self.flags[FLAGS.index("locked")]


@dataclass(frozen=True)
class Release:
    """A topic's notebook as released, with the date as ``2027-03-01``."""

    date: str
    cells: tuple[ReleasedCell, ...]

    def __post_init__(self) -> None:
        named = {cell.name: cell for cell in self.cells if cell.name}
        object.__setattr__(self, "by_name", named)

    def renamed(self, names: Mapping[str, str]) -> Release:
        """Return the release with some cells renamed; ``names`` maps old names to new ones."""
        return Release(
            self.date,
            tuple(replace(cell, name=names.get(cell.name, cell.name)) for cell in self.cells),
        )


NO_RELEASE = Release("", ())


def of_notebook(path: Path) -> Release:
    """Read a released notebook; its date is the file's.

    Raises
    ------
    OSError, ValueError, KeyError
        If there is no such file, or it is not a notebook.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    date = datetime.datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Release(date.date().isoformat(), tuple(map(_cell, cells)))


def _cell(cell: Mapping[str, Any]) -> ReleasedCell:
    about = cell["metadata"].get("nbgrader", {})
    source, points = cell["source"], about.get("points")
    return ReleasedCell(
        about.get("grade_id"),
        cell["cell_type"],
        source if isinstance(source, str) else "".join(source),
        None if points is None else float(points),
        tuple(bool(about.get(flag)) for flag in FLAGS),
    )


def record(root: Path, topic: str) -> Path:
    """Return the path of the record of a topic's releases."""
    return root / FOLDER / f"{topic}.json"


def load(root: Path, topic: str) -> tuple[Release, ...]:
    """Return the recorded releases of a topic, the oldest first.

    Raises
    ------
    AutograderError
        If the record cannot be read.
    """
    path = record(root, topic)
    try:
        kept = json.loads(path.read_bytes())
        if kept["version"] != _VERSION:
            raise ValueError(f"version {kept['version']}")
        return tuple(_unpacked(each, kept["texts"]) for each in kept["releases"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AutograderError(
            f"{path} cannot be read ({type(error).__name__}: {error}), so earlier releases of "
            f"{topic} are unknown. Restore it from a backup, or delete it to begin a new record."
        ) from error


def remember(root: Path, topic: str, release: Release) -> None:
    """Add a release to the record, unless it equals the last one.

    Raises
    ------
    AutograderError
        If the record cannot be read or written.
    """
    known = load(root, topic)
    if known and known[-1].cells == release.cells:
        return
    data = _packed([*known, release])
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    other = "check who may write there; then release again"
    write_whole(record(root, topic), text.encode(), "The record of releases", other)


def _packed(releases: Iterable[Release]) -> dict[str, Any]:
    texts: dict[str, str] = {}
    packed = []
    for release in releases:
        cells = []
        for cell in release.cells:
            digest = hashlib.sha256(cell.text.encode()).hexdigest()[:16]
            texts[digest] = cell.text
            about = {"name": cell.name, "type": cell.cell_type, "text": digest}
            if cell.name:
                flags = dict(zip(FLAGS, cell.flags, strict=True))
                about |= {"points": cell.points, **flags}
            cells.append(about)
        packed.append({"date": release.date, "cells": cells})
    return {"version": _VERSION, "releases": packed, "texts": texts}


def _unpacked(packed: Mapping[str, Any], texts: Mapping[str, str]) -> Release:
    cells = tuple(
        ReleasedCell(
            about["name"],
            str(about["type"]),
            str(texts[about["text"]]),
            None if about.get("points") is None else float(about["points"]),
            tuple(bool(about.get(flag)) for flag in FLAGS),
        )
        for about in packed["cells"]
    )
    return Release(str(packed["date"]), cells)
