"""Match the cells of a student's notebook with the instructor's: split, copied, renamed ones."""

from __future__ import annotations

import ast

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.remarks import Kind, Remark, together
from autograder.topics.cell_text import normal, same
from autograder.topics.releases import FLAGS


def grade_id(cell: NotebookNode) -> str | None:
    """Return a cell's grade id, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def between(notebook: NotebookNode, plan: Plan, source: SourceCell) -> tuple[int, int]:
    """Return the range of positions for a missing cell: after its predecessors, before the next.

    The released prose between the tasks counts too, so that a test stays under its heading.
    """
    own = plan.ranks.get(source.name, len(plan.ranks))
    places = [rank(cell, plan) for cell in notebook.cells]
    before = [(place, i) for i, place in enumerate(places) if place is not None and place < own]
    after = [(place, i) for i, place in enumerate(places) if place is not None and place > own]
    low = max(before)[1] + 1 if before else 0
    high = min(after)[1] if after else len(places)
    return low, high if high >= low else low


def rank(cell: NotebookNode, plan: Plan) -> int | None:
    """Return a cell's position in the release; None for a cell of the student's own."""
    name = grade_id(cell)
    return plan.ranks.get(name) if name else plan.prose.get(normal(cell.source))


def join(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Join the parts of a split cell.

    A student's cell is joined if its rest does not parse alone, a locked one if its parts together
    are the released text.
    """
    said = []
    for index in range(len(notebook.cells) - 1, 0, -1):
        first, rest = notebook.cells[index - 1], notebook.cells[index]
        source = plan.by_name.get(grade_id(first) or "")
        if source is None or first.cell_type != rest.cell_type:
            continue
        parts = _parts(notebook.cells[index - 1 :], source, plan)
        if not parts:
            continue
        first.source = "\n".join(cell.source.rstrip() for cell in parts)
        del notebook.cells[index : index - 1 + len(parts)]
        text = f"cell '{source.name}' had been split; its parts were joined"
        said.append(Remark(text, Kind.REPAIRED))
    return said


def _parts(cells: list[NotebookNode], source: SourceCell, plan: Plan) -> list[NotebookNode]:
    """Return the first cells that are parts of one; empty if the first is complete."""
    first, rest = cells[:2]
    if not source.locked:
        whole = f"{first.source.rstrip()}\n{rest.source}"
        mine = first.cell_type == "code" and grade_id(rest) in (None, source.name)
        return [first, rest] if mine and not _parses(rest.source) and _parses(whole) else []
    texts = [form.text for form in plan.forms(source.name)]
    if any(same(first.source, text, source.cell_type) for text in texts):
        return []
    for count, cell in enumerate(cells[1:], 2):
        if grade_id(cell) not in (None, source.name) or cell.cell_type != first.cell_type:
            break
        whole = "\n".join(part.source for part in cells[:count])
        if any(same(whole, text, source.cell_type) for text in texts):
            return cells[:count]
    return []


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def unique(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Keep one cell of each grade id; the other copies become cells of the student's own.

    nbgrader takes the last copy. Here a copy of an answer that is still the stub does not count,
    nor does a changed copy of a test. Of a given cell the first copy counts, since the cells below
    it depend on it.
    """
    copies: dict[str, list[NotebookNode]] = {}
    for cell in notebook.cells:
        if name := grade_id(cell):
            copies.setdefault(name, []).append(cell)
    said: dict[str, list[str]] = {}
    for name, cells in copies.items():
        source = plan.by_name.get(name)
        if source is None or len(cells) == 1:
            continue
        which, chosen = "last", cells[-1]
        if source.locked and not source.grade:
            which, chosen = "first", cells[0]
        elif own := [cell for cell in cells if released(cell, plan) is not source.solution]:
            chosen = own[-1]
            how = "with an answer" if source.solution else "that is as released"
            which = "last" if chosen is cells[-1] else f"last {how}"
        for cell in cells:
            if cell is not chosen:
                del cell.metadata["nbgrader"]
        said.setdefault(f"{_times(len(cells))}; the {which} counts", []).append(name)
    names = [name for found in said.values() for name in found]
    return together(
        names,
        Kind.REPAIRED,
        f"cell '{{name}}' appears {next(iter(said), '')}",
        "{count} cells appear more than once; one of each counts ({names})",
    )


def released(cell: NotebookNode, plan: Plan) -> bool:
    """Return whether one of the instructor's cells has its text from a release, or its stub."""
    source = plan.by_name[grade_id(cell)]
    texts = [source.source, *(form.text for form in plan.forms(source.name))]
    return any(same(cell.source, text, source.cell_type) for text in texts)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def adopt(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Restore a cell's grade id if no other cell can have had it; remove ids of other topics.

    An id of an earlier release needs no remark. A test that only an earlier release had is removed,
    so that it does not run as a cell of the student's own.
    """
    said: list[Remark] = []
    present = {grade_id(cell) for cell in notebook.cells}
    for source in plan.cells:
        if source.name in present:
            continue
        low, high = between(notebook, plan, source)
        strangers = [c for c in notebook.cells[low:high] if _could_be(c, source, plan)]
        if len(strangers) > 1:
            texts = [form.text for form in plan.forms(source.name)]
            kind = source.cell_type
            strangers = [c for c in strangers if any(same(c.source, text, kind) for text in texts)]
        if len(strangers) == 1:
            (cell,) = strangers
            was = grade_id(cell)
            cell.metadata["nbgrader"]["grade_id"] = source.name
            if was and plan.forms(was):
                continue
            how = f"had been changed to '{was}'" if was else "had been removed"
            text = f"the grade id of cell '{source.name}' {how}; it was put back"
            tampered = was and source.grade and not source.solution
            said.append(Remark(text, Kind.TAMPERED if tampered else Kind.REPAIRED))
    return said + _strange(notebook, plan)


def _strange(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Remove the ids of cells that are not the topic's."""
    names = []
    for cell in list(notebook.cells):
        name = grade_id(cell)
        if "nbgrader" not in cell.metadata or name in plan.by_name:
            continue
        del cell.metadata["nbgrader"]
        forms = plan.forms(name) if name else []
        if any(f.locked and f.points and same(cell.source, f.text, f.cell_type) for f in forms):
            notebook.cells = [each for each in notebook.cells if each is not cell]
        elif name and not forms and name not in plan.former:
            names.append(name)
    return together(
        names,
        Kind.REPAIRED,
        "cell '{name}' is not one of this topic's and was not graded",
        "{count} cells are not this topic's and were not graded ({names})",
    )


def _could_be(cell: NotebookNode, source: SourceCell, plan: Plan) -> bool:
    about = cell.metadata.get("nbgrader")
    if not about or about.get("grade_id") in plan.by_name:
        return False
    return all(bool(about.get(flag)) == getattr(source, flag) for flag in FLAGS)
