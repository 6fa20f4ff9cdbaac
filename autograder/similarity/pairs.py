"""The results: pairs of students, and the cells that agree, side by side."""

from __future__ import annotations

from dataclasses import dataclass

OWN_CELL = "own cell"


@dataclass(frozen=True)
class Excerpt:
    """One cell of one student.

    Attributes
    ----------
    cell
        The grade id of the task, or ``"own cell"``.
    cell_type
        "code" or "markdown".
    text
        The student's text, including the released lines around it. A very long text is cut.
    lines
        The lines of ``text``, split at newlines only, that agree with the other cell; from 0.
    """

    cell: str
    cell_type: str
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Match:
    """Two cells with the same text in them; ``bits`` is its weight (see `Pair`)."""

    first: Excerpt
    second: Excerpt
    bits: float


@dataclass(frozen=True)
class Pair:
    """Two students whose own work agrees more than chance explains.

    Attributes
    ----------
    first, second
        The students, in the order of their names.
    share
        From 0 to 1: the share of the rare text in the smaller work that is also in the other.
    bits
        How surprising it is that two students of this class share that text: each bit halves the
        probability. Text that the released notebook requires, or that most of the class wrote, adds
        nothing.
    cells
        The cells that agree, most bits first.
    """

    first: str
    second: str
    share: float
    bits: float
    cells: tuple[Match, ...]


@dataclass(frozen=True)
class Comparison:
    """The similar pairs of one class, and remarks on the comparison.

    ``remarks`` are sentences by student: work that could not be read, or was compared in part.
    """

    pairs: list[Pair]
    remarks: dict[str, list[str]]
