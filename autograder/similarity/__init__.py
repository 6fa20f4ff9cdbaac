"""Submissions much alike: whose own work agrees more than chance explains, side by side.

The library is rapidfuzz: it aligns two students' code, written as normalised tokens, and says what
one has of the other. What such an agreement tells is measured here, by how rare the text is in the
class, since no library does that: copydetect, the best known for Python, takes all names for one
(`np.exp` is `np.log`), subtracts given code but not what everybody writes, and picks its
fingerprints by `hash()`, anew in every process, so that a report would not come out twice the same.

A pair is a reason to look, not a verdict.
"""

from autograder.similarity.classes import by_the_book, of_class
from autograder.similarity.comparing import compare, similar_pairs
from autograder.similarity.pairs import OWN_CELL, Comparison, Excerpt, Match, Pair

__all__ = [
    "OWN_CELL",
    "Comparison",
    "Excerpt",
    "Match",
    "Pair",
    "by_the_book",
    "compare",
    "of_class",
    "similar_pairs",
]
