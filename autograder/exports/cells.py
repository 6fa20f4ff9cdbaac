"""Cells of a CSV file: quoted, harmless to spreadsheets, the same bytes for the same values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.errors import AutograderError

Cell = str | float | None

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
DECIMALS = {"point": ".", "comma": ","}

# OWASP, ASVS 1.2.10: a spreadsheet takes a cell that begins so for a formula, quoted or not. The
# wide signs are what Excel takes for the same in East Asian languages.
_TRIGGERS = "=+\\-@\t\r\n\0＝＋－＠"
_FORMULA = re.compile(rf"^(?=\s*[{_TRIGGERS}])")
_PLAIN_KEY = re.compile(r"[\w.@+=-]+")


@dataclass(frozen=True)
class Style:
    """How a file is written: its separator, its decimal sign, and whether it begins with a BOM.

    Excel takes a file without the mark for one in the machine's old encoding.
    """

    separator: str = ","
    decimal: str = "."
    mark: bool = False

    @classmethod
    def named(cls, separator: str, decimal: str, *, mark: bool = False) -> Style:
        """Return the style that is named in words.

        Raises
        ------
        AutograderError
            If there is no such word.
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
    """Return text that no spreadsheet takes for a formula.

    As OWASP says, an apostrophe goes before it; spreadsheets show such a cell as text. A machine
    whose list separator is another than the file's would split a cell in its middle, so that what
    follows such a sign is treated alike.
    """
    others = "".join(sign for sign in ",;\t" if sign != (style or Style()).separator)
    safe = re.sub(rf"(?<=[{others}])(?=\s*?[{_TRIGGERS}])", "'", text)
    return _FORMULA.sub("'", safe)


def bare(text: str) -> str:
    """Undo what spreadsheets and exports put around a text: ``="007"`` and ``'=x``."""
    text = text.strip().strip("\ufeff\xa0").strip()
    if match := re.fullmatch(r'="(.*)"', text, re.DOTALL):
        return match[1].replace('""', '"')
    return text[1:] if text[:1] == "'" and _FORMULA.match(text[1:]) else text


def key(text: str) -> str | None:
    """Return an id as a platform can look it up, or None where it would not be safe to write.

    An id is written as it is. With an apostrophe before it, Canvas would take it for somebody new,
    and Moodle, finding nobody of that id, would give up the whole import. An id of letters, digits
    and ``. _ - @ + =`` calls no function and opens nothing, whatever it begins with; any other
    that begins like a formula is none that Canvas or Moodle gives out.
    """
    if any(sign in text for sign in "\t\r\n\0"):
        return None
    return text if harmless(text) == text or _PLAIN_KEY.fullmatch(text) else None


def number(value: float, style: Style | None = None) -> str:
    """Return a number with at most four decimals: no exponent, no sign before zero."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(".", (style or Style()).decimal)


def render(lines: Iterable[Sequence[Cell]], style: Style | None = None) -> bytes:
    """Return the file, UTF-8 with a line feed after each line; RFC 4180 for quotes."""
    style = style or Style()
    text = "".join(style.separator.join(_quoted(c, style) for c in line) + "\n" for line in lines)
    encoding = "utf-8-sig" if style.mark else "utf-8"
    return text.encode(encoding, errors="backslashreplace")


def _quoted(cell: Cell, style: Style) -> str:
    """Return a cell, within quotes where any spreadsheet could split it."""
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else number(cell, style)
    if text and not any(sign in text for sign in ',;\t\r\n"') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"' if text else ""
