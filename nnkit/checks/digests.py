"""Digests of code and values: equal content gives equal digests, in any object."""

from __future__ import annotations

import dataclasses
import dis
import functools
import hashlib
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

_READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
_PLAIN = (type(None), bool, int, float, complex, str, bytes, range, slice, type(Ellipsis))
_MUTABLE = (list, dict, set, bytearray, np.ndarray)
_LARGE = 16 << 20  # bytes: of a larger array, evenly spread elements are read
_MAX_ITEMS = 100_000
_MAX_DEPTH = 40


def _parts(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _parts(constant)


def globals_of(code: types.CodeType) -> set[str]:
    """Return the global names that some code reads, inner functions included."""
    steps = (step for part in _parts(code) for step in dis.get_instructions(part))
    return {step.argval for step in steps if step.opname in _READS}


class Reader:
    """Reads a value into a digest, and notes the names that the notebook's functions read."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.hash = hashlib.blake2b(digest_size=16)
        self.names: set[str] = set()
        self.kept: list[Any] = []
        self._seen: dict[int, int] = {}
        self._depth = 0

    def add(self, value: Any, *, in_code: bool = False) -> None:
        """Read a value; within code, what can grow (a cache) counts by its identity."""
        if isinstance(value, _PLAIN):
            # Python refuses to write a huge number in decimals.
            text = hex(value) if isinstance(value, int) else repr(value)
            self._put(type(value).__name__, text)
            return
        if id(value) in self._seen:
            self._put("seen", self._seen[id(value)])
            return
        self._seen[id(value)] = len(self._seen)
        full = len(self._seen) > _MAX_ITEMS or self._depth > _MAX_DEPTH
        if full or (in_code and isinstance(value, _MUTABLE)):
            self._identity(value)
            return
        self._depth += 1
        try:
            self._any(value, in_code)
        except Exception:  # an object can raise anything when it is read
            self._identity(value)
        finally:
            self._depth -= 1

    def _put(self, *texts: object) -> None:
        for text in texts:
            self.hash.update(str(text).encode("utf-8", "backslashreplace") + b"\0")

    def _identity(self, value: Any) -> None:
        self.kept.append(value)
        self._put(type(value).__qualname__, id(value))

    def _any(self, value: Any, in_code: bool) -> None:
        if isinstance(value, types.FunctionType):
            self._function(value)
        elif isinstance(value, types.CodeType):
            self._code(value)
        elif isinstance(value, type):
            self._class(value)
        elif isinstance(value, types.ModuleType):
            self._put("module", value.__name__)
        elif (inner := _inner(value)) is not None:
            self._put(type(value).__qualname__)
            self._all(inner, in_code=True)
        elif isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, dict):
            self._put(type(value).__qualname__, len(value))
            self._all((part for item in value.items() for part in item), in_code=in_code)
        elif isinstance(value, list | tuple):
            self._put(type(value).__qualname__, len(value))
            self._all(value, in_code=in_code)
        elif isinstance(value, set | frozenset):
            self._put(type(value).__qualname__, *sorted(map(repr, value)))
        else:
            self._object(value)

    def _all(self, values: Any, *, in_code: bool) -> None:
        for value in values:
            self.add(value, in_code=in_code)

    def _function(self, function: types.FunctionType) -> None:
        self._put("function", function.__module__, function.__qualname__)
        self.add(function.__code__)
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            self.add(wrapped, in_code=True)
        if function.__globals__ is not self.namespace:
            return  # a library's
        self.names |= globals_of(function.__code__)
        cells = [cell.cell_contents for cell in function.__closure__ or () if _is_full(cell)]
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        self._all([*cells, *defaults], in_code=True)

    def _code(self, code: types.CodeType) -> None:
        names = (code.co_names, code.co_varnames, code.co_freevars, code.co_flags)
        self._put(code.co_code, getattr(code, "co_exceptiontable", b""), names)
        self._all(code.co_consts, in_code=True)

    def _class(self, value: type) -> None:
        self._put("class", value.__module__, value.__qualname__)
        if value.__module__ != "__main__":
            return
        self._all(value.__bases__, in_code=True)
        for name, member in vars(value).items():
            if name not in ("__dict__", "__weakref__", "__module__", "__firstlineno__"):
                self._put(name)
                self.add(member, in_code=True)

    def _array(self, values: np.ndarray) -> None:
        self._put("array", values.dtype.str, values.shape)
        if values.dtype.hasobject:
            self._all(values.ravel().tolist(), in_code=False)
            return
        step = 1 + values.nbytes // _LARGE
        self.hash.update(np.ascontiguousarray(values.ravel()[::step]).tobytes())

    def _object(self, value: Any) -> None:
        kind = type(value)
        self._put(kind.__module__, kind.__qualname__)
        if hasattr(value, "get_weights") and hasattr(value, "get_config"):  # a Keras model, layer
            self._all([value.get_config(), *value.get_weights()], in_code=False)
        elif hasattr(value, "__array__"):  # a tensor, a variable, a number of NumPy's
            self._array(np.asarray(value))
        elif kind.__module__ == "__main__" or dataclasses.is_dataclass(value):
            self._class(kind)
            self._all(vars(value).values(), in_code=False)
        else:
            self._identity(value)


def _inner(value: Any) -> list[Any] | None:
    """Return the contents of a wrapper: a method, a partial, a decorated function, a descriptor."""
    if isinstance(value, functools.partial):
        return [value.func, *value.args, *value.keywords.items()]
    if isinstance(value, types.MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, property):
        return [value.fget, value.fset, value.fdel]
    for name in ("python_function", "__wrapped__", "__func__"):  # tf.function, wraps, staticmethod
        if (inner := getattr(value, name, None)) is not None:
            return [inner]
    return None


def _is_full(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # a name that the enclosing function has not given a value
        return False
