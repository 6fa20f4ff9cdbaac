"""What is a student's own in a notebook: answers and added cells, without released lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.similarity.pairs import OWN_CELL
from autograder.similarity.statements import squeeze

# Work of a diligent student is some 20 000 characters. Beyond these, the rest is not compared, so
# that no notebook can hold up the class.
MOST_CELLS = 400
MOST_IN_CELL = 20_000
MOST_IN_ALL = 200_000
# So much of a cell is looked at for what can be left out of it, and so many cut ones are named.
MOST_READ, MOST_NAMED = 500_000, 5
_BLANKS = re.compile(r"[ \t]{2,}+|\n{2,}+")


@dataclass(frozen=True)
class OwnCell:
    """A cell with something of the student's in it; ``lines`` are the numbers of their lines."""

    name: str
    cell_type: str
    text: str
    lines: frozenset[int]

    @property
    def named(self) -> str:
        """The cell, as a sentence names it."""
        return "a cell of their own" if self.name == OWN_CELL else f"the cell {self.name}"


def own_cells(
    notebook: NotebookNode, released: Released, remarks: list[str] | None = None
) -> list[OwnCell]:
    """Return the cells in which a student wrote something.

    Parameters
    ----------
    remarks
        Gets a sentence where so much was handed in that only a part of it is compared.
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
            "so much was handed in that only a part of it was compared: "
            f"{MOST_IN_CELL} characters of a cell, {MOST_IN_ALL} and {MOST_CELLS} cells in all. "
            f"Cut: {some}"
        )
    return found


def _shorter(source: str, kind: str) -> str:
    """Return a cell that is too long, without what tells nothing."""
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
    """Return a text with one kind of line end, and without the null bytes Python stumbles over."""
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
    """Say whether a cell is the instructor's: given, or a test; what only says so is not."""
    return _locked(cell) and str(_about(cell).get("grade_id")) in released.locked


def _name(cell: NotebookNode) -> str:
    about = _about(cell)
    name = about.get("grade_id")
    return name if about.get("solution") and isinstance(name, str) and name else OWN_CELL
