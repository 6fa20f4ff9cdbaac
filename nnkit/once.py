"""Compute once what is expensive and equal for everybody: the weights of a given network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# An exam puts its own way here: from what the call is named, and what makes its value, the value.
instead: Callable[[str, Callable[[], Any]], Any] | None = None


def once(function: Callable[..., Any], *arguments: int | float | str) -> Any:
    """Return ``function(*arguments)``.

    In a notebook it does no more. An exam runs every given cell in two processes, candidate and
    examiner, for each student of a class; there only the first one computes it.

    Parameters
    ----------
    function
        Its result depends only on its arguments and on given cells. It returns arrays, numbers,
        strings, a Keras model of Keras' own layers, or lists or dicts of them.
    arguments
        Its arguments.
    """
    if instead is None:
        return function(*arguments)
    return instead(f"{function.__qualname__}{arguments!r}", lambda: function(*arguments))
