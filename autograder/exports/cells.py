"""Cells of a CSV file: quoted, safe against formulas, and the same bytes for the same values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.errors import AutograderError

Cell = str | float | None

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
DECIMALS = {"point": ".", "comma": ","}

# OWASP, ASVS 1.2.10: a spreadsheet reads a cell that begins with one of these as a formula, quoted
# or not. Excel reads the full-width signs the same way in East Asian languages.
_TRIGGERS = "=+\\-@\t\r\n\0＝＋－＠"
_FORMULA = re.compile(rf"^(?=\s*[{_TRIGGERS}])")
_PLAIN_KEY = re.compile(r"[\w.@+=-]+")


@dataclass(frozen=True)
class Style:
    """The separator and decimal sign of a file, and whether it begins with a byte order mark.

    Excel reads a file without the mark in the machine's legacy encoding.
    """

    separator: str = ","
    decimal: str = "."
    mark: bool = False

    @classmethod
    def named(cls, separator: str, decimal: str, *, mark: bool = False) -> Style:
        """Return the style for the names that the command line takes: "comma", "point".

        Raises
        ------
        AutograderError
            If a name is unknown.
        """
        return cls(
            _choose("--separator", separator, SEPARATORS),
            _choose("--decimal", decimal, DECIMALS),
            mark,
        )


def _choose(option: str, word: str, choices: dict[str, str]) -> str:
    if word not in choices:
        raise AutograderError(f"{option} is {', '.join(choices)}; it can't be {word!r}.")
    return choices[word]


def harmless(text: str, style: Style | None = None) -> str:
    """Return text that no spreadsheet reads as a formula.

    OWASP recommends an apostrophe in front; spreadsheets show such a cell as text. A machine whose
    list separator differs from the file's would split a cell in its middle, so that the text after
    any separator gets an apostrophe too.
    """
    others = "".join(sign for sign in ",;\t" if sign != (style or Style()).separator)
    safe = re.sub(rf"(?<=[{others}])(?=\s*?[{_TRIGGERS}])", "'", text)
    return _FORMULA.sub("'", safe)


def bare(text: str) -> str:
    """Return a cell's text without what spreadsheets and exports add: ``="007"``, ``'=x``."""
    text = text.strip().strip("\ufeff\xa0").strip()
    if match := re.fullmatch(r'="(.*)"', text, re.DOTALL):
        return match[1].replace('""', '"')
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


def key(text: str) -> str | None:
    """Return an id unchanged, as a platform can look it up, or None if it is not safe to write.

    With an apostrophe in front, Canvas would add a new person, and Moodle, which finds nobody with
    that id, would stop the whole import. An id of letters, digits and ``. _ - @ + =`` calls no
    function and opens nothing, also if it begins like a formula; Canvas and Moodle issue no other
    id that begins like one.
    """
    if any(sign in text for sign in "\t\r\n\0"):
        return None
    return text if harmless(text) == text or _PLAIN_KEY.fullmatch(text) else None


def number(value: float, style: Style | None = None) -> str:
    """Return a number with at most four decimals: no exponent, no sign before zero."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(".", (style or Style()).decimal)


def render(lines: Iterable[Sequence[Cell]], style: Style | None = None) -> bytes:
    """Return the file's bytes: UTF-8, a line feed after each line, quotes as in RFC 4180."""
    style = style or Style()
    text = "".join(style.separator.join(_quoted(c, style) for c in line) + "\n" for line in lines)
    encoding = "utf-8-sig" if style.mark else "utf-8"
    return text.encode(encoding, errors="backslashreplace")


def _quoted(cell: Cell, style: Style) -> str:
    """Return a cell's text, in quotes if any spreadsheet could split it."""
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else number(cell, style)
    if text and not any(sign in text for sign in ',;\t\r\n"') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"' if text else ""
