"""Remarks on a submission: a sentence for a person, and what kind of thing it tells."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

_MOST_NAMES = 5  # in one sentence


class Kind(enum.StrEnum):
    """Kinds of remarks, the most urgent first; nobody need look for those from ``DIFFERENCE`` on.

    ``TAMPERED`` is only what no editor, system, merge, earlier release or slip of the hand does.
    """

    UNGRADED = "ungraded"
    TAMPERED = "tampered"
    CRASHED = "crashed"
    REPAIRED = "repaired"
    OTHER = "other"
    DIFFERENCE = "difference"
    LATE = "late"
    BY_HAND = "by hand"


class Remark(str):
    """One sentence; wherever only its text counts, it is a text like any other.

    Attributes
    ----------
    kind
        Given where the remark is made: a sentence can hold names that a student has chosen.
    """

    __slots__ = ("kind",)

    kind: Kind

    def __new__(cls, text: str, kind: Kind) -> Self:
        """Make a sentence of a kind; what no file can hold (half a character) is escaped."""
        made = super().__new__(cls, text.encode("utf-8", "backslashreplace").decode())
        made.kind = kind
        return made

    def __getnewargs__(self) -> tuple[str, Kind]:
        """Let a remark travel between processes."""
        return str(self), self.kind


def together(names: Sequence[str], kind: Kind, one: str, many: str) -> list[Remark]:
    """Return one sentence on all cells that something is true of, or none.

    Parameters
    ----------
    one, many
        The sentence, with ``{name}`` for the one cell, or with ``{count}`` and ``{names}``.
    """
    if not names:
        return []
    if len(names) == 1:
        return [Remark(one.format(name=names[0]), kind)]
    listed = ", ".join(f"'{name}'" for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    listed += f" and {more} more" if more > 0 else ""
    return [Remark(many.format(count=len(names), names=listed), kind)]


def kind_of(text: str, default: Kind = Kind.OTHER) -> Kind:
    """Return the kind of a remark, or a default where a text does not say."""
    return text.kind if isinstance(text, Remark) else default


def noted(remarks: Iterable[str]) -> dict[str, list[str]]:
    """Return remarks as they are kept in a notebook's metadata: texts, and beside them kinds."""
    remarks = list(remarks)
    return {
        "remarks": [str(text) for text in remarks],
        "kinds": [kind_of(text).value for text in remarks],
    }


def read(about: Mapping[str, Any]) -> list[Remark]:
    """Return the remarks of a notebook's metadata; those without a known kind are "other"."""
    texts, kinds = about.get("remarks") or [], about.get("kinds") or []
    if len(kinds) != len(texts):
        kinds = [Kind.OTHER] * len(texts)
    known = {kind.value: kind for kind in Kind}
    both = zip(texts, kinds, strict=True)
    return [Remark(str(text), known.get(kind, Kind.OTHER)) for text, kind in both]
