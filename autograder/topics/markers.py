"""nbgrader's BEGIN/END markers inside a cell: finding, removing and replacing their regions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: The stubs that nbgrader puts in place of a solution, set in ``nbgrader_config.py``.
STUB = 'raise NotImplementedError("Write your code here, in place of this line.")'
TEXT_STUB = "Write your answer here, in place of this line."

SOLUTION = "SOLUTION"
HIDDEN = "HIDDEN TESTS"
SCHEME = "MARK SCHEME"
KINDS = (SOLUTION, HIDDEN, SCHEME)

_MARKER = re.compile(rf"^\s*#+\s*(BEGIN|END) ({'|'.join(KINDS)})\s*$")
# nbgrader takes any line that contains these words for a marker, and removes the whole line.
_INSIDE = re.compile(rf"\b(?:BEGIN|END) (?:{'|'.join(KINDS)})")
_MISSPELT = re.compile(r"^\s*#+\s*(?:begin|end)[\s_-]+(?:solution|hidden|mark)", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """A marked region; ``begin`` and ``end`` are the indices of its two marker lines."""

    kind: str
    begin: int
    end: int


class MarkerError(ValueError):
    """Invalid markers; ``faults`` holds pairs of a line index and a message."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__("; ".join(text for _, text in faults))
        self.faults = faults


def regions(source: str) -> list[Region]:
    """Return the marked regions of a cell's source, in order.

    Raises
    ------
    MarkerError
        If a marker is misspelt, shares its line, is nested, or has no partner.
    """
    found: list[Region] = []
    faults: list[tuple[int, str]] = []
    opened: tuple[str, int] | None = None
    for index, line in enumerate(source.split("\n")):
        match = _MARKER.match(line)
        if match is None:
            faults += [(index, text) for text in _misuse(line)]
            continue
        word, kind = match.groups()
        if word == "BEGIN" and opened is None:
            opened = (kind, index)
        elif word == "BEGIN":
            faults.append((index, f"BEGIN {kind} is inside BEGIN {opened[0]}: close that one"))
        elif opened is None or opened[0] != kind:
            faults.append((index, f"END {kind} has no BEGIN {kind} before it: add one"))
        else:
            found.append(Region(kind, opened[1], index))
            opened = None
    if opened is not None:
        kind, index = opened
        faults.append((index, f"BEGIN {kind} is not closed: add a line ### END {kind}"))
    if faults:
        raise MarkerError(faults)
    return found


def _misuse(line: str) -> list[str]:
    if _INSIDE.search(line):
        return ["nbgrader takes this line for a marker: put the marker alone on its line"]
    if _MISSPELT.match(line):
        kinds = ", ".join(KINDS)
        return [f"this looks like a misspelt marker: write ### BEGIN or ### END, then {kinds}"]
    return []


def body(source: str, region: Region) -> str:
    """Return the text between the two markers of a region."""
    return "\n".join(source.split("\n")[region.begin + 1 : region.end])


def replace(source: str, kind: str, stub: str | None = None) -> str:
    """Put ``stub`` in place of every region of a kind, indented as nbgrader does; None removes."""
    lines = source.split("\n")
    for region in reversed(regions(source)):
        if region.kind != kind:
            continue
        first = lines[region.begin]
        indent = first[: len(first) - len(first.lstrip())]
        lines[region.begin : region.end + 1] = [] if stub is None else [indent + stub]
    return "\n".join(lines)


def visible(source: str, stub: str | None = None) -> str:
    """Return the source without what students do not see, or with ``stub`` in its place."""
    for kind in KINDS:
        source = replace(source, kind, stub)
    return source


def without_markers(source: str) -> str:
    """Return the source as its author would run it: without marker lines and mark schemes.

    The mark scheme may be inside the solution, as in nbgrader's source notebook.
    """
    kept: list[str] = []
    in_scheme = False
    for line in source.split("\n"):
        match = _MARKER.match(line)
        if match and match[2] == SCHEME:
            in_scheme = match[1] == "BEGIN"
        elif not match and not in_scheme:
            kept.append(line)
    return "\n".join(kept).strip("\n")


def leftovers(lines: Iterable[str]) -> list[str]:
    """Return the lines that nbgrader would take for markers."""
    return [line for line in lines if _INSIDE.search(line)]
