"""Similar submissions: pairs of students whose own work agrees more than chance explains.

rapidfuzz aligns the code of two students, written as normalised tokens. The weight of an agreement
is computed here, from the rarity of the text in the class, since no library does that: copydetect,
the best known for Python, treats all names as equal (`np.exp` and `np.log`), subtracts given code
but not common code, and selects its fingerprints by `hash()`, which differs between processes, so
that two reports of one class would differ.

A pair is a reason to look, not a verdict.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    """Import a part where it is asked for: the process that reads submissions needs few."""
    for part in ("pairs", "comparing", "classes") if name in __all__ else ():
        module = importlib.import_module(f"{__name__}.{part}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
