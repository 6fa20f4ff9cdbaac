"""Repair the instructor's cells in a student's notebook, with a remark on each repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.remarks import Kind, Remark, together
from autograder.submissions.cell_matching import adopt, between, grade_id, join, unique
from autograder.submissions.differences import differences, handed_out
from autograder.submissions.recognise import part, recognise
from autograder.submissions.written_answers import find_answers
from autograder.topics.cell_text import INVISIBLE, with_one_line_end
from autograder.topics.releases import FLAGS, Release

# nbclient skips a cell with this tag, and nbgrader gives a test that did not run full marks.
SKIP_TAG = "skip-execution"


def repair(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Change a notebook to the form that nbgrader's sanitisers expect.

    A repair is made only if there is one plausible reading. Repairs and differences give one remark
    for each cause. The texts of locked cells are not changed here: nbgrader overwrites them.

    Parameters
    ----------
    notebook
        The submitted notebook in format 4.5. It is changed in place.

    Returns
    -------
    list of Remark
        One for each kind of repair or difference.
    """
    forget(notebook)
    _follow(notebook, plan)
    said: list[Remark] = []
    for step in (join, unique, part, recognise):
        said += step(notebook, plan)
    base = handed_out(notebook, plan)
    said += adopt(notebook, plan)
    said += differences(notebook, plan, base)
    for step in (_types, _metadata, _tags, _order):
        said += step(notebook, plan)
    said += _restore(notebook, plan, base)
    said += find_answers(notebook, plan)
    _limit(notebook, plan)
    return said


def forget(notebook: NotebookNode) -> None:
    """Remove metadata that only an author may set, and invisible characters at the ends."""
    notebook.metadata.pop("autograder", None)
    for cell in notebook.cells:
        cell.metadata.pop("autograder", None)
        cell.source = with_one_line_end(cell.source).strip(INVISIBLE)
        about = cell.metadata.get("nbgrader", {})
        if not isinstance(about, dict) or not isinstance(about.get("grade_id", ""), str):
            del cell.metadata["nbgrader"]


def _follow(notebook: NotebookNode, plan: Plan) -> None:
    """Rename cells of an earlier release to their present names."""
    for cell in notebook.cells:
        now = plan.former.get(grade_id(cell) or "")
        if now and grade_id(cell) not in plan.by_name:
            cell.metadata["nbgrader"]["grade_id"] = now


def _limit(notebook: NotebookNode, plan: Plan) -> None:
    """Write the author's time limits into the metadata that the exam reads."""
    limits = dict(plan.limits)
    if "" in limits:
        notebook.metadata["autograder"] = {"limit_s": limits[""]}
    for cell in notebook.cells:
        if seconds := limits.get(grade_id(cell) or ""):
            cell.metadata["autograder"] = {"limit_s": seconds}


def _types(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Restore the type of cells that were changed to text or to code by accident."""
    said: dict[str, list[str]] = {}
    for cell in notebook.cells:
        source = plan.by_name.get(grade_id(cell) or "")
        if source is None or cell.cell_type == source.cell_type:
            continue
        how = f"had been changed from {source.cell_type} to {cell.cell_type}"
        said.setdefault(f"{how}; {source.cell_type} was used", []).append(source.name)
        for key in ("attachments", "outputs", "execution_count"):
            cell.pop(key, None)
        cell["cell_type"] = source.cell_type
        if source.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return [
        remark
        for how, names in said.items()
        for remark in together(
            names,
            Kind.REPAIRED,
            f"the cell_type of cell '{{name}}' {how}",
            f"the cell_type of {{count}} cells {how} ({{names}})",
        )
    ]


def _metadata(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Write nbgrader's metadata from the gradebook."""
    for cell in notebook.cells:
        if source := plan.by_name.get(grade_id(cell) or ""):
            cell.metadata["nbgrader"] = nbformat.from_dict(about(source))
    return []


def about(source: SourceCell) -> dict[str, Any]:
    """Return nbgrader's metadata for one of the instructor's cells."""
    flags = {flag: getattr(source, flag) for flag in FLAGS}
    points = {"points": source.max_score} if source.grade or source.task else {}
    return {**flags, **points, "grade_id": source.name, "schema_version": 3} | {
        "cell_type": source.cell_type,
        "checksum": source.checksum,
    }


def _tags(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Remove the tag that would keep a cell from running."""
    said: dict[str, list[str]] = {}
    for cell in notebook.cells:
        source = plan.by_name.get(grade_id(cell) or "")
        tags = cell.metadata.get("tags", [])
        if source is not None and source.locked and SKIP_TAG in tags:
            cell.metadata["tags"] = [tag for tag in tags if tag != SKIP_TAG]
            said.setdefault("test" if source.grade else "cell", []).append(source.name)
    return [
        remark
        for what, names in said.items()
        for remark in together(
            names,
            Kind.TAMPERED if what == "test" else Kind.REPAIRED,
            f"the tag '{SKIP_TAG}' was taken off {what} '{{name}}'",
            f"the tag '{SKIP_TAG}' was taken off {{count}} {what}s ({{names}})",
        )
    ]


def _order(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Restore the order of the topic's cells; the student's own cells stay where they are."""
    rank = {source.name: place for place, source in enumerate(plan.cells)}
    places = [i for i, cell in enumerate(notebook.cells) if grade_id(cell) in rank]
    cells = [notebook.cells[place] for place in places]
    ordered = sorted(cells, key=lambda cell: rank[grade_id(cell)])
    if ordered == cells:
        return []
    for place, cell in zip(places, ordered, strict=True):
        notebook.cells[place] = cell
    return [Remark("cells had been moved and were put back into their order", Kind.REPAIRED)]


def _restore(notebook: NotebookNode, plan: Plan, base: Release) -> list[Remark]:
    """Restore deleted cells: given cells, tests, and answers that a person grades.

    A task's code cell is not restored: its stub would overwrite a definition in another cell. There
    is no remark on a cell of a later release, which the student never had.
    """
    said: dict[tuple[str, str], list[str]] = {}
    present = set(map(grade_id, notebook.cells))
    for source in plan.cells:
        if source.name in present:
            continue
        how = _PUT_BACK["given" if source.locked else "answer"]
        if not (source.locked or source.grade or source.task):
            how = _PUT_BACK["task"]
        else:
            low, high = between(notebook, plan, source)
            # A given cell comes before the cells that the student added, a test after them.
            given = source.locked and not source.grade
            notebook.cells.insert(low if given else high, _new_cell(source, notebook))
            how = _PUT_BACK["test"] if source.locked and not given else how
        if source.name in base.by_name or not base.cells:
            said.setdefault(how, []).append(source.name)
    return [
        remark for how, names in said.items() for remark in together(names, Kind.REPAIRED, *how)
    ]


_PUT_BACK = {
    "given": (
        "cell '{name}' was missing and was put back",
        "{count} given cells were missing and were put back ({names})",
    ),
    "test": (
        "test '{name}' was missing and was put back",
        "{count} tests were missing and were put back ({names})",
    ),
    "answer": (
        "answer '{name}' was missing; an empty one was put in its place",
        "{count} answers were missing; empty ones were put in their places ({names})",
    ),
    "task": (
        "cell '{name}' is missing",
        "{count} cells of tasks are missing ({names})",
    ),
}


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
    """Return a name without the characters that a cell's id must not have."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)[:50]
