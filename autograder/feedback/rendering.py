"""Render a page as HTML: the whole page, or, if that fails, only the points."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.errors import AutograderError
from autograder.feedback import clean, collect
from autograder.feedback.budget import Budget
from autograder.feedback.collect import Section, Test
from autograder.gradebook.scores import key
from autograder.submissions import layout, reading
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import Unfit
from autograder.submissions.likeness import Likeness
from autograder.submissions.places import NAMES
from autograder.submissions.reading import Unreadable
from autograder.topics.cell_text import normal

_pages = Environment(
    loader=PackageLoader("autograder.feedback", ""),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


@dataclass(frozen=True)
class Graded:
    """The data of a page.

    Attributes
    ----------
    about
        nbgrader's data: student, assignment, notebook, score, max_score, late_penalty; and
        sentences on the student's deadline under ``deadline``.
    submitted, released
        The folders of the submissions and of the releases.
    """

    about: dict[str, Any]
    submitted: Path
    released: Path


def page(notebook: str, graded: Graded) -> str:
    """Return the page of an autograded notebook, given as JSON, with its scores and comments."""
    found = nbformat.from_dict(json.loads(notebook))
    about, budget = graded.about, Budget()
    name = about["notebook"]
    given = _read(graded.released / f"{name}.ipynb")
    handed_in = _handed_in(graded.submitted, about["student"], about["assignment"], name, given)
    titles = collect.titles_in(given)
    sections = collect.sections(found, handed_in, _texts(given), budget, titles)
    return _rendered(
        graded,
        collect.title(found),
        sections,
        remarks=found.metadata.get("autograder", {}).get("remarks", []),
        notice=_notice(found) if not any(section.points for section in sections) else None,
        not_shown=budget.said(),
    )


def plain_page(notebook: NotebookNode, graded: Graded, why: str) -> str:
    """Return a page with only the points: the student's content is not read."""
    reason = (
        "This page shows your points only. Your notebook could not be made into a page, since "
        f"{why}. Your points do not depend on it."
    )
    return _rendered(graded, "", _points(notebook), plain=True, not_shown=reason)


def _rendered(graded: Graded, title: str, sections: list[Section], **more: Any) -> str:
    about = graded.about
    given = {"remarks": [], "notice": None, "plain": False} | more
    return _pages.get_template("page.html.j2").render(
        topic=about["assignment"],
        title=title or about["assignment"],
        student=about["student"],
        score=about["score"],
        max_score=about["max_score"],
        late_penalty=about["late_penalty"],
        caution=about.get("caution"),
        deadline=about.get("deadline", []),
        sections=sections,
        code_style=clean.CODE_STYLE,
        **given,
    )


def _points(notebook: NotebookNode) -> list[Section]:
    """Return a section for each cell that has points."""
    found = []
    for cell in filter(is_grade, notebook.cells):
        about = cell.metadata.nbgrader
        section = Section(key(about["grade_id"]))
        section.count(about.get("score"), float(about.get("points") or 0.0))
        voided = str(about.get("voided") or "")
        if is_solution(cell) and voided:
            section.notes.append(voided)
        if cell.cell_type == "code" and not is_solution(cell):
            score, by_hand = section.score or 0.0, bool(about.get("by_hand"))
            section.tests.append(Test(section.title, score, section.points, (), by_hand, voided))
        found.append(section)
    return found


def _notice(notebook: NotebookNode) -> Markup:
    """Return the text that replaces a submission that could not be graded."""
    return clean.markdown(
        "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    )


def _texts(notebook: NotebookNode | None) -> frozenset[str]:
    cells: Iterable[NotebookNode] = notebook.cells if notebook else ()
    return frozenset(normal(cell.source) for cell in cells)


def _handed_in(
    folder: Path, student: str, topic: str, name: str, released: NotebookNode | None
) -> NotebookNode | None:
    """Read the submitted notebook from a clean copy; None if there is not exactly one.

    As in grading, no link out of the folder is followed, for example to another student's work.
    """
    work = layout.find(folder.parents[1], student, topic)
    try:
        with layout.taken(work, Caps.usual(include=NAMES)) as taken:
            reading.read(taken, Likeness.of_release(name, released or nbformat.v4.new_notebook()))
            return _read(taken.folder / f"{name}.ipynb")
    except (Unfit, Unreadable, AutograderError):
        return None


def _read(path: Path) -> NotebookNode | None:
    """Read a notebook that only adds to the page; None if it is missing or broken."""
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # nbformat may raise anything for a student's file
        return None
