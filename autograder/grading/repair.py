"""Put right what happens to the instructor's cells in a student's notebook, and say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.grading.blueprint import Blueprint, SourceCell
from autograder.grading.identities import FLAGS, adopt, between, grade_id, join, unique
from autograder.remark import Kind, Remark

# nbclient leaves out a cell with this tag, and nbgrader gives an unexecuted test full marks.
SKIP_TAG = "skip-execution"


def repair(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Bring a notebook into the form that nbgrader's sanitisers expect.

    Each repair is made where there is one honest reading, and gives one remark. The texts of
    locked cells and the types of cells are left to nbgrader, which overwrites them.

    Parameters
    ----------
    notebook
        What was handed in, format 4.5. It is changed.

    Returns
    -------
    list of Remark
        What a person should know.
    """
    forget(notebook)
    _follow(notebook, blueprint)
    said: list[Remark] = []
    for step in (join, unique, adopt, _metadata, _tags, _order, _restore):
        said += step(notebook, blueprint)
    _limit(notebook, blueprint)
    return said


def forget(notebook: NotebookNode) -> None:
    """Take away metadata that means nothing, and what only an author may set."""
    notebook.metadata.pop("autograder", None)
    for cell in notebook.cells:
        cell.metadata.pop("autograder", None)
        about = cell.metadata.get("nbgrader", {})
        if not isinstance(about, dict) or not isinstance(about.get("grade_id", ""), str):
            del cell.metadata["nbgrader"]


def _follow(notebook: NotebookNode, blueprint: Blueprint) -> None:
    """Give cells of an earlier release the names that they have now."""
    for cell in notebook.cells:
        now = blueprint.former.get(grade_id(cell) or "")
        if now and grade_id(cell) not in blueprint.by_name:
            cell.metadata["nbgrader"]["grade_id"] = now


def _limit(notebook: NotebookNode, blueprint: Blueprint) -> None:
    """Note the author's limits where the exam reads them."""
    limits = dict(blueprint.limits)
    if "" in limits:
        notebook.metadata["autograder"] = {"limit_s": limits[""]}
    for cell in notebook.cells:
        if seconds := limits.get(grade_id(cell) or ""):
            cell.metadata["autograder"] = {"limit_s": seconds}


def _metadata(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Write nbgrader's metadata anew; say which of it had been changed."""
    said = []
    for cell in notebook.cells:
        source = blueprint.by_name.get(grade_id(cell) or "")
        if source is None:
            continue
        right, was = about(source), cell.metadata["nbgrader"]
        for name in ("points", *FLAGS):
            if name in right and was.get(name, right[name]) != right[name]:
                text = (
                    f"the {name} of cell '{source.name}' had been changed from {right[name]} to "
                    f"{was[name]}; {right[name]} was used"
                )
                said.append(Remark(text, Kind.TAMPERED))
        if "points" in right and "points" not in was:
            text = f"the points of cell '{source.name}' had been taken away and were put back"
            said.append(Remark(text, Kind.TAMPERED))
        cell.metadata["nbgrader"] = nbformat.from_dict(right)
        if cell.cell_type != source.cell_type:
            cell.pop("attachments", None)
    return said


def about(source: SourceCell) -> dict[str, Any]:
    """Return nbgrader's metadata for one of the instructor's cells."""
    flags = {flag: getattr(source, flag) for flag in FLAGS}
    points = {"points": source.max_score} if source.grade or source.task else {}
    return {**flags, **points, "grade_id": source.name, "schema_version": 3} | {
        "cell_type": source.cell_type,
        "checksum": source.checksum,
    }


def _tags(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Make sure that every test is run, whatever tags the cell carries."""
    said = []
    for cell in notebook.cells:
        source = blueprint.by_name.get(grade_id(cell) or "")
        tags = cell.metadata.get("tags", [])
        if source is not None and source.locked and SKIP_TAG in tags:
            cell.metadata["tags"] = [tag for tag in tags if tag != SKIP_TAG]
            kind = "test" if source.grade else "cell"
            text = f"the tag '{SKIP_TAG}' was taken off {kind} '{source.name}'"
            said.append(Remark(text, Kind.TAMPERED))
    return said


def _order(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Put the topic's cells back into their order; the student's own stay where they are."""
    rank = {source.name: place for place, source in enumerate(blueprint.cells)}
    places = [i for i, cell in enumerate(notebook.cells) if grade_id(cell) in rank]
    cells = [notebook.cells[place] for place in places]
    ordered = sorted(cells, key=lambda cell: rank[grade_id(cell)])
    if ordered == cells:
        return []
    for place, cell in zip(places, ordered, strict=True):
        notebook.cells[place] = cell
    return [Remark("cells had been moved and were put back into their order", Kind.REPAIRED)]


def _restore(notebook: NotebookNode, blueprint: Blueprint) -> list[Remark]:
    """Put cells back that were deleted: those that are given, judged, or graded by a person.

    A student's own code cell is not: its stub would replace what stands elsewhere.
    """
    said = []
    for source in blueprint.cells:
        if any(grade_id(cell) == source.name for cell in notebook.cells):
            continue
        if not (source.locked or source.grade or source.task):
            said.append(Remark(f"cell '{source.name}' is missing", Kind.REPAIRED))
            continue
        low, high = between(notebook, blueprint, source)
        # What is given comes before what the student added; what judges comes after it.
        given = source.locked and not source.grade
        notebook.cells.insert(low if given else high, _new_cell(source, notebook))
        if given:
            what = "cell '{}' was missing and was put back"
        elif source.locked:
            what = "test '{}' was missing and was put back"
        else:
            what = "answer '{}' was missing; an empty one was put in its place"
        said.append(Remark(what.format(source.name), Kind.REPAIRED))
    return said


def _new_cell(source: SourceCell, notebook: NotebookNode) -> NotebookNode:
    makers: dict[str, Callable[..., NotebookNode]] = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
    }
    make = makers.get(source.cell_type, nbformat.v4.new_raw_cell)
    cell = make(source.source, metadata={"nbgrader": about(source)})
    taken = {each.get("id") for each in notebook.cells}
    cell.id = f"restored-{_fit(source.name)}"
    while cell.id in taken:
        cell.id += "-"
    return cell


def _fit(name: str) -> str:
    """Return a name with only those characters that a cell's id may have."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)[:50]
