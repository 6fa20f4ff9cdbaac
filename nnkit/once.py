"""Compute once what is dear and the same for everybody: the weights of a network that is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# An exam puts its own way here: from what the call is named, and what makes its value, the value.
instead: Callable[[str, Callable[[], Any]], Any] | None = None


def once(function: Callable[..., Any], *arguments: int | float | str) -> Any:
    """Return ``function(*arguments)``.

    In a notebook that is all. But an exam runs every given cell in two processes, the student's
    and that of the tests, for each student of a class; there it is computed by the first alone.

    Parameters
    ----------
    function
        Whose result depends on its arguments and on given cells alone. It returns arrays, numbers,
        strings, a Keras model of Keras' own layers, or lists or dicts of them.
    arguments
        What to call it with.
    """
    if instead is None:
        return function(*arguments)
    return instead(f"{function.__qualname__}{arguments!r}", lambda: function(*arguments))
