"""The header of a topic's text: what pages about the course take from its solved notebook.

It is the YAML block that jupytext allows at the top of a file. The value of its key ``topic`` is
read here; it is not part of any notebook. See ``docs/authoring.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import yaml
from jupytext.header import header_to_metadata_and_cell


@dataclass(frozen=True)
class Result:
    """A measurement for ``docs/results.md``.

    Attributes
    ----------
    what
        The name of the measurement.
    code
        Python that runs in the solved notebook after its last cell and leaves a text in ``told``.
    notes
        The value that the course's notes or their sources print.
    """

    what: str
    code: str
    notes: str = "–"


@dataclass(frozen=True)
class Figure:
    """A figure for ``docs/gallery.md``: its caption, and how its alternative text begins."""

    caption: str
    alt: str


@dataclass(frozen=True)
class Header:
    """The content of a topic's header."""

    results: tuple[Result, ...] = ()
    figures: tuple[Figure, ...] = ()


_KINDS = {"results": Result, "figures": Figure}


def read(lines: Sequence[str]) -> tuple[Header, int]:
    """Read the header of a topic's text.

    Returns
    -------
    Header, int
        The header, empty if there is none, and the number of lines that the YAML block takes.

    Raises
    ------
    ValueError
        If it is not valid YAML, or the value of ``topic`` does not have the form of `Header`.
    """
    try:
        *_, block, length = header_to_metadata_and_cell(list(lines), "#", "", ".py")
        # jupytext gives all keys but its own as a text between two lines of hyphens.
        found = yaml.safe_load("\n".join(block.source.split("\n")[1:-1])) if block else None
    except yaml.YAMLError as error:
        raise ValueError(f"the header is not valid YAML: {' '.join(str(error).split())}") from error
    return _header(found.get("topic") if isinstance(found, dict) else None), length


def _header(found: Any) -> Header:
    if found is None:
        return Header()
    if not isinstance(found, dict) or not found.keys() <= _KINDS.keys():
        raise ValueError(f"topic: in the header takes {' and '.join(_KINDS)}")
    return Header(**{key: _entries(key, entries) for key, entries in found.items()})


def _entries(key: str, found: Any) -> tuple[Any, ...]:
    kind = _KINDS[key]
    try:
        entries = tuple(kind(**entry) for entry in found)
        texts = [text for entry in entries for text in astuple(entry)]
    except TypeError:  # not a list, not a mapping, a key too many or too few
        texts = [None]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        form = ", ".join(field.name for field in fields(kind))
        raise ValueError(f"{key}: in the header is a list of entries with texts for {form}")
    return entries
