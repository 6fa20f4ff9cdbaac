"""Identify a file that was handed in as a notebook and is not one."""

from __future__ import annotations

import re

# The first bytes of other programs' files.
_PROGRAMS = (
    (b"%PDF", "a PDF: hand in the notebook that it was made from"),
    (b"\xd0\xcf\x11\xe0", "a document of Word, Excel or the like: hand in the notebook"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut: hand in the file that it points to"),
    (b"[InternetShortcut]", "a shortcut to a web page: hand in the file that it points to"),
    (b"\x89PNG", "a picture: hand in the notebook"),
    (b"\xff\xd8\xff", "a picture: hand in the notebook"),
    (b"Rar!", "a RAR archive: unpack it and hand in the notebook"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it and hand in the notebook"),
    (b"{\\rtf", "a text document (RTF): hand in the notebook"),
    (b"version https://git-lfs", "a git-lfs pointer: hand in the file that it points to"),
)
_OFFICE = (b"word/", b"xl/", b"ppt/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
_PAGE = re.compile(r"\s*<(!doctype\s|html\b|head\b|body\b|\?xml|script\b)", re.IGNORECASE)
_UNENDED = re.compile(r'"(?:[^"\\]++|\\.)*+\\?\Z', re.DOTALL)
_MARKS = {"<": "ours", "|": "base", "=": "theirs", ">": "both"}
_MARK = re.compile(r"([<|=>])\1{6}(?: .*)?\r?\n?")
_FIRST_MARK = re.compile(r"^<{7}(?: |\r?$)", re.MULTILINE)


def program(head: bytes) -> str | None:
    """Return the type of a file by its first bytes, and what to do; None if unknown."""
    for start, what in _PROGRAMS:
        if head.startswith(start):
            return what
    if head.startswith(b"PK\x03\x04") and any(name in head for name in _OFFICE):
        return "a document of Word, Excel or the like: hand in the notebook"
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive: hand in the notebook that is in it"
    return None


def merge_mark(text: str) -> int | None:
    """Return the line of the first git conflict marker, or None."""
    mark = _FIRST_MARK.search(text)
    return line_of(text, mark.start()) if mark else None


def sides(text: str) -> tuple[str, str]:
    """Return the two versions in a file with git conflict markers."""
    ours, theirs, where = [], [], "both"
    for line in text.splitlines(keepends=True):
        if mark := _MARK.fullmatch(line):
            where = _MARKS[mark[1]]
            continue
        if where in ("ours", "both"):
            ours.append(line)
        if where in ("theirs", "both"):
            theirs.append(line)
    return "".join(ours), "".join(theirs)


def is_page(text: str) -> bool:
    """Return whether a text is a web page."""
    return bool(_PAGE.match(text))


def ends_early(text: str, fault: int) -> bool:
    """Return whether a JSON text is invalid because it ends too early.

    Parameters
    ----------
    fault
        Where the parser stopped: at the end, or at the start of an unterminated string.
    """
    end = len(text.rstrip())
    return fault >= end or bool(_UNENDED.match(text, fault))


def end_of(text: str) -> str:
    """Return the line and column where a text ends, without trailing blanks."""
    lines = text.rstrip().split("\n")
    return f"line {len(lines)}, column {len(lines[-1])}"


def line_of(text: str, place: int) -> int:
    """Return the line number of a character."""
    return text.count("\n", 0, place) + 1
