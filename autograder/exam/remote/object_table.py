"""The candidate's objects that are sent by reference, and the operations on them."""

from __future__ import annotations

import builtins
import copy
import functools
import operator
import sys
from collections import Counter
from collections.abc import Callable
from enum import IntFlag
from typing import Any

import numpy as np

from autograder.exam.wire import Ref


class Ability(IntFlag):
    """Abilities of a candidate's object; the examiner's proxy has the same."""

    CALL = 1
    LENGTH = 2
    ITERATE = 4
    NEXT = 8
    ITEMS = 16
    NUMBER = 32
    CONTEXT = 64


_METHODS = {
    Ability.LENGTH: ("__len__",),
    Ability.ITERATE: ("__iter__",),
    Ability.NEXT: ("__next__",),
    Ability.ITEMS: ("__getitem__",),
    Ability.NUMBER: ("__array__", "__float__", "__index__"),
    Ability.CONTEXT: ("__enter__",),
}


class Objects:
    """References to objects that are not sent by value."""

    def __init__(self) -> None:
        self._held: dict[int, Any] = {}
        self._refs: dict[int, int] = {}
        self._proxies: Counter[int] = Counter()
        self._next = 1

    def refer(self, value: Any) -> Ref:
        """Return a reference; the same for the same object while it is held."""
        ref = self._refs.get(id(value))
        if ref is None:
            ref, self._next = self._next, self._next + 1
            self._held[ref], self._refs[id(value)] = value, ref
        self._proxies[ref] += 1
        name = getattr(value, "__name__", None)
        kind = type(value)
        return Ref(
            "proxy",
            [
                ref,
                int(abilities(value)),
                kind.__name__,
                known_class(kind),
                name if isinstance(name, str) else None,
            ],
        )

    def get(self, ref: int) -> Any:
        """Return the object behind a reference."""
        return self._held[ref]

    def release(self, refs: list[int]) -> None:
        """Forget objects that the examiner no longer holds."""
        for ref in refs:
            self._proxies[ref] -= 1
            if self._proxies[ref] <= 0 and ref in self._held:
                del self._refs[id(self._held.pop(ref))], self._proxies[ref]


def abilities(value: Any) -> Ability:
    """Return the abilities of an object."""
    found = _protocols(type(value))
    return found | Ability.CALL if callable(value) else found


@functools.lru_cache(maxsize=256)
def _protocols(kind: type) -> Ability:
    found = Ability(0)
    for ability, methods in _METHODS.items():
        if any(hasattr(kind, method) for method in methods):
            found |= ability
    return found


@functools.lru_cache(maxsize=256)
def known_class(kind: type) -> list[str] | None:
    """Return module and name of the nearest base class that is Keras' own; None without one.

    A proxy may claim to be of this class, for `isinstance` in a test.
    """
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] == "keras":
            return [base.__module__, base.__qualname__]
    return None


def plain(value: Any) -> Any:
    """Return an object's value as a number, array or tensor.

    Raises
    ------
    TypeError
        If it has none.
    """
    tf = sys.modules.get("tensorflow")
    if tf is not None and isinstance(value, tf.Variable):
        return value.read_value()
    kind = type(value)
    if hasattr(kind, "__array__"):
        return np.asarray(value)
    if hasattr(kind, "__index__"):
        return operator.index(value)
    if hasattr(kind, "__float__"):
        return float(value)
    raise TypeError(f"a {kind.__name__} is not a number")


def _numbers(value: Any) -> np.ndarray:
    return np.asarray(value)


ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
BITWISE = ("and_", "or_", "xor", "lshift", "rshift")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
OPERATIONS: dict[str, Callable[..., Any]] = {
    "attribute": getattr,
    "set attribute": setattr,
    "delete attribute": delattr,
    "item": operator.getitem,
    "set item": operator.setitem,
    "delete item": operator.delitem,
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager: bool(type(manager).__exit__(manager, None, None, None)),
    "plain": plain,
    "array": _numbers,
    **{name: getattr(operator, name) for name in (*ARITHMETIC, *BITWISE, *COMPARISONS)},
    **{name: getattr(operator, name) for name in ("neg", "pos", "invert")},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        name: getattr(builtins, name)
        for name in ("abs", "bool", "complex", "dir", "float", "int", "iter", "len", "next")
    },
    "repr": repr,
    "str": str,
}
