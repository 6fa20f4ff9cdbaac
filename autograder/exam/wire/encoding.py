"""From values to bytes: the sender's side of the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgpack
import numpy as np

from autograder.exam.wire import arrays
from autograder.exam.wire.arrays import WireError
from autograder.exam.wire.wire_types import Caps, Ext, Parts, Ref

_ATOMS = {type(None), bool, float, str, bytes}
_KEYS = (str, bytes, int, float, bool, type(None), np.generic)
_LONG = 32  # a list of at least this many numbers is sent as one blob


class Encoder:
    """Turn values into structure and blobs.

    Parameters
    ----------
    caps
        The size limits; checked here too, so that an honest sender says which value is too large.
    foreign
        Called with an object outside the closed set; returns a `Ref` for it, or raises. Without it
        such an object raises `WireError`.
    """

    def __init__(self, caps: Caps, foreign: Callable[[Any], Ref] | None = None) -> None:
        self.caps = caps
        self.foreign = foreign
        self._blobs: list[Any] = []

    def encode(self, value: Any) -> Parts:
        """Return structure and blobs.

        Raises
        ------
        WireError
            If the value is too large, nested too deep, or cannot be sent.
        """
        outer, self._blobs = self._blobs, []
        try:
            structure = self._pack(self._ready(value, 0))
        except (ValueError, OverflowError, RecursionError, MemoryError) as error:
            raise WireError(f"this value cannot be sent ({error})") from None
        finally:
            blobs, self._blobs = self._blobs, outer
        size = len(structure) + sum(len(blob) for blob in blobs)
        if len(structure) > self.caps.structure_bytes or size > self.caps.frame_bytes:
            raise WireError(f"a value of {size} bytes is too large to be sent")
        return structure, blobs

    def _pack(self, ready: Any) -> bytes:
        return msgpack.packb(ready, unicode_errors="surrogatepass")

    def _ext(self, code: Ext, ready: Any) -> msgpack.ExtType:
        return msgpack.ExtType(int(code), self._pack(ready))

    def _ready(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _ATOMS:
            return value
        if kind is int:
            return self._int(value)
        if depth >= self.caps.depth:
            raise WireError(f"a value nested more than {self.caps.depth} deep cannot be sent")
        if kind is list:
            return self._list(value, depth)
        if kind is tuple:
            return self._ext(Ext.TUPLE, [self._ready(item, depth + 1) for item in value])
        if kind is dict:
            return self._dict(value, depth)
        if isinstance(value, Ref):
            return self._ext(Ext.REF, [value.kind, self._ready(value.content, depth + 1)])
        return self._other(value, depth)

    def _int(self, value: int) -> Any:
        if -(1 << 63) <= value < (1 << 64):
            return value
        size = value.bit_length() // 8 + 1
        if size > self.caps.int_bytes:
            raise WireError("an integer with this many digits is too large to be sent")
        return msgpack.ExtType(Ext.BIG_INT, value.to_bytes(size, "little", signed=True))

    def _list(self, value: list, depth: int) -> Any:
        if len(value) >= _LONG and (block := arrays.number_block(value)) is not None:
            return self._leaf(Ext.NUMBERS, *block)
        return [self._ready(item, depth + 1) for item in value]

    def _dict(self, value: Mapping, depth: int) -> Any:
        if not _are_keys(value):
            return self._foreign(value, depth)
        return {self._ready(k, depth + 1): self._ready(v, depth + 1) for k, v in value.items()}

    def _leaf(self, code: Ext, header: list[Any], blob: Any) -> msgpack.ExtType:
        if blob is not None:
            header.append(len(self._blobs))
            self._blobs.append(blob)
        return self._ext(code, header)

    def _other(self, value: Any, depth: int) -> Any:
        leaf = arrays.to_leaf(value, self.caps.frame_bytes)
        if leaf is not None:
            return self._leaf(Ext.LEAF, *leaf)
        if isinstance(value, np.ndarray) and value.dtype.kind == "O":
            items = [self._ready(item, depth + 1) for item in value.ravel().tolist()]
            return self._ext(Ext.LEAF, ["objects", list(value.shape), items])
        plain = _plain(value)
        if plain is not None and plain[0] in (Ext.SET, Ext.FROZENSET) and not _are_keys(plain[1]):
            return self._foreign(value, depth)
        if plain is not None:
            code, content = plain
            return self._ext(code, self._ready(content, depth + 1))
        if _is_ours(type(value)):
            return self._foreign(value, depth)
        if isinstance(value, tuple):
            return self._record(value, depth)
        for base in (int, float, complex, str, bytes, list, dict, set, frozenset):
            if isinstance(value, base):
                return self._ready(base(value), depth)
        return self._foreign(value, depth)

    def _record(self, value: tuple, depth: int) -> Any:
        fields = list(getattr(value, "_fields", ()))
        if len(fields) != len(value):
            return self._ready(tuple(value), depth)
        items = [self._ready(item, depth + 1) for item in value]
        return self._ext(Ext.RECORD, [fields, items])

    def _foreign(self, value: Any, depth: int) -> Any:
        if self.foreign is None:
            raise WireError(f"a {type(value).__name__} cannot be sent")
        return self._ready(self.foreign(value), depth)


def _are_keys(values: Iterable[Any]) -> bool:
    """Whether all are plain data that can be compared without a request to their own side."""
    return all(
        _are_keys(value) if isinstance(value, (tuple, frozenset)) else isinstance(value, _KEYS)
        for value in values
    )


def _is_ours(kind: type) -> bool:
    """Whether a notebook defined this class: its methods would be lost on a plain copy."""
    return kind.__module__ == "__main__" and not hasattr(kind, "_fields")


def _plain(value: Any) -> tuple[Ext, Any] | None:
    """Return code and content of the small built-in types."""
    kind = type(value)
    if kind is set or kind is frozenset:
        return (Ext.SET if kind is set else Ext.FROZENSET), list(value)
    if kind is complex:
        return Ext.COMPLEX, [value.real, value.imag]
    if kind is slice:
        return Ext.SLICE, [value.start, value.stop, value.step]
    if kind is range:
        return Ext.RANGE, [value.start, value.stop, value.step]
    if value is Ellipsis:
        return Ext.ELLIPSIS, None
    if kind is bytearray:
        return Ext.BYTEARRAY, bytes(value)
    return None
