"""Describe the type of a value, which may be in another process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Number
from typing import Any

import numpy as np

_ASYNC = "`async def` makes one: write `def`"
_AWAITED = {"coroutine": "a coroutine", "async_generator": "an async generator"}


def no_value(value: Any) -> str | None:
    """Describe a result that is no value yet (a function, a coroutine, …), and say what to do.

    The text completes the sentence "What came back is …".
    """
    # The proxy of a value in another process has a class of the same name as the value's.
    name = type(value).__name__
    if name in _AWAITED:
        return f"{_AWAITED[name]}, not its result ({_ASYNC})"
    if isinstance(value, Iterator):
        return "a generator, which gives its values only once: wrap it in `list(…)`"
    if isinstance(value, type) or name == "type":
        return "a class, not its result: are the parentheses `(…)` of a call missing?"
    if callable(value) and not hasattr(value, "shape"):
        return "a function, not its result: are the parentheses `(…)` of a call missing?"
    return None


def kind(value: Any) -> str:
    """Describe the type of a value, without its content."""
    name = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if isinstance(value, Number):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, np.ndarray):
        return "an array"
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, tuple):
        return "a tuple" if type(value) is tuple else "a named tuple"
    for known, words in ((list, "a list"), (set, "a set"), (frozenset, "a set")):
        if isinstance(value, known):
            return words
    if name in _AWAITED:
        return f"{_AWAITED[name]} ({_ASYNC})"
    if isinstance(value, Iterator):
        return "a generator"
    if isinstance(value, type) or name == "type":
        return "a class"
    if name in ("function", "method", "builtin_function_or_method", "partial"):
        return "a function"
    return f"an object of type {name}"
