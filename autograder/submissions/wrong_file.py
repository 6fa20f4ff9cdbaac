"""Say what a file is that was handed in as a notebook and is none, as its author knows it."""

from __future__ import annotations

import re

# What a file of another program begins with.
_PROGRAMS = (
    (b"%PDF", "a PDF: hand in the notebook that it was made from"),
    (b"\xd0\xcf\x11\xe0", "a document of Word, Excel or the like: hand in the notebook"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut: hand in the file that it leads to"),
    (b"[InternetShortcut]", "a shortcut to a web page: hand in the file that it leads to"),
    (b"\x89PNG", "a picture: hand in the notebook"),
    (b"\xff\xd8\xff", "a picture: hand in the notebook"),
    (b"Rar!", "a RAR archive: unpack it and hand in the notebook"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it and hand in the notebook"),
    (b"{\\rtf", "a text document (RTF): hand in the notebook"),
    (b"version https://git-lfs", "a pointer of git-lfs: hand in the file that it stands for"),
)
_OFFICE = (b"word/", b"xl/", b"ppt/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
_PAGE = re.compile(r"\s*<(!doctype\s|html\b|head\b|body\b|\?xml|script\b)", re.IGNORECASE)
_UNENDED = re.compile(r'"(?:[^"\\]++|\\.)*+\\?\Z', re.DOTALL)
_MARKS = {"<": "ours", "|": "base", "=": "theirs", ">": "both"}
_MARK = re.compile(r"([<|=>])\1{6}(?: .*)?\r?\n?")
_FIRST_MARK = re.compile(r"^<{7}(?: |\r?$)", re.MULTILINE)


def program(head: bytes) -> str | None:
    """Return which other program's file begins with some bytes, and what to do; None if unknown."""
    for start, what in _PROGRAMS:
        if head.startswith(start):
            return what
    if head.startswith(b"PK\x03\x04") and any(name in head for name in _OFFICE):
        return "a document of Word, Excel or the like: hand in the notebook"
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive: hand in the notebook that is in it"
    return None


def merge_mark(text: str) -> int | None:
    """Return the line of the first mark that git leaves where two versions differ."""
    mark = _FIRST_MARK.search(text)
    return line_of(text, mark.start()) if mark else None


def sides(text: str) -> tuple[str, str]:
    """Return the two versions that a file with git's marks holds."""
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
    """Say whether a text is a web page."""
    return bool(_PAGE.match(text))


def breaks_off(text: str, fault: int) -> bool:
    """Say whether the fault of a JSON text is that it ends too early.

    Parameters
    ----------
    fault
        Where the parser stopped: at the end, or at the start of a string without an end.
    """
    end = len(text.rstrip())
    return fault >= end or bool(_UNENDED.match(text, fault))


def end_of(text: str) -> str:
    """Return where a text ends, blanks aside."""
    lines = text.rstrip().split("\n")
    return f"line {len(lines)}, column {len(lines[-1])}"


def line_of(text: str, place: int) -> int:
    """Return the number of the line of a character."""
    return text.count("\n", 0, place) + 1
