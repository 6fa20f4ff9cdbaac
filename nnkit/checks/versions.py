"""Tell whether the code and the values that a test uses have changed since it ran."""

from __future__ import annotations

import dis
import types
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from nnkit.checks.digests import Reader, globals_of


@dataclass(frozen=True)
class Version:
    """The value of a name at some moment, as a digest.

    ``direct``: the test itself reads the name, not a function that it calls. ``kept`` are the
    objects that are known by their identity: kept alive, so that no other object can get it.
    """

    digest: bytes
    is_code: bool
    direct: bool
    kept: tuple[Any, ...] = ()


def read_by(code: types.CodeType) -> set[str]:
    """Return the global names that a cell reads and does not assign."""
    made = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"}
    return globals_of(code) - made


def versions(names: set[str], namespace: dict[str, Any]) -> dict[str, Version]:
    """Return the versions of some names, and of those that the functions among them read.

    Parameters
    ----------
    names : set of str
    namespace : dict
        The notebook's global names.

    Returns
    -------
    dict
        By name; an undefined name is omitted.
    """
    found: dict[str, Version] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name not in namespace:
            continue
        value = namespace[name]
        reader = Reader(namespace)
        reader.add(value)
        is_code = isinstance(value, types.FunctionType | type)
        digest = reader.hash.digest()
        found[name] = Version(digest, is_code, name in names, tuple(reader.kept))
        waiting += reader.names
    return found


def changed(
    before: Mapping[str, Version], now: Mapping[str, Version], touched: Container[str]
) -> bool:
    """Tell whether a test's outcome may be different now.

    A value that only the student's functions read may be their own notes (a cache, a counter).
    It counts only if a cell that has run since uses its name: ``touched``.
    """
    for name in before.keys() | now.keys():
        old, new = before.get(name), now.get(name)
        if old is None or new is None:
            return True
        counts = old.is_code or new.is_code or old.direct or name in touched
        if counts and old.digest != new.digest:
            return True
    return False
