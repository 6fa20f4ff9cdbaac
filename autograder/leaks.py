"""A last look at what students will get: no solution, hidden test or mark scheme in it."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder import markers
from autograder.errors import AutograderError
from autograder.topic import Topic

# Shorter lines, such as `return z`, may stand in a visible place by chance.
_TELLING = 10


def secrets(topic: Topic) -> set[str]:
    """Return the lines that only solutions, hidden tests and mark schemes hold."""
    hidden: set[str] = set()
    visible: set[str] = set()
    for cell in topic.cells:
        found = markers.regions(cell.source)
        for index, line in enumerate(cell.source.split("\n")):
            inside = any(region.begin <= index <= region.end for region in found)
            (hidden if inside else visible).add(line.strip())
    return {line for line in hidden - visible if len(line) >= _TELLING}


def check_folder(folder: Path, topic: Topic) -> None:
    """Search a topic's released folder.

    Raises
    ------
    AutograderError
        If a file holds a marker, a secret line or an output.
    """
    secret = secrets(topic)
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        lines = _lines(path)
        found = markers.leftovers(lines) + [line for line in lines if line.strip() in secret]
        if found:
            raise AutograderError(
                f"{topic.path}: {path.name} would show students what they must not see, "
                f'"{found[0].strip()}", and was not released: look for it in the topic\'s visible '
                "cells and files, and for changed delimiters in nbgrader_config.py."
            )


def _lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text.splitlines()
    notebook = nbformat.reads(text, as_version=4)
    if any(cell.get("outputs") for cell in notebook.cells):
        raise AutograderError(f"{path.name} has outputs and was not released: clear them.")
    return [line for cell in notebook.cells for line in cell.source.splitlines()]
