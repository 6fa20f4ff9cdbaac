"""Compare the students of one class with each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from nbformat import NotebookNode
from numpy.typing import NDArray

from autograder.bounded_process import Exceeded, shared
from autograder.similarity import work as working
from autograder.similarity.own import Released, own_cells
from autograder.similarity.pairs import Comparison, Pair
from autograder.similarity.rarity import weigh
from autograder.similarity.side_by_side import Agreement, Work, agree, matches

# A pair is reported if its share times its weight (`_weight`) exceeds log2 of the number of pairs
# in the class by this many bits, or if enough tasks are alike. `make similar` measures the result.
LEAST_BITS = 12.0
# This many more if the reference solution is unknown: code that it requires then looks rare.
WITHOUT_BOOK = 12.0
# Two students of whom one copied half of the tasks have several tasks with the same rare code. Two
# who worked alone have one such task by chance, and it may have many bits: so no task counts for
# more than this, and the sum must be higher by so many bits, since any tasks may agree.
MOST_PER_TASK = 12.0
FOR_ANY_TASKS = 4.0
_ALIKE = 0.95
MOST_PAIRS = 60
# At most this many pairs are aligned, those that share most.
_MOST_ALIGNED = 4 * MOST_PAIRS
_BLOCK = 4096


def similar_pairs(submissions: Mapping[str, NotebookNode], released: NotebookNode) -> list[Pair]:
    """Return the students whose own work agrees more than chance explains; see `compare`."""
    return compare(submissions.items(), released).pairs


def compare(
    submissions: Iterable[tuple[str, NotebookNode]],
    released: NotebookNode,
    solution: Iterable[str] = (),
    known: Iterable[str] = (),
) -> Comparison:
    """Compare the students of a class. No code is run.

    Differences in names, layout, comments, prints, and the order of functions or cells are ignored.
    A loop written in another way is a difference.

    Parameters
    ----------
    submissions
        Pairs of a student and a notebook; each notebook is dropped after it is read.
    released
        The notebook that all students got.
    solution
        Code of the reference solution. Like the released notebook, it has no weight.
    known
        Other code that any student may write, such as a topic's variants: it has little weight.

    Returns
    -------
    Comparison
        The pairs, largest share first, and remarks by student.
    """
    given = Released.of(released)
    names, alphabet = working.names_of(given), working.Alphabet()
    works: dict[str, Work] = {}
    remarks: dict[str, list[str]] = {}
    for student, notebook in submissions:
        said: list[str] = []
        cells = own_cells(notebook, given, said)
        try:
            own = shared().call(working.read, cells, names)
        except Exceeded as error:
            own = working.Own(remarks=(f"not compared: {error}",))
        works[student] = Work(cells, working.pieces(own, alphabet))
        if said := [*said, *dict.fromkeys(own.remarks)]:
            remarks[student] = said
    works = dict(sorted(works.items()))
    reference = working.background(solution, names, alphabet)
    book = [*reference, *working.background(given.code, names, alphabet)]
    book += working.background_words(given.prose, alphabet)
    texts = [[piece.text for piece in each.pieces] for each in works.values()]
    weighed = weigh(texts, working.background(known, names, alphabet), book)
    for each, weights in zip(works.values(), weighed, strict=True):
        both = zip(weights, each.pieces, strict=True)
        each.weighed = [weight.dampened(piece.thoughts) for weight, piece in both]
    least = least_bits(len(works), book=bool(reference))
    return Comparison(_pairs(works, least), remarks)


def least_bits(students: int, *, book: bool) -> float:
    """Return the least product of a pair's share and weight, in bits, for a class of this size.

    ``book``: the reference solution is known.
    """
    return LEAST_BITS + (0 if book else WITHOUT_BOOK) + math.log2(max(1, math.comb(students, 2)))


def _pairs(works: Mapping[str, Work], least: float) -> list[Pair]:
    """Return the pairs to report, in their order."""
    students = list(works)
    found = []
    for i, j in _nearest(list(works.values()), least):
        one, two = works[students[i]], works[students[j]]
        agreement = agree(one, two)
        bits, share = agreement.bits.total(), _share(one, two, agreement)
        whole = share * _weight(one, two, agreement) >= least
        if whole or _tasks_alike(one, two, agreement) >= least + FOR_ANY_TASKS:
            found.append((-share, -bits, students[i], students[j], agreement))
    return [
        Pair(
            first,
            second,
            round(-share, 3),
            round(-bits, 1),
            matches(works[first], works[second], agreement),
        )
        for share, bits, first, second, agreement in sorted(found, key=lambda pair: pair[:4])
    ][:MOST_PAIRS]


def _share(one: Work, two: Work, agreement: Agreement) -> float:
    """Return the share of the smaller work's rare code, or rare words, that is in the other.

    The kind with more agreement decides, code or words: a copied written answer counts even if the
    student's code is original, and vice versa.
    """
    if not agreement.bits:
        return 0.0
    [(kind, bits)] = agreement.bits.most_common(1)
    smaller = min(one.total(kind), two.total(kind))
    return min(1.0, bits / smaller) if smaller else 0.0


def _weight(one: Work, two: Work, agreement: Agreement) -> float:
    """Return the bits of the cells that agree, each times the share that agrees.

    A copied cell agrees in all its rare parts, even with other text around it. Two students who
    worked alone and chose the same method agree in most of a cell, but differ in details.
    """
    first, second = one.by_cell(), two.by_cell()
    return sum(
        bits * min(1.0, bits / min(first[here], second[there]))
        for (here, there), (bits, _, _) in agreement.cells.items()
        if bits
    )


def _tasks_alike(one: Work, two: Work, agreement: Agreement) -> float:
    """Return the bits of the cells that are alike in both works, each at most `MOST_PER_TASK`."""
    first, second = one.by_cell(), two.by_cell()
    return sum(
        min(bits, MOST_PER_TASK)
        for (here, there), (bits, _, _) in agreement.cells.items()
        if bits >= _ALIKE * max(first[here], second[there])
    )


def _nearest(works: Sequence[Work], least: float) -> list[tuple[int, int]]:
    """Return the pairs that share enough runs to be worth an alignment."""
    shared = np.triu(_shared_bits(works), 1)
    rows, columns = np.nonzero(shared >= least)
    order = np.argsort(-shared[rows, columns], kind="stable")[:_MOST_ALIGNED]
    return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))


def _shared_bits(works: Sequence[Work]) -> NDArray[np.float64]:
    """Return, for each two students, the bits of the runs that both have: shape (n, n)."""
    owned = [_runs(each) for each in works]
    runs = np.concatenate([np.empty(0, np.int64), *(mine for mine, _ in owned)])
    _, places, counts = np.unique(runs, return_inverse=True, return_counts=True)
    sums = np.bincount(places, np.concatenate([np.empty(0), *(each for _, each in owned)]))
    bits = sums / counts
    ends = np.cumsum([len(mine) for mine, _ in owned])
    columns = np.split(places, ends[:-1])
    total = np.zeros((len(works), len(works)))
    for start in range(0, len(counts), _BLOCK):
        has = np.zeros((len(works), min(_BLOCK, len(counts) - start)))
        for row, mine in enumerate(columns):
            has[row, mine[(mine >= start) & (mine < start + _BLOCK)] - start] = 1
        total += (has * bits[start : start + _BLOCK]) @ has.T
    return total


def _runs(each: Work) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct runs of a student, and their bits."""
    runs = np.concatenate([np.empty(0, np.int64), *(piece.runs for piece in each.weighed)])
    bits = np.concatenate([np.empty(0), *(piece.bits for piece in each.weighed)])
    once, first = np.unique(runs[runs >= 0], return_index=True)
    return once, bits[runs >= 0][first]
