"""From bytes to values: the receiver's side of the wire, which believes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgpack

from autograder.exam import arrays
from autograder.exam.arrays import WireError
from autograder.exam.codes import Caps, Ext, Parts, Record

_CONTAINERS = {list, tuple, dict, set, frozenset, Record}


class Decoder:
    """Turn structure and blobs back into values.

    Parameters
    ----------
    caps
        What is refused as too large.
    refs
        By kind of `Ref`, what makes an object of its content. A kind that is not named here is
        refused.
    halves
        What becomes of half a surrogate pair in a text, which Python can hold and a file cannot:
        "surrogatepass" keeps it, "replace" puts U+FFFD in its place.
    """

    def __init__(
        self,
        caps: Caps,
        refs: Mapping[str, Callable[[Any], Any]] | None = None,
        halves: str = "surrogatepass",
    ) -> None:
        self.caps = caps
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
            raise WireError(f"not a value: {type(error).__name__}: {error}"[:200]) from None
        finally:
            self._blobs = []
        return value

    def _unpack(self, data: Any) -> Any:
        return msgpack.unpackb(
            data,
            ext_hook=self._ext,
            strict_map_key=False,
            unicode_errors=self.halves,
            max_array_len=self.caps.items,
            max_map_len=self.caps.items // 10,
        )

    def _ext(self, code: int, data: bytes) -> Any:
        if code == Ext.BIG_INT:
            return _big_int(data, self.caps.int_bytes)
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
        kind, inner = content
        if not isinstance(kind, str) or kind not in self.refs:
            raise WireError(f"a reference of kind {kind!r} is out of place"[:80])
        return self.refs[kind](inner)


def _big_int(data: bytes, limit: int) -> int:
    if len(data) > limit:
        raise WireError("an integer is too large")
    return int.from_bytes(data, "little", signed=True)


def _complex(content: Any) -> complex:
    real, imaginary = content
    if type(real) is not float or type(imaginary) is not float:
        raise WireError("not a complex number")
    return complex(real, imaginary)


def _integers(content: Any) -> list[int]:
    if len(content) != 3 or any(type(item) is not int for item in content):
        raise WireError("not a range")
    return content


def _slice(content: Any) -> slice:
    if len(content) != 3:
        raise WireError("not a slice")
    return slice(*content)


def _record(content: Any) -> Record:
    fields, items = content
    named = all(isinstance(f, str) and f.isidentifier() and f[0] != "_" for f in fields)
    if not named or len(fields) != len(items) or len(fields) > 1000:
        raise WireError("not a named tuple")
    record = Record(items)
    record._fields = tuple(fields)
    return record


def _list_of(kind: Callable[[list], Any]) -> Callable[[Any], Any]:
    def read(content: Any) -> Any:
        if type(content) is not list:
            raise WireError("not a list of items")
        return kind(content)

    return read


def _ellipsis(_content: Any) -> Any:
    return Ellipsis


_READ: dict[int, Callable[[Any], Any]] = {
    Ext.TUPLE: _list_of(tuple),
    Ext.SET: _list_of(set),
    Ext.FROZENSET: _list_of(frozenset),
    Ext.COMPLEX: _complex,
    Ext.SLICE: _slice,
    Ext.ELLIPSIS: _ellipsis,
    Ext.RANGE: lambda content: range(*_integers(content)),
    Ext.BYTEARRAY: bytearray,
    Ext.RECORD: _record,
}


def _check_depth(value: Any, limit: int) -> None:
    """Refuse what is nested too deep, and msgpack's own time stamps."""
    level = [value]
    for _ in range(limit + 2):
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                below += item.keys()
                below += item.values()
            elif kind in _CONTAINERS or isinstance(item, Record):
                below += item
            elif kind is msgpack.Timestamp:
                raise WireError("a time stamp is out of place")
        if not below:
            return
        level = below
    raise WireError("nested too deep")
