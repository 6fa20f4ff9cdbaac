"""Lazy figures: drawing is recorded, and done only when something is read from the figure.

Making axes and drawing on them takes most of a notebook's time, and grading reads no picture. So
while figures are off, a notebook gets these stand-ins, on which drawing takes almost no time. A
cell that reads from one (``low, high = axis.get_xlim()``), or saves the figure, makes the real
figure at that moment, with all recorded calls, and uses it from then on.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

# Saving and showing have an effect that other cells can see.
_AT_ONCE = {"savefig", "show", "canvas"}
_READING = [
    *("len", "iter", "contains", "array", "bool", "repr", "str", "float", "int", "index"),
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "neg", "abs"),
    *("lt", "le", "gt", "ge"),
]


class Plan:
    """The recorded calls, in order, to be made once something is read from the figure."""

    def __init__(self) -> None:
        self.done = False
        self._steps: list[tuple[Undrawn, Callable, tuple, dict]] = []

    def later(self, function: Callable, *arguments: Any, **options: Any) -> Any:
        """Record a call and return a stand-in for its result; call now if the figure is made."""
        if self.done:
            return function(*_real(arguments), **_real(options))
        result = Undrawn(self)
        self._steps.append((result, function, arguments, options))
        return result

    def run(self) -> None:
        """Make all recorded calls."""
        self.done = True
        while self._steps:
            result, function, arguments, options = self._steps.pop(0)
            value = function(*_real(arguments), **_real(options))
            object.__setattr__(result, "_value", value)


class Undrawn:
    """A placeholder for a figure, its axes, or any object that they return."""

    def __init__(self, plan: Plan) -> None:
        object.__setattr__(self, "_plan", plan)

    def __getattr__(self, name: str) -> Any:
        if name in _AT_ONCE or name.startswith("_"):
            return getattr(real(self), name)
        return self._plan.later(getattr, self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._plan.later(setattr, self, name, value)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Record the call of a method of another stand-in."""
        return self._plan.later(_call, self, arguments, options)

    def __getitem__(self, index: Any) -> Any:
        return self._plan.later(operator.getitem, self, index)

    def __eq__(self, other: object) -> Any:
        return self is other or real(self) == real(other)

    def __hash__(self) -> int:
        return id(self)


def _reading(name: str) -> Callable:
    def method(self: Undrawn, *arguments: Any, **options: Any) -> Any:
        return getattr(real(self), name)(*_real(arguments), **_real(options))

    return method


for _name in _READING:
    setattr(Undrawn, f"__{_name}__", _reading(f"__{_name}__"))


def _call(function: Callable, arguments: tuple, options: dict) -> Any:
    return function(*arguments, **options)


def real(value: Any) -> Any:
    """Return the object of a stand-in, made now if necessary; any other value unchanged."""
    if not isinstance(value, Undrawn):
        return value
    if "_value" not in value.__dict__:
        value._plan.run()
    return value.__dict__["_value"]


def _real(value: Any) -> Any:
    """Return a call's arguments with every stand-in replaced, within containers too."""
    if isinstance(value, dict):
        return {key: _real(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_real(item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        replaced = np.empty_like(value)
        for index, item in np.ndenumerate(value):
            replaced[index] = real(item)
        return replaced
    return real(value)


def later(stand_in: Undrawn, function: Callable, *arguments: Any) -> None:
    """Record a call of our own, as a method of the stand-in would be recorded."""
    stand_in._plan.later(function, *arguments)


def subplots(rows: int, columns: int, *, squeeze: bool = True, **options: Any) -> tuple[Any, Any]:
    """Replace ``matplotlib.pyplot.subplots``: the same arguments and the same shape of axes.

    Returns
    -------
    (Undrawn, Undrawn or array of Undrawn)
        The figure, and its axes in the shape that `matplotlib` gives them.
    """
    plan = Plan()
    made = plan.later(plt.subplots, rows, columns, squeeze=False, **options)
    axes = np.empty((rows, columns), dtype=object)
    for index in np.ndindex(rows, columns):
        axes[index] = made[1][index]
    if squeeze:
        axes = axes.item() if axes.size == 1 else axes.squeeze()
    return made[0], axes
