"""Remarks on a submission: a sentence for people, and its kind."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_MOST_NAMES = 5  # in one sentence


class Kind(enum.StrEnum):
    """Kinds of remarks, the most urgent first; from ``DIFFERENCE`` on, no action is needed.

    ``TAMPERED`` is only for changes that no editor, system, merge, earlier release or accident
    makes.
    """

    UNGRADED = "ungraded"
    TAMPERED = "tampered"
    CRASHED = "crashed"
    REPAIRED = "repaired"
    OTHER = "other"
    DIFFERENCE = "difference"
    LATE = "late"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence, and its kind.

    Attributes
    ----------
    text : str
        The sentence. Half a character (a lone surrogate), which UTF-8 cannot hold, is escaped.
    kind : Kind
        Set where the remark is made, and never read from the text, which can have names that a
        student has chosen.
    """

    text: str
    kind: Kind = Kind.OTHER

    def __post_init__(self) -> None:
        """Escape what cannot be written in UTF-8."""
        text = self.text.encode("utf-8", "backslashreplace").decode()
        object.__setattr__(self, "text", text)

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text


def together(names: Sequence[str], kind: Kind, one: str, many: str) -> list[Remark]:
    """Return one remark on several cells; empty if there are none.

    Parameters
    ----------
    one, many
        The sentence for one cell, with ``{name}``, or for several, with ``{count}`` and
        ``{names}``.
    """
    if not names:
        return []
    if len(names) == 1:
        return [Remark(one.format(name=names[0]), kind)]
    listed = ", ".join(f"'{name}'" for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    listed += f" and {more} more" if more > 0 else ""
    return [Remark(many.format(count=len(names), names=listed), kind)]


def texts(remarks: Iterable[Remark]) -> list[str]:
    """Return the sentences of some remarks."""
    return [each.text for each in remarks]


def distinct(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Return the remarks without repeated sentences."""
    found: dict[str, Remark] = {}
    for each in remarks:
        found.setdefault(each.text, each)
    return tuple(found.values())


def noted(remarks: Iterable[Remark]) -> dict[str, list[str]]:
    """Return remarks as stored in a notebook's metadata: texts and their kinds."""
    remarks = list(remarks)
    return {"remarks": texts(remarks), "kinds": [each.kind.value for each in remarks]}


def read(about: Mapping[str, Any]) -> list[Remark]:
    """Return the remarks in a notebook's metadata; those without a known kind are "other"."""
    texts, kinds = about.get("remarks") or [], about.get("kinds") or []
    if len(kinds) != len(texts):
        kinds = [Kind.OTHER] * len(texts)
    known = {kind.value: kind for kind in Kind}
    both = zip(texts, kinds, strict=True)
    return [Remark(str(text), known.get(kind, Kind.OTHER)) for text, kind in both]
