"""Handles: what the examiner holds in place of a candidate's function, object or model.

A handle passes on attributes, calls and items. What it says of itself is a claim of the
candidate's, so it answers only in the types that Python asks for, and where a test compares it or
computes with it, the test's own value is never sent: the handle's value is fetched as a number or
array, and compared here. A handle that has no such value equals no plain value.

Between two calls of the test a handle has one value and says one thing: see `readings`. Its shape
is that of the value, whatever its object says of itself.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exam.messages import Operate, Request
from autograder.exam.remote.object_table import ARITHMETIC, BITWISE, COMPARISONS, Ability
from autograder.exam.remote.remote_errors import ExamFault

# Everything else of this form is looked up by Python and NumPy for their own purposes; what an
# object says there (an address in memory, in one case) is believed.
_ASKED = {"__name__", "__qualname__", "__annotations__", "__defaults__", "__wrapped__"}
_OF_THE_VALUE = {"shape", "ndim", "size", "dtype", "numpy"}


@dataclass
class About:
    """What a handle knows of its object; ``origin`` is the name under which a test found it."""

    ref: int
    abilities: Ability
    type_name: str
    known: tuple[str, str] | None
    name: str | None
    epoch: int
    origin: str | None = None
    over: bool = False  # of an iterator: it has ended


class Handle:
    """Stands for one object of the candidate's; see `proxy_kinds.handle_class`."""

    __slots__ = ("__weakref__", "_nnkit_about", "_nnkit_link")

    def __init__(self, link: Any, about: About) -> None:
        object.__setattr__(self, "_nnkit_link", link)
        object.__setattr__(self, "_nnkit_about", about)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_repr_", "_ipython_", "_nnkit_")) or (
            name.startswith("__") and name.endswith("__") and name not in _ASKED
        ):
            raise AttributeError(name)
        claimed = read(self, "attribute", name)
        if name in _OF_THE_VALUE and self._nnkit_about.abilities & Ability.NUMBER:
            return _of_the_value(self, name, claimed)
        return claimed

    def __setattr__(self, name: str, value: Any) -> None:
        ask(self, "set attribute", name, value)

    def __delattr__(self, name: str) -> None:
        ask(self, "delete attribute", name)

    def __del__(self) -> None:
        link, about = self._nnkit_link, self._nnkit_about
        link.release(about)

    def __bool__(self) -> bool:
        return typed(self, "bool", bool)

    def __hash__(self) -> int:
        about = self._nnkit_about
        return hash(("handle", about.epoch, about.ref))

    def __repr__(self) -> str:
        return typed(self, "repr", str)

    def __str__(self) -> str:
        return typed(self, "str", str)

    def __format__(self, form: str) -> str:
        if self._nnkit_about.abilities & Ability.NUMBER:
            return format(value_of(self), form)
        return format(str(self), form)

    def __dir__(self) -> list[str]:
        return [name for name in typed(self, "dir", list) if type(name) is str]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = array_of(self)
        return array if dtype is None else array.astype(dtype)

    def __copy__(self) -> Any:
        return ask(self, "copy")

    def __deepcopy__(self, memo: dict) -> Any:
        return ask(self, "deepcopy")

    def __reduce__(self) -> Any:
        raise TypeError("an object of the student's cannot be pickled")

    __reduce_ex__ = __reduce__

    @property
    def __class__(self) -> type:
        return _local_class(self._nnkit_about.known) or type(self)


def is_handle(value: Any) -> bool:
    """Whether a value is a handle, whatever its ``__class__`` claims."""
    return issubclass(type(value), Handle)


def request(handle: Any, asked: Request) -> Any:
    """Let the candidate do something with a handle's object; anything may have changed then."""
    try:
        return handle._nnkit_link.request(asked)
    finally:
        handle._nnkit_link.readings.forget()


def ask(handle: Any, operation: str, *arguments: Any) -> Any:
    """Let the candidate do an operation that may change a handle's object, or anything else."""
    return request(handle, Operate(operation, [handle, *arguments]))


def read(handle: Any, operation: str, *arguments: Any) -> Any:
    """Ask the candidate what a handle's object is or holds: once, until it is let do something."""
    link = handle._nnkit_link
    return link.readings.once(
        handle._nnkit_about,
        (operation, *arguments),
        lambda: link.request(Operate(operation, [handle, *arguments])),
    )


def typed(handle: Any, operation: str, kind: type) -> Any:
    """Read what must be of a type, exactly: of a subclass a candidate could make anything."""
    value = read(handle, operation)
    if type(value) is not kind:
        raise TypeError(f"__{operation}__ returned {type(value).__name__}, not {kind.__name__}")
    return value


def value_of(handle: Any) -> Any:
    """Return a handle's object as a number, array or tensor.

    Raises
    ------
    TypeError
        If it has no such value.
    """
    value = read(handle, "plain")
    number = np.isscalar(value) and not isinstance(value, (str, bytes))
    if is_handle(value) or not (number or hasattr(value, "dtype")):
        raise TypeError("the object has no value")
    return value


def array_of(handle: Any) -> np.ndarray:
    """Return a handle's object as an array: of its value, or of the items that it yields."""
    abilities = handle._nnkit_about.abilities
    if abilities & Ability.NUMBER:
        return np.asarray(value_of(handle))
    if abilities & Ability.ITERATE and not abilities & Ability.NEXT:
        return np.asarray(list(handle))
    return typed(handle, "array", np.ndarray)


def _of_the_value(handle: Any, name: str, claimed: Any) -> Any:
    """Return an attribute that an array has, of a handle's value.

    A tensor of a graph has a shape and no value.
    """
    try:
        value = value_of(handle)
    except ExamFault:
        raise
    except Exception:
        return claimed
    if name == "numpy":
        return lambda: array_of(handle)
    return getattr(value, name) if hasattr(value, name) else getattr(np.asarray(value), name)


def _binary(name: str, reflected: bool = False) -> Callable[[Any, Any], Any]:
    function = getattr(operator, name)

    def apply(self: Any, other: Any) -> Any:
        if is_handle(other):
            if not self._nnkit_about.abilities & other._nnkit_about.abilities & Ability.NUMBER:
                return self._nnkit_link.request(Operate(name, [self, other]))
            other = value_of(other)
        if not self._nnkit_about.abilities & Ability.NUMBER:
            return NotImplemented
        value = value_of(self)
        return function(other, value) if reflected else function(value, other)

    return apply


def _unary(name: str) -> Callable[[Any], Any]:
    function = abs if name == "abs" else getattr(operator, name)

    def apply(self: Any) -> Any:
        if self._nnkit_about.abilities & Ability.NUMBER:
            return function(value_of(self))
        return read(self, name)

    return apply


def _local_class(known: tuple[str, str] | None) -> type | None:
    """Return the class of Keras that an object claims to be of.

    No class of TensorFlow, nor Keras' variables: its C++ code believes an object's class and
    would read memory that is not there.
    """
    keras: Any = sys.modules.get("keras")
    if keras is None or known is None or known[0].partition(".")[0] != "keras":
        return None
    found: Any = sys.modules.get(known[0])
    for part in known[1].split("."):
        found = getattr(found, part, None)
    claimable = (keras.Layer, keras.Loss, keras.Metric, keras.Optimizer, keras.Initializer)
    return found if isinstance(found, type) and issubclass(found, claimable) else None


for _name in COMPARISONS:
    setattr(Handle, f"__{_name}__", _binary(_name))
for _name in (*ARITHMETIC, *BITWISE):
    _plain_name = _name.rstrip("_")
    setattr(Handle, f"__{_plain_name}__", _binary(_name))
    setattr(Handle, f"__r{_plain_name}__", _binary(_name, reflected=True))
for _name in ("neg", "pos", "invert", "abs"):
    setattr(Handle, f"__{_name}__", _unary(_name))
