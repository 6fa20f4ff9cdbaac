"""Differences between a student's notebook and the releases, and which ones are tampering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.remarks import Kind, Remark, together
from autograder.submissions.cell_matching import grade_id
from autograder.topics.cell_text import normal, same, statements
from autograder.topics.releases import FLAGS, Release, ReleasedCell


@dataclass
class _Found:
    """Names of cells by the kind of difference; ``old`` are cells of an earlier release."""

    old: list[NotebookNode] = field(default_factory=list)
    weakened: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    without_points: list[str] = field(default_factory=list)
    said: list[Remark] = field(default_factory=list)


def handed_out(notebook: NotebookNode, plan: Plan) -> Release:
    """Return the release that a notebook was made from: the best match, or the present one."""
    cells = {name: cell for cell in notebook.cells if (name := grade_id(cell))}
    known = {name for release in plan.releases for name in release.by_name}

    def fit(release: Release) -> int:
        right = sum(
            _is(cells[name], form)
            for name, form in release.by_name.items()
            if name in cells and form.locked
        )
        return right - len((cells.keys() & known) ^ release.by_name.keys())

    return max(plan.releases, key=fit, default=plan.release)


def differences(notebook: NotebookNode, plan: Plan, base: Release) -> list[Remark]:
    """Return remarks on the differences; the notebook is not changed.

    Parameters
    ----------
    base
        The release that the notebook was made from (`handed_out`).

    Returns
    -------
    list of Remark
        One sentence for each cause.
    """
    found = _Found()
    for place, cell in enumerate(notebook.cells):
        source = plan.by_name.get(grade_id(cell) or "")
        if source is None or any(_is(cell, form) for form in plan.forms(source.name)[:1]):
            continue
        if any(_is(cell, form) for form in plan.forms(source.name)):
            found.old.append(cell)
            continue
        _points(found, cell, source, plan)
        _flags(found, cell, source, plan)
        if source.locked:
            _text(found, notebook.cells[place:], source, plan)
    return [*_told(found), *_earlier(found.old, plan, base)]


def _is(cell: NotebookNode, form: ReleasedCell) -> bool:
    """Return whether a cell is as released; lost metadata is no difference."""
    about = cell.metadata["nbgrader"]
    if any(about.get(flag, value) != value for flag, value in zip(FLAGS, form.flags, strict=True)):
        return False
    if form.points is not None and about.get("points") != form.points:
        return False
    return not form.locked or same(cell.source, form.text, form.cell_type)


def _points(found: _Found, cell: NotebookNode, source: SourceCell, plan: Plan) -> None:
    if not (source.grade or source.task):
        return
    was, known = cell.metadata["nbgrader"].get("points"), source.max_score
    values = [known, *(form.points for form in plan.forms(source.name))]
    if was is None:
        found.without_points.append(source.name)
    elif was not in values:
        kind = Kind.TAMPERED if _above(was, max(filter(None, values), default=0)) else Kind.REPAIRED
        found.said.append(_changed("points", source.name, known, was, kind))


def _above(points: Any, most: float) -> bool:
    try:
        return float(points) > most
    except (TypeError, ValueError):
        return False


def _flags(found: _Found, cell: NotebookNode, source: SourceCell, plan: Plan) -> None:
    about = cell.metadata["nbgrader"]
    for place, flag in enumerate(FLAGS):
        right = getattr(source, flag)
        was = about.get(flag, right)
        if was not in [right, *(form.flags[place] for form in plan.forms(source.name))]:
            found.said.append(_changed(flag, source.name, right, was, Kind.TAMPERED))


def _changed(what: str, name: str, right: Any, was: Any, kind: Kind) -> Remark:
    text = f"the {what} of cell '{name}' had been changed from {right} to {was}; {right} was used"
    return Remark(text, kind)


def _text(found: _Found, rest: list[NotebookNode], source: SourceCell, plan: Plan) -> None:
    """Check the text of a locked cell, the first of ``rest``."""
    forms, text = plan.forms(source.name), rest[0].source
    # An instructor who hands in the source notebook has the whole cell, hidden tests included.
    known = [*(form.text for form in forms), source.source]
    if not forms or any(same(text, each, source.cell_type) for each in known):
        return
    test = source.grade and not source.solution
    weakened = test and _weakened(text, [form.text for form in forms], _own(rest[1:], plan))
    (found.weakened if weakened else found.edited).append(source.name)


def _own(cells: Iterable[NotebookNode], plan: Plan) -> Iterable[str]:
    """Yield the texts of the student's cells up to the next one of the instructor's."""
    for cell in cells:
        if grade_id(cell) in plan.by_name or normal(cell.source) in plan.prose:
            return
        yield cell.source


def _weakened(text: str, released: Iterable[str], below: Iterable[str]) -> bool:
    """Return whether statements of a test were removed or replaced.

    Added statements (a line to print a value) do not count. Nor does a cell that was cleared, that
    does not parse, whose end was split off into the cells ``below``, or whose lines are from
    several releases, as after a merge.
    """
    mine = statements(text)
    wanted = [found for found in map(statements, released) if found is not None]
    if not mine or not wanted:
        return False
    there = mine + sum((statements(each) or Counter() for each in below), Counter())
    if any(not each - there for each in wanted):
        return False
    merged = len(wanted) > 1 and mine.keys() <= {line for each in wanted for line in each}
    return not (merged and mine.total() >= min(each.total() for each in wanted))


def _told(found: _Found) -> list[Remark]:
    return [
        *found.said,
        *together(
            found.weakened,
            Kind.TAMPERED,
            "cell '{name}' had been edited; the released one was used",
            "{count} tests had been edited ({names}); the released ones were used",
        ),
        *together(
            found.edited,
            Kind.REPAIRED,
            "cell '{name}' differs from the released one, which was used",
            "{count} of the instructor's cells differ from the released ones, which were used "
            "({names})",
        ),
        *together(
            found.without_points,
            Kind.DIFFERENCE,
            "the points of cell '{name}' had been removed and were put back",
            "the points of {count} cells had been removed and were put back ({names})",
        ),
    ]


def _earlier(old: list[NotebookNode], plan: Plan, base: Release) -> list[Remark]:
    """Return a remark if the notebook or some cells are from an earlier release."""
    now = base.cells == plan.release.cells
    if now and not old:
        return []
    if not now and all(_of(cell, base) for cell in old):
        what = f"an earlier release (of {base.date})"
    else:
        dates = [r.date for r in plan.earlier if any(_of(cell, r) for cell in old)]
        what = f"cells of an earlier release (of {dates[0]})" if dates else "an earlier release"
    return [Remark(f"handed in {what}, graded with the present tests", Kind.DIFFERENCE)]


def _of(cell: NotebookNode, release: Release) -> bool:
    form = release.by_name.get(grade_id(cell))
    return form is not None and _is(cell, form)
