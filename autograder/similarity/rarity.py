"""How surprising each token of a student's work is, given the work of the rest of the class.

A token's surprise is −log₂ of its probability, given the tokens before it, in a model of the other
students' work, as in text compression (contexts of several lengths: Cleary and Witten 1984, "Data
compression using adaptive coding and partial string matching"); the context with the highest
probability decides. Text that all students write is expected and adds nothing. If the class uses
four methods, a choice adds two bits, regardless of the length of the text that follows. Text that
only two students have adds bits with every token, and text that few others have still adds some.

Both students of a pair have written the text that they share. So two of the students who have a run
of tokens are subtracted from its counts: only the work of others makes it expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

# Runs of this many tokens are compared: about a line of code, or half a sentence.
RUN = 8
# The lengths of the runs that are counted, the token itself included.
LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24)
# Runs up to this length belong to the language, which the two students share.
LANGUAGE = 2
# The weight of the language, in observations.
TRUST = 1.0
# Text that any student may have written counts as if this many students had written it.
KNOWN = 5.0
# A class is too small to show that text is rarer than this, in bits.
MOST_BITS = 8.0
MOST_PER_THOUGHT = 10.0

Hashes = NDArray[np.uint64]
_KNOWN, _GIVEN = -1, -2


@dataclass(frozen=True)
class Weighed:
    """The surprise of each token of a piece, in bits, and the number of the run that ends there.

    Both arrays have the shape (tokens,). The first tokens, at which no run of length `RUN` ends,
    have no surprise and the number −1.
    """

    bits: NDArray[np.float64]
    runs: NDArray[np.int64]

    def dampened(self, thoughts: Sequence[int]) -> Weighed:
        """Limit the bits of each thought (a statement, a phrase) to `MOST_PER_THOUGHT`.

        One idea that two students share by chance adds surprise with each of its tokens.
        """
        sums = np.bincount(thoughts, self.bits)[list(thoughts)]
        return Weighed(self.bits * np.minimum(1, MOST_PER_THOUGHT / np.maximum(sums, 1)), self.runs)


def weigh(
    works: Sequence[Sequence[str]], known: Sequence[str], given: Sequence[str]
) -> list[list[Weighed]]:
    """Weigh the work of a class.

    Parameters
    ----------
    works
        Each student's pieces, one character for each token (`work.Alphabet`).
    known
        Pieces that any student may have written: they count as if `KNOWN` more students had.
    given
        Pieces of the released notebook or the reference solution: their runs have no weight.

    Returns
    -------
    list of list of Weighed
        For each student, for each piece.
    """
    texts = [text for pieces in works for text in pieces]
    owners = [owner for owner, pieces in enumerate(works) for _ in pieces]
    texts += [*known, *given]
    owners += [_KNOWN] * len(known) + [_GIVEN] * len(given)
    corpus = _Corpus(texts, owners, len(works))
    likely, runs = corpus.likely()
    telling = (runs >= 0) & ~np.isin(runs, runs[corpus.owners == _GIVEN])
    bits = np.where(telling, np.minimum(-np.log2(likely), MOST_BITS), 0.0)
    ends = np.cumsum([0, *map(len, texts)])[: sum(map(len, works)) + 1]
    found = (Weighed(bits[start:end], runs[start:end]) for start, end in pairwise(ends))
    return [[next(found) for _ in pieces] for pieces in works]


class _Corpus:
    """All tokens in one array, with the owner of each and its index in its piece."""

    def __init__(self, texts: Sequence[str], owners: Sequence[int], students: int) -> None:
        self.tokens = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        sizes = np.array([len(text) for text in texts], np.int64)
        self.owners = np.repeat(np.array(owners, np.int64), sizes)
        self.places = np.arange(len(self.tokens)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        self.students = students

    def likely(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return each token's probability given those before it, and the runs' numbers."""
        language = np.full(len(self.tokens), 1 / (len(np.unique(self.tokens)) + 1))
        likely = language.copy()
        runs = np.full(len(self.tokens), -1)
        for length, whole, context in self._hashes():
            here = np.flatnonzero(self.places >= length - 1)
            owners = self.owners[here]
            if length == RUN:
                runs[here] = np.unique(whole[here], return_inverse=True)[1]
            seen = self._others(whole[here], owners, length)
            room = self._others(context[here], owners, length)
            blended = (seen + TRUST * language[here]) / (room + TRUST)
            if length <= LANGUAGE:
                language[here] = likely[here] = blended
            else:
                likely[here] = np.maximum(likely[here], blended)
        return np.minimum(likely, 1.0), runs

    def _hashes(self) -> Iterator[tuple[int, Hashes, Hashes]]:
        """Yield a length, and hashes of the runs that end at each token, with and without it."""
        tokens = _mixed(self.tokens)
        whole = np.zeros(len(tokens), np.uint64)
        for length in range(1, LENGTHS[-1] + 1):
            context = np.concatenate([whole[:1] * 0, whole[:-1]])
            whole = context * np.uint64(0x9E3779B97F4A7C15) + tokens
            if length in LENGTHS:
                yield length, whole, context

    def _others(self, hashes: Hashes, owners: NDArray[np.int64], length: int) -> NDArray:
        """Return how often each run occurs in the work of all but two of its authors."""
        numbers = np.unique(hashes, return_inverse=True)[1]
        written = owners >= 0
        times = np.bincount(numbers[written], minlength=numbers.max(initial=-1) + 1).astype(float)
        if length > LANGUAGE:
            who = np.unique(numbers[written] * self.students + owners[written]) // self.students
            students = np.bincount(who, minlength=len(times))
            times *= np.maximum(students - 2, 0) / np.maximum(students, 1)
        times += KNOWN * np.bincount(numbers[~written], minlength=len(times))
        return times[numbers]


def _mixed(tokens: NDArray[np.uint32]) -> Hashes:
    """Spread small numbers over 64 bits (Steele, Lea and Flood 2014, SplitMix)."""
    x = tokens.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
