"""Two students' work side by side: the pieces that agree, their bits, and their lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz.distance import LCSseq

from autograder.similarity.own import OwnCell
from autograder.similarity.pairs import Excerpt, Match
from autograder.similarity.rarity import RUN, Weighed
from autograder.similarity.work import Piece

# Two cells whose agreement has fewer bits are not shown.
LEAST_SHOWN = 2.0
# Limits for work that repeats itself a thousand times, which would need a million alignments.
MOST_PLACES, MOST_ALIGNED = 8, 1_000


@dataclass
class Work:
    """A student's own cells, and their weighed pieces."""

    cells: Sequence[OwnCell]
    pieces: Sequence[Piece]
    weighed: Sequence[Weighed] = ()

    def total(self, kind: str) -> float:
        """Return the surprise of all its code, or of all its words."""
        both = zip(self.pieces, self.weighed, strict=True)
        return sum(float(each.bits.sum()) for piece, each in both if self.kind(piece) == kind)

    def by_cell(self) -> Counter[int]:
        """Return the surprise of each cell."""
        found: Counter[int] = Counter()
        for piece, each in zip(self.pieces, self.weighed, strict=True):
            found[piece.cell] += float(each.bits.sum())
        return found

    def kind(self, piece: Piece) -> str:
        """Return whether a piece is code or words."""
        return piece.kind


@dataclass
class Agreement:
    """What two works share: the bits of code and of words; for each two cells, bits and lines."""

    bits: Counter[str] = field(default_factory=Counter)
    cells: dict[tuple[int, int], tuple[float, set[int], set[int]]] = field(default_factory=dict)

    def add(
        self, kind: str, places: tuple[int, int], bits: float, one: set[int], two: set[int]
    ) -> None:
        """Add the bits and lines that two pieces share to those of their cells."""
        before, lines, others = self.cells.get(places, (0.0, set(), set()))
        self.cells[places] = (before + bits, lines | one, others | two)
        self.bits[kind] += bits


def agree(one: Work, two: Work) -> Agreement:
    """Align the pieces of two works, most bits first; each token counts once."""
    found = Agreement()
    used: tuple[dict[int, set[int]], ...] = defaultdict(set), defaultdict(set)
    for i, j in _candidates(one, two):
        bits, lines, others = 0.0, set(), set()
        for start, other, length in _blocks(one.pieces[i].text, two.pieces[j].text):
            here = [
                k
                for k in range(length)
                if start + k not in used[0][i] and other + k not in used[1][j]
            ]
            places, partners = [start + k for k in here], [other + k for k in here]
            both = np.minimum(one.weighed[i].bits[places], two.weighed[j].bits[partners])
            bits += float(both[[k >= RUN - 1 for k in here]].sum())
            used[0][i].update(places)
            used[1][j].update(partners)
            lines |= _lines(one.pieces[i], places)
            others |= _lines(two.pieces[j], partners)
        if lines:
            piece = one.pieces[i]
            found.add(one.kind(piece), (piece.cell, two.pieces[j].cell), bits, lines, others)
    return found


def _candidates(one: Work, two: Work) -> list[tuple[int, int]]:
    """Return the indices of pieces that share runs, most bits first."""
    where: dict[int, list[int]] = defaultdict(list)
    for j, piece in enumerate(two.weighed):
        for run in set(piece.runs.tolist()) - {-1}:
            if len(where[run]) < MOST_PLACES:
                where[run].append(j)
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for i, piece in enumerate(one.weighed):
        for run, bits in zip(piece.runs.tolist(), piece.bits.tolist(), strict=True):
            for j in where.get(run, ()):
                shared[i, j] += bits
    return sorted(shared, key=lambda places: (-shared[places], places))[:MOST_ALIGNED]


def _blocks(one: str, two: str) -> Iterator[tuple[int, int, int]]:
    """Yield the common runs of two texts, in the same order: both starts, and the length."""
    for part in LCSseq.opcodes(one, two):
        length = part.src_end - part.src_start
        if part.tag == "equal" and length >= RUN:
            yield part.src_start, part.dest_start, length


def _lines(piece: Piece, places: Sequence[int]) -> set[int]:
    """Return the lines of some tokens; the end of a piece has none."""
    return {piece.lines[place] for place in places if place < len(piece.lines)}


def matches(one: Work, two: Work, agreement: Agreement) -> tuple[Match, ...]:
    """Return the cells that agree, most bits first."""
    by_bits = sorted(agreement.cells.items(), key=lambda found: (-found[1][0], found[0]))
    return tuple(
        Match(_excerpt(one.cells[here], lines), _excerpt(two.cells[there], others), round(bits, 1))
        for (here, there), (bits, lines, others) in by_bits
        if bits >= LEAST_SHOWN
    )


def _excerpt(cell: OwnCell, lines: set[int]) -> Excerpt:
    return Excerpt(cell.name, cell.cell_type, cell.text, tuple(sorted(lines)))
