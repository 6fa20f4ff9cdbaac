"""Collect the content of a student's page: scores, messages of tests, the student's own work.

A test's source is never shown: it has the hidden tests. Of its outputs, the page shows the check
records, their text, and an error's name and message with the student's own lines. Printed output of
a student's cell is taken from the submitted notebook, not from grading: a function could store the
arguments of hidden tests for a later cell to print.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.feedback import clean
from autograder.feedback.budget import CELLS, HEADINGS, OUTPUTS, PICTURES, Budget
from autograder.feedback.cell_failure import why
from autograder.feedback.pictures import with_pictures
from autograder.feedback.test_messages import Said, error_text, said_by
from autograder.gradebook.scores import key
from autograder.topics.cell_text import normal
from nnkit.front import FIGURE_TYPE

_MARK = re.compile(r"#{1,3}(?=\s)")
_POINTS = re.compile(r"\(\d+ points?\)$")
MOST_TITLE = 200


@dataclass(frozen=True)
class Test:
    """One test of a task: its name, its points and its messages.

    ``by_hand`` is True if a person set the points; ``voided`` says how a voided test counts, or
    is "".
    """

    __test__ = False  # the name is the course's; pytest must not collect it

    name: str
    score: float
    points: float
    said: tuple[Said, ...]
    by_hand: bool = False
    voided: str = ""

    @property
    def passed(self) -> bool:
        """Whether the test ran to its end without a failure."""
        if not self.by_hand and not self.voided:
            return self.score >= self.points
        return bool(self.said) and all(said.kind == "passed" for said in self.said)


@dataclass(frozen=True)
class Work:
    """A cell of the student's as HTML, with its printed output and its figures.

    ``kind`` is "code", "answer", "figure" (only the figures of a released cell) or "untouched".
    ``failure`` is the name of the exception that ended a code cell in grading, and ``why`` its
    reason if that may be shown.
    """

    kind: str
    html: Markup | None = None
    printed: tuple[str, ...] = ()
    pictures: tuple[Markup, ...] = ()
    failure: str = ""
    why: str = ""


@dataclass
class Section:
    """The content under one heading of the notebook.

    ``score`` is None if a person has still to grade; ``notes`` say how a voided question counts.
    """

    title: str
    tests: list[Test] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    comments: list[Markup] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    score: float | None = 0.0
    points: float = 0.0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.tests or self.work or self.comments or self.points)

    def count(self, score: float | None, points: float) -> None:
        """Add the score of a cell."""
        self.points += points
        self.score = None if score is None or self.score is None else self.score + score


def title(notebook: NotebookNode) -> str:
    """Return the notebook's first heading, or an empty text."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next((heading for text in texts for heading in _headings(text)), "")


def sections(
    notebook: NotebookNode,
    handed_in: NotebookNode | None,
    released: frozenset[str],
    budget: Budget | None = None,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> list[Section]:
    """Return the sections of a graded notebook that have work of the student's.

    Parameters
    ----------
    notebook
        The autograded notebook, with scores and comments in the cells' metadata, as
        `autograder.feedback.grades.KnownGrades` writes them.
    handed_in
        The submitted notebook, or None: the source of figures and printed text.
    released
        The texts of the released notebook's cells, as `normal` makes them.
    budget
        The limits of the page; afterwards it has what was left out.
    titles
        The heading of a cell in the release, by grade id: a student may have deleted it.
    """
    shown = _Shown(handed_in, budget or Budget())
    found = [current := Section("")]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not is_grade(cell):
            for heading in _titles(cell):
                if shown.budget.spend(HEADINGS):
                    found.append(current := Section(heading))
            continue
        title = titles.get(cell.metadata.get("nbgrader", {}).get("grade_id"), current.title)
        if title != current.title:
            of_title = (section for section in reversed(found) if section.title == title)
            if (current := next(of_title, None)) is None:
                found.append(current := Section(title))
        _add(current, cell, shown, released)
    return [section for section in found if not section.empty]


def titles_in(released: NotebookNode | None) -> dict[str, str]:
    """Return the heading above each of the instructor's cells, by grade id."""
    found, title = {}, ""
    for cell in released.cells if released else []:
        if cell.cell_type == "markdown" and not is_grade(cell):
            title = [title, *_titles(cell)][-1]
        elif name := cell.metadata.get("nbgrader", {}).get("grade_id"):
            found[name] = title
    return found


def _titles(cell: NotebookNode) -> list[str]:
    return [_POINTS.sub("", heading).rstrip() for heading in _headings(cell.source)]


def _add(section: Section, cell: NotebookNode, shown: _Shown, released: frozenset[str]) -> None:
    about = cell.metadata.get("nbgrader", {})
    if is_grade(cell):
        section.count(about.get("score"), float(about.get("points") or 0.0))
        if is_solution(cell) and about.get("voided"):
            section.notes.append(str(about["voided"]))
    untouched = is_solution(cell) and normal(cell.source) in released
    if untouched:
        section.work.append(Work("untouched"))
    comment = str(about.get("comment") or "").strip()
    if comment and (about.get("comment_by_hand") or not untouched):
        section.comments.append(clean.markdown(comment))
    if untouched:
        return
    if cell.cell_type == "markdown":
        if shown.budget.spend(CELLS, len(clean.cut(cell.source))):
            text, pictures = with_pictures(cell, shown.budget)
            section.work.append(Work("answer", clean.markdown(text, pictures)))
    elif cell.cell_type != "code":
        return
    elif is_grade(cell) and not is_solution(cell):
        score, points = float(about.get("score") or 0.0), float(about.get("points") or 0.0)
        said, by_hand = tuple(said_by(cell)), bool(about.get("by_hand"))
        voided = str(about.get("voided") or "")
        section.tests.append(Test(key(about["grade_id"]), score, points, said, by_hand, voided))
    elif not is_locked(cell):
        own = is_solution(cell) or normal(cell.source) not in released
        work = _work(cell, shown, own)
        if work.html is not None or work.pictures:
            section.work.append(work)


def _work(cell: NotebookNode, shown: _Shown, own: bool) -> Work:
    """Return a code cell; of an unchanged released cell, only its figures."""
    if not own:
        return Work("figure", pictures=tuple(shown.pictures(cell)))
    if not shown.budget.spend(CELLS, min(len(cell.source), clean.MOST_CODE)):
        return Work("figure")
    pictures = tuple(shown.pictures(cell))
    return Work("code", clean.code(cell.source), shown.printed(cell), pictures, *_failure(cell))


def _failure(cell: NotebookNode) -> tuple[str, str]:
    """Return the name of the exception that ended a cell, and its reason."""
    errors = [o for o in cell.get("outputs", []) if o.output_type == "error"]
    if not errors:
        return "", ""
    name, message = str(errors[0].get("ename", "")), str(errors[0].get("evalue", ""))
    known = isinstance(kind := getattr(builtins, name, None), type)
    if not known or not issubclass(kind, BaseException):
        return "an error", ""
    return name, clean.plain(why(cell.source, name, message))


def _printed(output: Mapping[str, Any]) -> str:
    """Return an output of a student's cell as text."""
    if output["output_type"] == "stream":
        return clean.plain(output["text"]).rstrip()
    if output["output_type"] == "error":
        return clean.plain("\n".join(output.get("traceback") or [])) or error_text(output)
    data = output.get("data", {})
    return "" if FIGURE_TYPE in data else clean.plain(str(data.get("text/plain") or ""))


class _Shown:
    """The outputs of the submitted notebook's cells, found by a cell's text."""

    def __init__(self, handed_in: NotebookNode | None, budget: Budget) -> None:
        self.budget = budget
        self._outputs: dict[str, list[NotebookNode]] = {}
        for cell in handed_in.cells if handed_in else []:
            if cell.cell_type == "code" and cell.get("outputs"):
                self._outputs.setdefault(normal(cell.source), cell.outputs)

    def printed(self, cell: NotebookNode) -> tuple[str, ...]:
        """Return the text outputs of a cell."""
        outputs = self._outputs.get(normal(cell.source), [])
        texts = filter(None, map(_printed, outputs))
        return tuple(text for text in texts if self.budget.spend(OUTPUTS, len(text)))

    def pictures(self, cell: NotebookNode) -> Iterator[Markup]:
        """Yield the pictures in a cell's outputs."""
        for output in self._outputs.get(normal(cell.source), []):
            image = _picture(output.get("data", {})) if self.budget.left[PICTURES] else None
            if image is not None and self.budget.spend(PICTURES, picture_bytes=len(image)):
                yield image


def _picture(data: Mapping[str, Any]) -> Markup | None:
    """Return the picture of an output: an image, or one inside HTML."""
    about = data.get(FIGURE_TYPE)
    alt = about.get("alt") if isinstance(about, Mapping) else None
    words = alt if isinstance(alt, str) else "a figure of yours"
    for mime in ("image/png", "image/jpeg", "image/gif", "image/svg+xml"):
        if isinstance(content := data.get(mime), str):
            return clean.picture(mime, content, words)
    html = data.get("text/html")
    return clean.drawn(html) if isinstance(html, str) and "<img" in html else None


def _headings(text: str) -> Iterator[str]:
    """Yield the headings of a Markdown text, of the three highest levels."""
    for line in text.split("\n"):
        if mark := _MARK.match(line):
            heading = line[mark.end() :].strip()[:MOST_TITLE].rstrip().rstrip("#").rstrip()
            if heading:
                yield heading
