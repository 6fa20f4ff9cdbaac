"""Data files and modules next to a topic's text, for students and for both sides of an exam."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import AutograderError
from autograder.topics import markers
from autograder.topics.cells import Topic

FILES = "files"  # all files in this folder are released, whether a cell names them or not

#: Bytes of all files of a topic: each submission's exam has a copy of them in memory.
MOST_BYTES = 50 * 2**20
# Never released.
_PRIVATE = ("variants.py", "equivalent.toml")


def named(topic: Topic) -> list[Path]:
    """Return the files that a topic is released with, relative to its folder, sorted.

    These are the files next to its text that a cell names (data by name or folder, modules by
    ``import``), those that a named module names, and all files in the folder `FILES`. All others
    stay with the author.

    Raises
    ------
    AutograderError
        If only hidden text names a file, a file is a link, or the files are too large.
    """
    folder = topic.path.parent
    there = list(_files_near(folder, topic.path))
    everything = "\n".join(cell.source for cell in topic.cells)
    visible = "\n".join(markers.visible(cell.source) for cell in topic.cells)
    found = _closure(folder, there, visible)
    if hidden := sorted(_closure(folder, there, everything) - found):
        raise AutograderError(
            f"{topic.path}: only a solution or a hidden test names {hidden[0]}, and students would "
            "get it. Name it in a cell that they see, or write its content into the hidden test."
        )
    _check(folder, found)
    return sorted(found)


def copy(topic: Topic, folder: Path) -> None:
    """Copy a topic's files into a folder, which is created if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in named(topic):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(topic.path.parent / name, folder / name)


def _files_near(folder: Path, text: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part[0] == "." or part == "__pycache__" for part in name.parts)
        private = hidden or str(name) in _PRIVATE or path.suffix in (".pyc", ".ipynb")
        if path != text and not private and (path.is_symlink() or not path.is_dir()):
            yield name


def _closure(folder: Path, there: list[Path], text: str) -> set[Path]:
    """Return the files that a text names, and those that named modules name."""
    found = {name for name in there if name.parts[0] == FILES or _names(text, name)}
    new = found
    while new := {
        name
        for module in new
        if module.suffix == ".py" and (folder / module).is_file()
        for name in there
        if name not in found
        and _names((folder / module).read_text(encoding="utf-8", errors="replace"), name)
    }:
        found = found | new
    return found


def _names(text: str, file: Path) -> bool:
    """Return whether a text names a file or its folder, or imports it."""
    spellings = [re.escape(file.name)]
    spellings += [rf"{re.escape(str(folder))}(?=/|[\"'])" for folder in file.parents[:-1]]
    if file.suffix == ".py":
        module = re.escape(file.parts[0].removesuffix(".py"))
        spellings.append(rf"(?m:^\s*(?:import|from)\s+(?:[\w., ]+,\s*)?{module})")
    return any(re.search(rf"(?<![\w.-]){spelling}(?![\w-])", text) for spelling in spellings)


def _check(folder: Path, names: set[Path]) -> None:
    for name in names:
        if (folder / name).is_symlink() or not (folder / name).is_file():
            raise AutograderError(f"{folder / name} is no ordinary file: put a copy in its place.")
    if (size := sum((folder / name).stat().st_size for name in names)) > MOST_BYTES:
        raise AutograderError(
            f"The files that {folder.name} names take {size / 2**20:.0f} MB, and at most "
            f"{MOST_BYTES >> 20} MB are released: make them smaller."
        )
