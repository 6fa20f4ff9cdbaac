"""Compute once what is expensive and equal for everybody: the weights of a given network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython import get_ipython


def once(function: Callable[..., Any], *arguments: int | float | str) -> Any:
    """Return ``function(*arguments)``.

    In a notebook that is all. An exam runs every given cell in two processes, candidate and
    examiner, for each student of a class; there only the first one computes it.

    Parameters
    ----------
    function
        Its result depends only on its arguments and on given cells. It returns arrays, numbers,
        strings, a Keras model of Keras' own layers, or lists or dicts of them.
    arguments
        Its arguments.
    """
    # The shell of an exam offers one that takes a call's name, and the function to compute it.
    instead = getattr(get_ipython(), "once", None)
    if instead is None:
        return function(*arguments)
    return instead(f"{function.__qualname__}{arguments!r}", lambda: function(*arguments))
