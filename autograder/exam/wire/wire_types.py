"""Definitions that encoder and decoder share: type codes, size limits, and references."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Parts = tuple[bytes, list[Any]]


class Ext(IntEnum):
    """Codes of the extension types."""

    TUPLE = 1
    SET = 2
    FROZENSET = 3
    COMPLEX = 4
    BIG_INT = 5
    SLICE = 6
    ELLIPSIS = 7
    RANGE = 8
    BYTEARRAY = 9
    RECORD = 10
    REF = 11
    NUMBERS = 12
    LEAF = 13


@dataclass(frozen=True)
class Caps:
    """The size limits of a message.

    ``structure_bytes`` bounds the memory that small items can unfold to (some 60 bytes of memory
    for one byte on the wire), ``frame_bytes`` the whole message with its arrays.
    """

    frame_bytes: int = 64 << 20
    structure_bytes: int = 4 << 20
    depth: int = 32
    items: int = 1_000_000
    blobs: int = 20_000
    int_bytes: int = 1780  # still few enough digits for Python to write as text


# Between exam pool and examiner, which trust each other: these only catch mistakes.
JOB_CAPS = Caps(frame_bytes=1 << 30, structure_bytes=1 << 29, items=100_000_000)


@dataclass(frozen=True)
class Ref:
    """Refers to an object that stays on its own side; ``content`` is plain data."""

    kind: str
    content: Any


class Record(tuple):
    """A named tuple from the other side: a tuple whose items also have names."""

    _fields: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name in self._fields:
            return self[self._fields.index(name)]
        raise AttributeError(name)
