"""Add to a notebook's JSON the fields that some editors omit, as Jupyter does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_CELL_TYPES = ("code", "markdown", "raw")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_KEYS = ("id", "cell_type", "metadata", "source", "attachments", "execution_count", "outputs")


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


# Metadata with a type in the format; a value of another type is removed.
_METADATA: dict[str, Callable[[Any], bool]] = {
    "collapsed": lambda value: isinstance(value, bool),
    "scrolled": lambda value: isinstance(value, bool) or value == "auto",
    "name": lambda value: isinstance(value, str) and value != "",
    "format": lambda value: isinstance(value, str),
    "tags": lambda value: (
        _texts(value) and len(set(value)) == len(value) and not any("," in each for each in value)
    ),
    "jupyter": lambda value: (
        isinstance(value, dict) and all(isinstance(value.get(name, True), bool) for name in _HIDDEN)
    ),
    "execution": lambda value: isinstance(value, dict) and _texts(list(value.values())),
}
_HIDDEN = ("source_hidden", "outputs_hidden")
_ABOUT: dict[str, Callable[[Any], bool]] = {
    "kernelspec": lambda value: (
        isinstance(value, dict) and _texts([value.get("name"), value.get("display_name")])
    ),
    "language_info": lambda value: (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("codemirror_mode", ""), str | dict)
        and _texts(
            [value.get(name, "") for name in ("file_extension", "mimetype", "pygments_lexer")]
        )
    ),
    "orig_nbformat": lambda value: isinstance(value, int) and value >= 1,
    "title": lambda value: isinstance(value, str),
    "authors": lambda value: isinstance(value, list),
}


class Unsound(ValueError):
    """Data that cannot be a notebook; the message says why."""


def sound(data: dict[str, Any]) -> list[str]:
    """Make a notebook of format 4 valid in format 4.5, without outputs.

    Parameters
    ----------
    data
        The file's JSON. It is changed in place.

    Returns
    -------
    list of str
        The missing or invalid fields, each once, for a remark.

    Raises
    ------
    Unsound
        If it has no list of cells.
    """
    odd: dict[str, None] = {}
    if not isinstance(data.get("cells"), list):
        raise Unsound("it has no list of cells")
    if "metadata" not in data or "nbformat_minor" not in data or data.get("nbformat") != 4:
        odd["the notebook's own keys"] = None
    about = data["metadata"] if isinstance(data.get("metadata"), dict) else {}
    cells = [cell for cell in data["cells"] if isinstance(cell, dict)]
    if len(cells) < len(data["cells"]):
        odd["entries that are not cells"] = None
    data.clear()
    data.update(
        nbformat=4,
        nbformat_minor=5,
        metadata=_typed(about, _ABOUT),
        cells=[_cell(cell, odd) for cell in cells],
    )
    _name(data["cells"])
    return list(odd)


def _typed(about: dict[str, Any], types: dict[str, Callable[[Any], bool]]) -> dict[str, Any]:
    return {k: v for k, v in about.items() if k not in types or types[k](v)}


def _cell(cell: dict[str, Any], odd: dict[str, None]) -> dict[str, Any]:
    """Return a valid cell."""
    kind = _cell_type(cell, odd)
    wanted = ("metadata", "source") + (("execution_count",) if kind == "code" else ())
    odd.update(dict.fromkeys(name for name in wanted if name not in cell))
    about, count = cell.get("metadata"), cell.get("execution_count")
    made = {name: cell[name] for name in cell if name in _KEYS}
    made |= {
        "cell_type": kind,
        "metadata": _typed(about, _METADATA) if isinstance(about, dict) else {},
        "source": _source(cell.get("source", cell.get("input")), odd),
    }
    for name in ("outputs", "execution_count", "attachments"):
        made.pop(name, None)
    if kind == "code":
        made |= {"outputs": [], "execution_count": count if type(count) is int else None}
    elif _attached(cell.get("attachments")):
        made["attachments"] = cell["attachments"]
    return made


def _cell_type(cell: dict[str, Any], odd: dict[str, None]) -> str:
    """Return a cell's type; like Jupyter, treat an unknown type as raw text."""
    kind = cell.get("cell_type")
    if kind in _CELL_TYPES:
        return str(kind)
    odd["cell_type"] = None
    if isinstance(kind, str) and kind.casefold() in _CELL_TYPES:
        return kind.casefold()
    if kind is None and ("outputs" in cell or "execution_count" in cell):
        return "code"
    return "markdown" if kind in (None, "heading") else "raw"


def _source(source: Any, odd: dict[str, None]) -> str:
    """Return a cell's text; a list has its lines, all with line ends or all without."""
    if isinstance(source, str):
        return source
    if not isinstance(source, list):
        odd["source"] = None
        return "" if source is None else str(source)
    lines = [line if isinstance(line, str) else "" for line in source]
    ended = any(line.endswith("\n") for line in lines)
    if len(lines) > 1 and not ended:
        odd["line ends"] = None
        return "\n".join(lines)
    return "".join(lines)


def _attached(value: Any) -> bool:
    """Return whether attachments have the format's form: name to type to data."""
    return isinstance(value, dict) and all(
        isinstance(file, dict) and all(isinstance(d, str) or _texts(d) for d in file.values())
        for file in value.values()
    )


def _name(cells: list[dict[str, Any]]) -> None:
    """Give every cell a unique id; a valid id that is unique stays."""
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = cell.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name) or name in seen:
            name = f"cell-{number}"
            while name in seen:
                name += "-"
        cell["id"] = name
        seen.add(name)
