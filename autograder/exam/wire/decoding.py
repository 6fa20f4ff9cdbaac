"""From bytes to values: the receiver's side of the wire, which trusts no input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgpack
import numpy as np

from autograder.exam.wire import arrays
from autograder.exam.wire.arrays import WireError, exactly
from autograder.exam.wire.wire_types import Caps, Ext, Parts, Record

_CONTAINERS = {list, tuple, dict, set, frozenset, Record}
_KEYS = {str, bytes, int, float, bool, type(None)}
# More keys with one hash than honest data has; each further one would be slow.
_MOST_OF_ONE_HASH = 100


class Decoder:
    """Turn structure and blobs back into values.

    Nothing that was read is compared, hashed, called or converted to text before its type is known:
    any item may be a reference, and each use of a reference sends a request to the side that owns
    it.

    Parameters
    ----------
    caps
        The size limits.
    refs
        For each kind of `Ref`, a function that makes an object from its content. Other kinds are
        refused.
    plain
        Allow only JSON's types, and bytes: no references, arrays or other types.
    halves
        How to decode half a surrogate pair in a text, which Python can hold and a file cannot:
        "surrogatepass" keeps it, "replace" puts U+FFFD in its place.
    """

    def __init__(
        self,
        caps: Caps,
        refs: Mapping[str, Callable[[Any], Any]] | None = None,
        halves: str = "surrogatepass",
        plain: bool = False,
    ) -> None:
        self.caps = caps
        self.plain = plain
        self.halves = halves
        self.refs = dict(refs or {})
        self._blobs: list[Any] = []
        self._depth = 0

    def decode(self, parts: Parts) -> Any:
        """Return the value.

        Raises
        ------
        WireError
            If the bytes are not one value of the closed set within the caps.
        """
        structure, blobs = parts
        self._blobs, self._depth = list(blobs), 0
        try:
            value = self._unpack(structure)
            _check_depth(value, self.caps.depth)
        except WireError:
            raise
        except Exception as error:  # forged bytes may fail in any way
            raise WireError(f"not a value ({type(error).__name__})") from None
        finally:
            self._blobs = []
        return value

    def _unpack(self, data: Any) -> Any:
        return msgpack.unpackb(
            data,
            ext_hook=self._ext,
            object_pairs_hook=_dict,
            strict_map_key=False,
            unicode_errors=self.halves,
            max_array_len=self.caps.items,
            max_map_len=self.caps.items // 10,
        )

    def _ext(self, code: int, data: bytes) -> Any:
        if code == Ext.BIG_INT:
            return _big_int(data, self.caps.int_bytes)
        if self.plain:
            raise WireError("only plain data is allowed here")
        self._depth += 1
        if self._depth > 2 * self.caps.depth:
            raise WireError("nested too deep")
        content = self._unpack(data)
        self._depth -= 1
        if code == Ext.REF:
            return self._ref(content)
        if code == Ext.NUMBERS:
            return arrays.from_number_block(content, self._blobs)
        if code == Ext.LEAF:
            return arrays.from_leaf(content, self._blobs)
        return _READ[code](content)

    def _ref(self, content: Any) -> Any:
        kind, inner = exactly(content, list, 2)
        if type(kind) is not str or kind not in self.refs:
            raise WireError("a reference of this kind is not allowed")
        return self.refs[kind](inner)


def _big_int(data: bytes, limit: int) -> int:
    if len(data) > limit:
        raise WireError("an integer is too large")
    return int.from_bytes(data, "little", signed=True)


def _complex(content: Any) -> complex:
    real, imaginary = exactly(content, list, 2)
    return complex(exactly(real, float), exactly(imaginary, float))


def _range(content: Any) -> range:
    return range(*(exactly(item, int) for item in exactly(content, list, 3)))


def _slice(content: Any) -> slice:
    return slice(*exactly(content, list, 3))


def _record(content: Any) -> Record:
    fields, items = exactly(content, list, 2)
    named = all(exactly(f, str).isidentifier() and f[0] != "_" for f in exactly(fields, list))
    if not named or len(fields) != len(exactly(items, list)) or len(fields) > 1000:
        raise WireError("not a named tuple")
    record = Record(items)
    record._fields = tuple(fields)
    return record


def _list_of(kind: Callable[[list], Any]) -> Callable[[Any], Any]:
    return lambda content: kind(exactly(content, list))


def _set_of(kind: Callable[[list], Any]) -> Callable[[Any], Any]:
    return lambda content: kind(_keys(exactly(content, list)))


def _dict(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    _keys([key for key, _ in pairs])
    return dict(pairs)


def _keys(items: list) -> list:
    """Return items to be hashed, if all are plain data that is compared quickly and locally."""
    if not _are_keys(items):
        raise WireError("the items of a set and the keys of a dictionary must be plain data")
    most = _MOST_OF_ONE_HASH
    if len(items) > most and max(Counter(map(hash, items)).values()) > most:
        raise WireError("too many keys have the same hash")
    return items


def _are_keys(items: Collection[Any]) -> bool:
    return all(
        type(item) in _KEYS
        or issubclass(type(item), np.generic)
        or (type(item) in (tuple, frozenset, Record) and _are_keys(item))
        for item in items
    )


def _ellipsis(_content: Any) -> Any:
    return Ellipsis


_READ: dict[int, Callable[[Any], Any]] = {
    Ext.TUPLE: _list_of(tuple),
    Ext.SET: _set_of(set),
    Ext.FROZENSET: _set_of(frozenset),
    Ext.COMPLEX: _complex,
    Ext.SLICE: _slice,
    Ext.ELLIPSIS: _ellipsis,
    Ext.RANGE: _range,
    Ext.BYTEARRAY: lambda content: bytearray(exactly(content, bytes)),
    Ext.RECORD: _record,
}


def _check_depth(value: Any, limit: int) -> None:
    """Refuse values that are nested too deep, and msgpack's own time stamps."""
    level = [value]
    for _ in range(limit + 2):
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                below += item.keys()
                below += item.values()
            elif kind in _CONTAINERS:
                below += item
            elif kind is msgpack.Timestamp:
                raise WireError("a time stamp is not allowed")
        if not below:
            return
        level = below
    raise WireError("nested too deep")
