"""Find notebooks in a submission: other names, folders, archives, scripts, checkpoints."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.submissions import archives, layout
from autograder.submissions.archives import Room, Unpackable
from autograder.submissions.clean_copy import CHECKPOINTS, RECEIPT, Taken

# Patterns of the names of files that may have a notebook, for callers that read only these.
NAMES = (
    "*.[iI][pP][yY][nN][bB]*",
    "*.[jJ][sS][oO][nN]",
    "*.[tT][xX][tT]",
    "*.[pP][yY]",
    "*.[zZ][iI][pP]",
    "*.tar",
    "*.tgz",
    "*.tar.gz",
)
_MOST = 20  # no student hands in one notebook in more files
_MOST_LEVELS = 2
_FIRST, _HEAD = 64, 1 << 16
_KEYS = ('"cells"', '"worksheets"', '"nbformat"')
_LARGEST_SCRIPT = 1 << 20
_LEADING = re.compile(r"\A(?:#.*\n)*")
_FENCE = re.compile(r"^#\s*-{3}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A file that may hold the notebook.

    Attributes
    ----------
    shown
        Its path, for a sentence.
    top
        The folder that becomes the submission's top folder, so that relative paths stay valid.
    unpacked
        The folder into which its archive was unpacked, if any.
    script
        Whether it was converted from a Python file, which may be unrelated.
    """

    path: Path
    shown: str
    top: Path
    unpacked: Path | None = None
    script: bool = False


@dataclass
class Search:
    """A lazy search for notebooks, from likely to unlikely places.

    Attributes
    ----------
    scratch
        An empty folder.
    said
        Why an archive was not unpacked, or what was left out of it, by its name.
    """

    taken: Taken
    topic: str
    scratch: Path
    said: dict[str, str] = field(default_factory=dict)

    def tiers(self) -> Iterator[list[Place]]:
        """Yield lists of places, the likeliest first; the places in one list have the same rank."""
        names = list(self.taken.files)
        plain = [name for name in names if CHECKPOINTS not in name.split("/")]
        yield self._in_copy(name for name in plain if "/" not in name)
        yield self._in_copy(name for name in plain if "/" in name)
        yield self._packed([name for name in plain if self._is_packed(name)])
        yield self._scripts(plain)
        yield self._in_copy(name for name in names if CHECKPOINTS in name.split("/"))

    def _in_copy(self, names: Iterator[str]) -> list[Place]:
        return _among(self.taken.folder, names, self.topic)

    def _is_packed(self, name: str) -> bool:
        """Return whether a file is an archive by its name, or an archive named as a notebook."""
        if ".ipynb" not in name.casefold():
            return archives.is_archive(name)
        with (self.taken.folder / name).open("rb") as file:
            return file.read(4) == b"PK\x03\x04"

    def _packed(self, names: list[str]) -> list[Place]:
        """Unpack the archives, and archives in them; return the files that may be notebooks."""
        room = Room(self.taken.caps.files, self.taken.caps.total_bytes)
        waiting = [(self.taken.folder / name, name, 1) for name in names[:_MOST]]
        found: list[Place] = []
        for number, (path, shown, level) in enumerate(waiting):
            target = self.scratch / str(number)
            try:
                left = archives.unpack(path, target, room)
            except Unpackable as error:
                self.said[shown] = str(error)
                continue
            if left:
                self.said[shown] = f"holds {layout.shown(left[0])}, which is not a regular file"
            inside = sorted(_walk(target))
            found += _among(target, inside, self.topic, shown)
            if level < _MOST_LEVELS and len(waiting) < _MOST:
                waiting += [
                    (target / name, f"{shown}: {name}", level + 1)
                    for name in inside
                    if archives.is_archive(name)
                ]
        return found[:_MOST]

    def _scripts(self, names: list[str]) -> list[Place]:
        """Convert scripts with the cell markers of Jupytext or nbconvert to notebooks."""
        import jupytext  # slow to import, and a script is rare

        found = []
        scripts = [name for name in names if name.casefold().endswith(".py")]
        for number, name in enumerate(scripts[:_MOST]):
            path = self.taken.folder / name
            if self.taken.files[name] > _LARGEST_SCRIPT:
                continue
            try:
                text = _LEADING.sub(_without_header, path.read_text(encoding="utf-8-sig"))
                notebook = jupytext.reads(text, fmt="py")
            except MemoryError:
                raise
            except Exception:  # Jupytext may raise anything for a student's text
                continue
            made = self.scratch / f"script-{number}.ipynb"
            nbformat.write(notebook, made)
            found.append(Place(made, name, path.parent, script=True))
        return found


def _without_header(leading: re.Match[str]) -> str:
    """Return a script's first comments changed so that Jupytext does not read them as YAML.

    Aliases in YAML can expand to any size.
    """
    return _FENCE.sub("#", leading[0])


def _among(folder: Path, names: Iterator[str] | list[str], topic: str, archive: str = "") -> list:
    """Return the places of the files that may be notebooks, upper folders first."""
    found = []
    own = f"{topic}.ipynb"
    for name in sorted(names, key=lambda name: (name != own, name.count("/"), name)):
        if len(found) == _MOST:
            break
        path = folder / name
        if name == own or _may_hold(path):
            top = path.parent.parent if path.parent.name == CHECKPOINTS else path.parent
            shown = f"{archive}: {name}" if archive else name
            found.append(Place(path, shown, top, folder if archive else None))
    return found


def _may_hold(path: Path) -> bool:
    """Return whether a file has the name of a notebook or begins like one."""
    if ".ipynb" in path.name.casefold() and not archives.is_archive(path.name):
        return True
    with path.open("rb") as file:
        head = _seen(file.read(_FIRST))
        return head.startswith("{") and any(key in head + _seen(file.read(_HEAD)) for key in _KEYS)


def _seen(head: bytes) -> str:
    """Return the start of a file as text, in any Unicode encoding."""
    return head.replace(b"\0", b"").decode("utf-8", "replace").lstrip("\ufeff\ufffd \t\r\n")


def move_up(taken: Taken, place: Place) -> None:
    """Make the folder in which the notebook was found the submission's top folder.

    Files in the top folder stay, unless the notebook's folder has a file of the same name. The
    submission time is never taken from a lower folder.
    """
    if place.unpacked is not None:
        _merge(taken, place.unpacked, keep=True)
        inner = place.top.relative_to(place.unpacked)
        _merge(taken, taken.folder / inner, keep=False)
    else:
        _merge(taken, place.top, keep=False)


def _merge(taken: Taken, source: Path, *, keep: bool) -> None:
    if source == taken.folder:
        return
    for name in list(_walk(source)):
        target = taken.folder / name
        blocked = any((taken.folder / part).is_file() for part in _above(name))
        if name in RECEIPT or blocked or target.is_dir() or (keep and target.exists()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        (source / name).replace(target)
        taken.files.pop(os.path.relpath(source / name, taken.folder), None)
        taken.files[name] = target.stat().st_size
        taken.folders.update(_above(name))


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths of a folder's files."""
    for place, _, names in os.walk(folder):
        inner = os.path.relpath(place, folder)
        for name in names:
            yield posixpath.normpath(posixpath.join(inner, name))
