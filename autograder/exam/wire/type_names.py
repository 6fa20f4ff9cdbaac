"""The type names that a message may show: those in the notebook and in the libraries.

A type's name is a claim of the candidate: if it is made up while a hidden test runs, it could
reveal an input.
"""

from __future__ import annotations

import functools
import re
import sys
import types
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d]\w*")
_MODULES = ("builtins", "collections", "functools", "itertools", "numpy", "tensorflow", "keras")


def words_of(sources: Iterable[str]) -> frozenset[str]:
    """Return the words in the sources of some cells."""
    return frozenset(word for source in sources for word in _WORD.findall(source))


@functools.cache
def common() -> frozenset[str]:
    """Return the names of Python's own types and of the libraries' public ones."""
    own = {kind.__name__ for kind in vars(types).values() if isinstance(kind, type)}
    own |= {type(view).__name__ for view in ({}.keys(), {}.values(), {}.items(), iter([]))}
    modules = [sys.modules[name] for name in _MODULES if name in sys.modules]
    return frozenset(own | {name for module in modules for name in dir(module)})
