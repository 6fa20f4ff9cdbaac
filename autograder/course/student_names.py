"""Who is who by name: one name in two Unicode forms is one person, and look-alikes are not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_MOST_NAMED = 3


def plain(name: str) -> str:
    """Return a name in composed form (NFC), as keyboards and registers write it.

    macOS writes names of files in decomposed form: "u" and two dots in place of "ü".
    """
    return unicodedata.normalize("NFC", name)


def same(one: str, other: str) -> bool:
    """Say whether two names are one, whatever their Unicode form."""
    return plain(one) == plain(other)


def writable(name: str) -> str:
    """Return a name that any file can hold: bytes that are not UTF-8 are shown as escapes."""
    return name.encode("utf-8", "backslashreplace").decode()


def look(name: str) -> str:
    """Return what a name looks like: without case, width, blanks and characters that show nothing.

    Two names of one look are two people's until a person says otherwise; a hint may name both.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    shown = (c for c in folded if unicodedata.category(c) not in ("Cf", "Cc"))
    return plain("".join("".join(shown).split()))


def unlike(one: str, other: str) -> str:
    """Say in which characters two names of one look differ, or that their Unicode forms do."""
    if same(one, other):
        return "they are one name in two Unicode forms"
    if one.casefold() == other.casefold():
        return "they differ in capital letters alone"
    odd = sorted(set(plain(one)) ^ set(plain(other)), key=lambda c: (c.isascii(), c))
    names = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in odd[:_MOST_NAMED]]
    return (
        f"they differ in {', '.join(names)}" if names else "their characters stand in another order"
    )


class Ids:
    """The ids that a gradebook holds, to be found in any Unicode form."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known: dict[str, str] = {}
        for name in known:
            if name == plain(name) or plain(name) not in self._known:
                self._known[plain(name)] = name

    def of(self, name: str) -> str:
        """Return a name as the gradebook holds it; one that it lacks, in composed form."""
        return self._known.get(plain(name), plain(name))
