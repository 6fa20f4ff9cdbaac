"""Similar submissions: pairs of students whose own work agrees more than chance explains.

rapidfuzz aligns the code of two students, written as normalised tokens. How much an agreement means
is measured here, by how rare the text is in the class, since no library does that: copydetect, the
best known for Python, treats all names as one (`np.exp` is `np.log`), subtracts given code but not
what everybody writes, and picks its fingerprints by `hash()`, which differs between processes, so
that two reports of one class would differ.

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
