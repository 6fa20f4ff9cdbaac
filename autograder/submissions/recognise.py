"""Recognise the topic's cells in a notebook whose nbgrader metadata an editor lost."""

from __future__ import annotations

import difflib
import itertools
import re

import nbformat
from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.remarks import Kind, Remark, together
from autograder.submissions.cell_matching import between, grade_id
from autograder.topics.cell_text import normal, same
from autograder.topics.releases import FLAGS, ReleasedCell

_ALIKE = 0.8
_MOST = 1_000  # of the student's own cells are compared; a diligent student has some twenty
_DEFINED = re.compile(
    r"^(?:(?:async\s+)?def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


def recognise(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Restore the metadata of cells without it.

    First cells with a released text are recognised, then code by the names that it defines, and at
    last written answers by their position between known cells.
    """
    if all(map(grade_id, notebook.cells)):
        return []
    names = [
        name for step in (_by_text, _by_definitions, _by_place) for name in step(notebook, plan)
    ]
    return together(
        names,
        Kind.DIFFERENCE,
        "the nbgrader metadata of cell '{name}' was missing and was put back",
        "the nbgrader metadata of {count} cells was missing and was put back",
    )


def part(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Separate a student's answer from a locked cell that it was joined to, so it is not lost."""
    names = []
    for source in _missing(notebook, plan):
        forms = plan.forms(source.name)
        wanted = _definitions(forms[0].text) if forms and not source.locked else set()
        for place, cell in enumerate(notebook.cells):
            rest = _rest(cell, plan)
            if wanted & _definitions(rest):
                cell.source = cell.source[: -len(rest)].rstrip()
                notebook.cells.insert(place + 1, own := nbformat.v4.new_code_cell(rest))
                names.append(_name(own, forms[0]))
                break
    return together(
        names,
        Kind.REPAIRED,
        "cell '{name}' had been joined to the one above; they were separated",
        "{count} cells had been joined to those above; they were separated ({names})",
    )


def _rest(cell: NotebookNode, plan: Plan) -> str:
    """Return the text after the released text of a locked code cell, or ""."""
    lines = cell.source.split("\n")
    for form in plan.forms(grade_id(cell) or ""):
        text = normal(form.text)
        count = text.count("\n") + 1
        if form.locked and cell.cell_type == "code" and normal("\n".join(lines[:count])) == text:
            return "\n".join(lines[count:]).strip("\n")
    return ""


def _missing(notebook: NotebookNode, plan: Plan) -> list[SourceCell]:
    present = set(map(grade_id, notebook.cells))
    return [source for source in plan.cells if source.name not in present]


def _strangers(cells: list[NotebookNode], cell_types: tuple[str, ...]) -> list[NotebookNode]:
    found = (
        cell
        for cell in cells
        if not grade_id(cell) and cell.cell_type in cell_types and normal(cell.source)
    )
    return list(itertools.islice(found, _MOST))


def _name(cell: NotebookNode, form: ReleasedCell) -> str:
    """Write the metadata of the released cell, and return its name."""
    flags = dict(zip(FLAGS, form.flags, strict=True))
    points = {} if form.points is None else {"points": form.points}
    about = {**flags, **points, "grade_id": form.name, "schema_version": 3}
    cell.metadata["nbgrader"] = nbformat.from_dict(about)
    return form.name


def _by_text(notebook: NotebookNode, plan: Plan) -> list[str]:
    """Recognise the first cell with each released text."""
    names = []
    for source in _missing(notebook, plan):
        forms = plan.forms(source.name)
        for cell in _strangers(notebook.cells, (source.cell_type,)):
            found = (f for f in forms if same(cell.source, f.text, f.cell_type))
            if form := next(found, None):
                names.append(_name(cell, form))
                break
    return names


def _by_definitions(notebook: NotebookNode, plan: Plan) -> list[str]:
    """Recognise the code of tasks by the names that the stub defines; the last cell counts.

    An edited locked cell is recognised if most of its text is unchanged.
    """
    names = []
    for source in _missing(notebook, plan):
        forms = plan.forms(source.name)
        if source.cell_type != "code" or not forms:
            continue
        low, high = between(notebook, plan, source)
        cells = _strangers(notebook.cells[low:high], ("code",))
        if source.locked:
            found = [cell for cell in cells if _alike(cell.source, forms[0].text) >= _ALIKE]
        else:
            wanted = _definitions(forms[0].text)
            found = [cell for cell in cells if wanted & _definitions(cell.source)]
        if found:
            names.append(_name(found[-1], forms[0]))
    return names


def _definitions(text: str) -> set[str]:
    return {name for found in _DEFINED.findall(normal(text)) for name in found if name}


def _alike(one: str, other: str) -> float:
    """Return the fraction of lines that two texts have in common, from 0 to 1."""
    if len(one) > 4 * len(other) + 1000:
        return 0.0  # the time of the comparison is quadratic
    lines = normal(one).split("\n"), normal(other).split("\n")
    return difflib.SequenceMatcher(None, *lines, autojunk=False).ratio()


def _by_place(notebook: NotebookNode, plan: Plan) -> list[str]:
    """Recognise a written answer: the only text between known cells, or the one like the stub."""
    names = []
    for source in _missing(notebook, plan):
        forms = plan.forms(source.name)
        if source.name not in plan.manual or source.locked or not forms:
            continue
        low, high = between(notebook, plan, source)
        kinds = ("code",) if source.cell_type == "code" else ("markdown", "raw")
        texts = {normal(c.text) for release in plan.releases for c in release.cells}
        found = [
            cell
            for cell in _strangers(notebook.cells[low:high], kinds)
            if normal(cell.source) not in texts
        ]
        if len(found) > 1:
            found = [cell for cell in found if _alike(cell.source, forms[0].text) > 1 / 2]
        if len(found) == 1:
            names.append(_name(found[0], forms[0]))
    return names
