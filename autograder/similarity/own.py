"""A student's own work in a notebook: answers and added cells, without released lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.similarity.pairs import OWN_CELL
from autograder.similarity.statements import squeeze

# The work of a diligent student has about 20 000 characters. Work beyond these limits is not
# compared, so that no notebook can delay the class.
MOST_CELLS = 400
MOST_IN_CELL = 20_000
MOST_IN_ALL = 200_000
# The characters of a cell that are read and shortened, and the cut cells that are named.
MOST_READ, MOST_NAMED = 500_000, 5
_BLANKS = re.compile(r"[ \t]{2,}+|\n{2,}+")


@dataclass(frozen=True)
class OwnCell:
    """A cell with a student's own text; ``lines`` are the numbers of the student's lines."""

    name: str
    cell_type: str
    text: str
    lines: frozenset[int]

    @property
    def named(self) -> str:
        """The name of the cell in a sentence."""
        return "a cell of their own" if self.name == OWN_CELL else f"the cell {self.name}"


def own_cells(
    notebook: NotebookNode, released: Released, remarks: list[str] | None = None
) -> list[OwnCell]:
    """Return the cells in which a student wrote something.

    Parameters
    ----------
    remarks
        Receives a sentence if only a part of a large submission is compared.
    """
    found: list[OwnCell] = []
    left, cut = MOST_IN_ALL, []
    for cell in sorted(notebook.cells, key=lambda cell: not _about(cell).get("solution")):
        if _is_given(cell, released):
            continue
        most = min(MOST_IN_CELL, left) if len(found) < MOST_CELLS else 0
        source = plain(cell.source[:MOST_READ])
        if len(source) > most and most:
            source = _shorter(source, _kind(cell))
        text = source[:most]
        lines = frozenset(
            number
            for number, line in enumerate(text.split("\n"))
            if line.strip() and line.strip() not in released.lines
        )
        own = OwnCell(_name(cell), _kind(cell), text, lines)
        if lines:
            found.append(own)
            left -= len(text)
        if len(source) > most or len(cell.source) > MOST_READ:
            cut.append(own.named)
    if cut and remarks is not None:
        some = ", ".join(dict.fromkeys(cut[:MOST_NAMED])) + (" …" if len(cut) > MOST_NAMED else "")
        remarks.append(
            "the submission is so large that only a part of it was compared: "
            f"{MOST_IN_CELL} characters of a cell, {MOST_IN_ALL} and {MOST_CELLS} cells in all. "
            f"Cut: {some}"
        )
    return found


def _shorter(source: str, kind: str) -> str:
    """Return a cell that is too long, without parts that carry no information."""
    if kind == "code":
        return squeeze(source)
    return _BLANKS.sub(lambda found: found[0][:2], source)


@dataclass(frozen=True)
class Released:
    """The notebook that all students got: its cells and their lines."""

    code: tuple[str, ...]
    prose: tuple[str, ...]
    lines: frozenset[str]
    locked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, notebook: NotebookNode) -> Released:
        """Read a released notebook."""
        texts = {kind: tuple(_texts(notebook.cells, kind)) for kind in ("code", "markdown")}
        stripped = (line.strip() for text in sum(texts.values(), ()) for line in text.split("\n"))
        locked = [str(_about(cell).get("grade_id")) for cell in notebook.cells if _locked(cell)]
        lines = frozenset(filter(None, stripped))
        return cls(texts["code"], texts["markdown"], lines, frozenset(locked))


def plain(text: str) -> str:
    """Return a text with Unix line ends, and without null bytes, which Python rejects."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _texts(cells: Iterable[NotebookNode], kind: str) -> Iterator[str]:
    return (plain(cell.source) for cell in cells if _kind(cell) == kind)


def _kind(cell: NotebookNode) -> str:
    return "code" if cell.cell_type == "code" else "markdown"


def _about(cell: NotebookNode) -> dict:
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) else {}


def _locked(cell: NotebookNode) -> bool:
    about = _about(cell)
    return bool(about.get("locked")) and not about.get("solution")


def _is_given(cell: NotebookNode, released: Released) -> bool:
    """Whether a cell is the instructor's, given or a test; a student's metadata is not enough."""
    return _locked(cell) and str(_about(cell).get("grade_id")) in released.locked


def _name(cell: NotebookNode) -> str:
    about = _about(cell)
    name = about.get("grade_id")
    return name if about.get("solution") and isinstance(name, str) and name else OWN_CELL
