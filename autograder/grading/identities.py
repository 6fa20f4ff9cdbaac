"""Which cell of a student's notebook is which of the instructor's: split, copied, renamed ones."""

from __future__ import annotations

import ast

from nbformat import NotebookNode

from autograder.grading.blueprint import Blueprint, SourceCell
from autograder.remark import Kind, Remark

FLAGS = ("grade", "solution", "locked", "task")


def grade_id(cell: NotebookNode) -> str | None:
    """Return a cell's grade id, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def between(notebook: NotebookNode, blueprint: Blueprint, source: SourceCell) -> tuple[int, int]:
    """Return the range in which a missing cell belongs: after its predecessors, before the next."""
    own = blueprint.place[source.name]
    places = [blueprint.place.get(grade_id(cell) or "") for cell in notebook.cells]
    before = [(place, i) for i, place in enumerate(places) if place is not None and place < own]
    after = [(place, i) for i, place in enumerate(places) if place is not None and place > own]
    low = max(before)[1] + 1 if before else 0
    high = min(after)[1] if after else len(places)
    return low, high if high >= low else low


def join(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Join a student's cell that was split at a place where its rest means nothing alone."""
    said = []
    for index in range(len(notebook.cells) - 1, 0, -1):
        first, rest = notebook.cells[index - 1], notebook.cells[index]
        source = blueprint.by_name.get(grade_id(first) or "")
        if source is None or source.locked or first.cell_type != "code":
            continue
        if rest.cell_type != "code" or grade_id(rest) not in (None, source.name):
            continue
        whole = f"{first.source.rstrip()}\n{rest.source}"
        if not _parses(rest.source) and _parses(whole):
            first.source = whole
            del notebook.cells[index]
            text = f"cell '{source.name}' had been split; its parts were joined"
            said.append(Remark(text, Kind.REPAIRED))
    return said


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def unique(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Let each grade id stand once; the other copies become cells of the student's own.

    nbgrader takes the last. An answer that is still the stub is not taken for the student's, and
    of a given cell the first counts, since the cells below build on it.
    """
    copies: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        if name := grade_id(cell):
            copies.setdefault(name, []).append(cell)
    said = []
    for name, cells in copies.items():
        source = blueprint.by_name.get(name)
        if source is None or len(cells) == 1:
            continue
        which, chosen = "last", cells[-1]
        if source.locked and not source.grade:
            which, chosen = "first", cells[0]
        elif source.solution:
            own = [cell for cell in cells if cell.source.strip() != source.source.strip()]
            chosen = own[-1] if own else chosen
            which = "last" if chosen is cells[-1] else "last with an answer"
        for cell in cells:
            if cell is not chosen:
                del cell.metadata["nbgrader"]
        text = f"cell '{name}' is there {_times(len(cells))}; the {which} counts"
        said.append(Remark(text, Kind.REPAIRED))
    return said


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def adopt(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Give a cell its grade id back, if it alone can have had it; forget ids of other topics."""
    said = []
    present = {grade_id(cell) for cell in notebook.cells}
    for source in blueprint.cells:
        if source.name in present:
            continue
        low, high = between(notebook, blueprint, source)
        strangers = [c for c in notebook.cells[low:high] if _could_be(c, source, blueprint)]
        if len(strangers) == 1:
            (cell,) = strangers
            was = grade_id(cell)
            cell.metadata["nbgrader"]["grade_id"] = source.name
            how = f"had been changed to '{was}'" if was else "had been taken away"
            text = f"the grade id of cell '{source.name}' {how}; it was put back"
            said.append(Remark(text, Kind.TAMPERED if was else Kind.REPAIRED))
    for cell in notebook.cells:
        name = grade_id(cell)
        if "nbgrader" in cell.metadata and name not in blueprint.by_name:
            del cell.metadata["nbgrader"]
            if name and name not in blueprint.former:
                text = f"cell '{name}' is not one of this topic's and was not graded"
                said.append(Remark(text, Kind.REPAIRED))
    return said


def _could_be(cell: NotebookNode, source: SourceCell, blueprint: Blueprint) -> bool:
    about = cell.metadata.get("nbgrader")
    if not about or about.get("grade_id") in blueprint.by_name:
        return False
    return all(bool(about.get(flag)) == getattr(source, flag) for flag in FLAGS)
