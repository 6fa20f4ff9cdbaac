"""Similar submissions: pairs of students whose own work agrees more than chance explains.

rapidfuzz aligns the code of two students, as normalised tokens, and finds what they share. No
library weighs that by how rare it is in the class: copydetect, the best known for Python, subtracts
given code but not what everybody writes, takes all names for one (`np.exp` is `np.log`), and picks
its fingerprints by `hash()`, so that each process reports something else.

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
