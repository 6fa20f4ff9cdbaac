"""Proxies: the examiner's stand-ins for a candidate's functions, objects and models.

A proxy forwards attribute access, calls and items. Its description is a claim of the candidate, so
it answers only with the types that Python requires. If a test compares it or computes with it, the
test's own value is never sent: the proxy's value is fetched as a number or array, and used here. A
proxy without such a value equals no plain value.

Between two calls of the test a proxy's value and attributes stay the same: see `readings`. Its
shape is that of its value, even if its object claims another.
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

# Python and NumPy look up all other dunder names for their own purposes, and trust the answer (in
# one case an address in memory).
_ASKED = {"__name__", "__qualname__", "__annotations__", "__defaults__", "__wrapped__"}
_OF_THE_VALUE = {"shape", "ndim", "size", "dtype", "numpy"}


@dataclass
class About:
    """What a proxy knows of its object; ``origin`` is the name under which a test looked it up."""

    ref: int
    abilities: Ability
    type_name: str
    known: tuple[str, str] | None
    name: str | None
    epoch: int
    origin: str | None = None
    over: bool = False  # of an iterator: it has ended


class Proxy:
    """Stands for one object of the candidate; see `proxy_kinds.proxy_class`."""

    __slots__ = ("__weakref__", "_nnkit_about", "_nnkit_client")

    def __init__(self, client: Any, about: About) -> None:
        object.__setattr__(self, "_nnkit_client", client)
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
        client, about = self._nnkit_client, self._nnkit_about
        client.release(about)

    def __bool__(self) -> bool:
        return typed(self, "bool", bool)

    def __hash__(self) -> int:
        about = self._nnkit_about
        return hash(("proxy", about.epoch, about.ref))

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
        raise TypeError("a student's object cannot be pickled")

    __reduce_ex__ = __reduce__

    @property
    def __class__(self) -> type:
        return _local_class(self._nnkit_about.known) or type(self)


def is_proxy(value: Any) -> bool:
    """Whether a value is a proxy, regardless of its ``__class__``."""
    return issubclass(type(value), Proxy)


def request(proxy: Any, asked: Request) -> Any:
    """Send a request about a proxy's object that may change any value; forget all readings."""
    try:
        return proxy._nnkit_client.request(asked)
    finally:
        proxy._nnkit_client.readings.forget()


def ask(proxy: Any, operation: str, *arguments: Any) -> Any:
    """Apply an operation that may change a proxy's object, or any other."""
    return request(proxy, Operate(operation, [proxy, *arguments]))


def read(proxy: Any, operation: str, *arguments: Any) -> Any:
    """Read a proxy's object: only once, until student code may have changed it."""
    client = proxy._nnkit_client
    return client.readings.once(
        proxy._nnkit_about,
        (operation, *arguments),
        lambda: client.request(Operate(operation, [proxy, *arguments])),
    )


def typed(proxy: Any, operation: str, kind: type) -> Any:
    """Read a value that must have exactly this type: a subclass could behave in any way."""
    value = read(proxy, operation)
    if type(value) is not kind:
        raise TypeError(f"__{operation}__ returned {type(value).__name__}, not {kind.__name__}")
    return value


def value_of(proxy: Any) -> Any:
    """Return a proxy's object as a number, array or tensor.

    Raises
    ------
    TypeError
        If it has no such value.
    """
    value = read(proxy, "plain")
    number = np.isscalar(value) and not isinstance(value, (str, bytes))
    if is_proxy(value) or not (number or hasattr(value, "dtype")):
        raise TypeError("the object has no value")
    return value


def array_of(proxy: Any) -> np.ndarray:
    """Return a proxy's object as an array of its value, or of the items that it yields."""
    abilities = proxy._nnkit_about.abilities
    if abilities & Ability.NUMBER:
        return np.asarray(value_of(proxy))
    if abilities & Ability.ITERATE and not abilities & Ability.NEXT:
        return np.asarray(list(proxy))
    return typed(proxy, "array", np.ndarray)


def _of_the_value(proxy: Any, name: str, claimed: Any) -> Any:
    """Return an array's attribute, such as ``shape``, from a proxy's value; else ``claimed``.

    A tensor of a graph has a shape and no value.
    """
    try:
        value = value_of(proxy)
    except ExamFault:
        raise
    except Exception:
        return claimed
    if name == "numpy":
        return lambda: array_of(proxy)
    return getattr(value, name) if hasattr(value, name) else getattr(np.asarray(value), name)


def _binary(name: str, reflected: bool = False) -> Callable[[Any, Any], Any]:
    function = getattr(operator, name)

    def apply(self: Any, other: Any) -> Any:
        if is_proxy(other):
            if not self._nnkit_about.abilities & other._nnkit_about.abilities & Ability.NUMBER:
                return self._nnkit_client.request(Operate(name, [self, other]))
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
    """Return the Keras class that an object claims to have; None without one.

    No class of TensorFlow, nor Keras' variables: TensorFlow's C++ code trusts an object's class and
    would read invalid memory.
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
    setattr(Proxy, f"__{_name}__", _binary(_name))
for _name in (*ARITHMETIC, *BITWISE):
    _plain_name = _name.rstrip("_")
    setattr(Proxy, f"__{_plain_name}__", _binary(_name))
    setattr(Proxy, f"__r{_plain_name}__", _binary(_name, reflected=True))
for _name in ("neg", "pos", "invert", "abs"):
    setattr(Proxy, f"__{_name}__", _unary(_name))
