"""Compute once what is dear and the same for everybody: the weights of a network that is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

made: dict[str, Any] = {}
handed: dict[str, Any] = {}


def once(function: Callable[..., Any], *arguments: int | float | str) -> Any:
    """Return ``function(*arguments)``.

    In a notebook that is all. But an exam runs every given cell in two processes, the student's
    and that of the tests; the second is handed what the first has computed.

    Parameters
    ----------
    function
        Whose result depends on its arguments and on other given cells alone. It returns arrays,
        numbers, strings, a Keras model of Keras' own layers, or lists or dicts of them.
    arguments
        What to call it with.
    """
    key = f"{function.__qualname__}{arguments!r}"
    if key in handed:
        return handed[key]
    made[key] = function(*arguments)
    return made[key]
