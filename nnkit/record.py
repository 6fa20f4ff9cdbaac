"""The result of a check: a record for machines, and the panel for people, made from it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import escape
from typing import Any

RECORD_TYPE = "application/vnd.nnkit.check+json"
#: Name of the check in the record of an error in the student's code.
ERROR = "error"
#: From this version on, a record holds all that its panel shows.
WHOLE = 2
_HIDDEN = "A hidden test failed."
_CAUSE = "Likely cause:"


@dataclass(frozen=True)
class Record:
    """The result of a check: kept in the cell's outputs, read by pages and counted by reports.

    Attributes
    ----------
    check, what : str
        Name of the check, e.g. ``"gradient"``, and the label that the student reads.
    diagnosis, because : str or None
        Name and sentence of the likely cause.
    hidden : bool
        Whether it is of a hidden part: then no value of the test is in it.
    message : str
        One sentence on what is wrong; of a check that passed, a short fact such as the accuracy.
    got, expected : str
        The returned and the expected value, as text; "" if they are not shown.
    part : str
        The part of a structure that they belong to, e.g. ``"[1]['W']"``.
    element : str
        The index of the element that they belong to, if an array is too large to show.
    given : str
        The arguments of the call.
    line : str
        The student's own lines that led to an error.
    """

    check: str
    what: str
    passed: bool
    diagnosis: str | None = None
    because: str | None = None
    hidden: bool = False
    version: int = WHOLE
    message: str = ""
    got: str = ""
    expected: str = ""
    part: str = ""
    element: str = ""
    given: str = ""
    line: str = ""

    @property
    def sentences(self) -> list[str]:
        """The sentences below the label, without values and cause; a cause replaces the message."""
        told = [self.message, *self.line.split("\n")]
        if self.hidden and not self.passed:
            told = [_HIDDEN] if self.because else [_HIDDEN, *told]
        return [text for text in told if text]

    @property
    def values(self) -> list[tuple[str, str]]:
        """Label and text of the returned value, the expected value, and the arguments."""
        if self.element:
            label = f"largest difference at {self.element}"
            return [(label, f"{self.got} instead of {self.expected}")]
        where = f" {self.part}" if self.part else ""
        shown = [
            (f"came back{where}", self.got),
            (f"expected{where}", self.expected),
            ("for the input", self.given),
        ]
        return [(label, text) for label, text in shown if text]


_TYPES = {each.name: each.type for each in fields(Record)}


def read(data: Any) -> Record | None:
    """Return the record that an output holds under `RECORD_TYPE`, or None where there is none.

    Student code can write such an output too: a field of another type counts as not given.
    """
    if not isinstance(data, Mapping):
        return None
    kinds = {"bool": bool, "int": int}
    given = {
        name: data[name]
        for name, kind in _TYPES.items()
        if type(data.get(name)) is kinds.get(kind, str)
    }
    return Record(**{"check": "", "what": "", "passed": False, "version": 1} | given)


def _lines(record: Record) -> list[str]:
    """Return the lines between label and cause; values are aligned below each other."""
    width = max((len(label) for label, _ in record.values), default=0) + 1
    return [*record.sentences, *(f"{label + ':':{width}} {text}" for label, text in record.values)]


def as_text(record: Record) -> str:
    """Panel as plain text."""
    lines = _lines(record)
    if record.because:
        lines.append(f"{_CAUSE} {record.because}")
    mark = "✓" if record.passed else "✗"
    shown = [f"{mark} {record.what}", *(f"  {line}" for line in "\n".join(lines).split("\n"))]
    return "\n".join(line for line in shown if line.strip())


def as_html(record: Record) -> str:
    """Panel as HTML, self-contained; every text of the student's is escaped."""
    colour, tint = ("#0b6e4f", "#eef8f3") if record.passed else ("#a3312b", "#fdf1f0")
    mark, word = ("✓", "passed") if record.passed else ("✗", "failed")
    body = "".join(
        f'<div style="white-space:pre-wrap;margin-top:2px">{escape(line)}</div>'
        for line in _lines(record)
    )
    if record.because:
        body += f'<div style="margin-top:4px"><b>{_CAUSE}</b> {escape(record.because)}</div>'
    return (
        f'<div role="status" style="border-left:4px solid {colour};background:{tint};'
        'color:#222;padding:4px 10px;margin:2px 0;font-family:sans-serif;font-size:13px">'
        f'<b style="color:{colour}"><span aria-label="{word}">{mark}</span> '
        f"{escape(record.what)}</b>{body}</div>"
    )
