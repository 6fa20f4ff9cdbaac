"""Similar submissions as the page shows them: side by side, with equal lines marked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.report.gather import Results

if TYPE_CHECKING:
    from autograder.similarity import Excerpt, Pair

# Each pair fills a page of paper; the others are only named.
MOST_PAIRS = 12
MOST_CELLS = 6
AROUND = 2
MOST_LINES = 60
_GAP = "⋯"


@dataclass(frozen=True)
class Line:
    """A line of a cell; ``same`` is True if the other student has it too."""

    text: str
    same: bool


@dataclass(frozen=True)
class Side:
    """One student's text of a cell."""

    cell: str
    lines: list[Line]


@dataclass(frozen=True)
class Shown:
    """A pair of students and their similar cells; ``more`` cells are not shown."""

    first: str
    second: str
    share: float
    cells: list[tuple[Side, Side]]
    more: int = 0


@dataclass
class Similar:
    """The similar pairs of a class.

    Attributes
    ----------
    pairs
        The pairs that are shown in full, the most similar first.
    others
        The names of further pairs.
    problem
        Why nothing could be compared, or "".
    remarks
        Remarks on submissions that were not, or only partly, compared, by student.
    """

    pairs: list[Shown] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    remarks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def students(self) -> set[str]:
        """The students who are in a pair."""
        shown = [(pair.first, pair.second) for pair in self.pairs]
        return {name for pair in [*shown, *self.others] for name in pair}


def similar(course: Course, results: Results) -> Similar:
    """Compare a class; if that fails, the result has the reason and the report goes on."""
    if len(results.works) + len(results.ungraded) < 2:
        return Similar()
    try:
        from autograder.similarity import of_class

        found = of_class(course, results.topic)
        shown = [_shown(pair) for pair in found.pairs[:MOST_PAIRS]]
        others = [(pair.first, pair.second) for pair in found.pairs[MOST_PAIRS:]]
    except AutograderError as error:
        return Similar(problem=str(error))
    except Exception as error:  # only this section fails, not the report
        return Similar(problem=f"The comparison failed ({type(error).__name__}: {error}).")
    return Similar(shown, others, remarks=found.remarks)


def _shown(pair: Pair) -> Shown:
    cells = [(_side(match.first), _side(match.second)) for match in pair.cells[:MOST_CELLS]]
    return Shown(pair.first, pair.second, pair.share, cells, len(pair.cells) - len(cells))


def _side(excerpt: Excerpt) -> Side:
    """Return the equal lines, with a few around them."""
    texts, same = excerpt.text.split("\n"), set(excerpt.lines)
    near = {n + step for n in same for step in range(-AROUND, AROUND + 1)}
    lines: list[Line] = []
    for number, text in enumerate(texts):
        if number in near:
            lines.append(Line(text[:500], number in same))
        elif not lines or lines[-1].text != _GAP:
            lines.append(Line(_GAP, False))
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], Line(_GAP, False)]
    return Side(excerpt.cell, lines)
