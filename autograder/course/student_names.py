"""Compare names of students: Unicode forms of one name are the same, look-alikes are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_MOST_NAMED = 3


def plain(name: str) -> str:
    """Return a name in composed form (NFC), as keyboards and student lists write it.

    macOS writes file names in decomposed form: "u" and a combining diaeresis in place of "ü".
    """
    return unicodedata.normalize("NFC", name)


def same(one: str, other: str) -> bool:
    """Return whether two names are equal in any Unicode form."""
    return plain(one) == plain(other)


def writable(name: str) -> str:
    """Return a name that UTF-8 can encode: other bytes are shown as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def look(name: str) -> str:
    """Return a name without case, width, blanks and invisible characters.

    Names that look alike count as two students; a hint may name both.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    shown = (c for c in folded if unicodedata.category(c) not in ("Cf", "Cc"))
    return plain("".join("".join(shown).split()))


def unlike(one: str, other: str) -> str:
    """Return a sentence on how two names that look alike differ."""
    if same(one, other):
        return "they are one name in two Unicode forms"
    if one.casefold() == other.casefold():
        return "they differ in capital letters alone"
    odd = sorted(set(plain(one)) ^ set(plain(other)), key=lambda c: (c.isascii(), c))
    names = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in odd[:_MOST_NAMED]]
    return (
        f"they differ in {', '.join(names)}" if names else "their characters have a different order"
    )


class Ids:
    """The ids in a gradebook, found in any Unicode form."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: dict[str, str] = {}
        for name in known:
            if name == plain(name) or plain(name) not in self._known:
                self._known[plain(name)] = name

    def of(self, name: str) -> str:
        """Return a name as the gradebook has it; an unknown name in composed form."""
        return self._known.get(plain(name), plain(name))
