"""What a test said: the records of its checks, or its error in the student's own lines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.feedback import clean
from nnkit.record import RECORD_TYPE

_VALUE = re.compile(r"^  ((?:came back|expected)[^:]*: *)(.*)$")
_OWN_LINE = "  Your code, line "


@dataclass(frozen=True)
class Said:
    """One thing that a test said.

    ``kind`` is "passed", "failed" or "error"; ``values`` what came back and what was expected, to
    be read column by column; ``cause`` the likely one.
    """

    kind: str
    text: str
    cause: str = ""
    values: str = ""


def said_by(test: NotebookNode) -> Iterator[Said]:
    """Yield what a test said; an error that a check has already told is not told again."""
    told = False
    for output in test.get("outputs", []):
        data = output.get("data", {})
        if isinstance(record := data.get(RECORD_TYPE), Mapping):
            yield _from_record(record, str(data.get("text/plain") or ""))
            told = not record.get("passed")
        elif output.output_type == "error" and not told:
            yield Said("error", error_text(output))


def _from_record(record: Mapping[str, Any], text: str) -> Said:
    cause = str(record.get("because") or "")
    lines = clean.plain(text).split("\n")
    lines = [line for line in lines if not line.startswith("  Likely cause: ")]
    lines, values = _parted(lines)
    text = "\n".join(lines).lstrip("✓✗ ") or str(record.get("what") or "")
    return Said("passed" if record.get("passed") else "failed", text, cause, values)


def _parted(lines: list[str]) -> tuple[list[str], str]:
    """Part what a check said into sentences and values; an array begins on a line of its own."""
    begins = [place for place, line in enumerate(lines) if _VALUE.match(line)]
    if not begins:
        return lines, ""
    shown = []
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        label, first = _VALUE.match(lines[begin]).groups()
        rest = textwrap.dedent("\n".join(lines[begin + 1 : end]))
        if rest:
            shown += [label.rstrip(), first, textwrap.indent(rest, " ")]
        else:
            shown.append(label + first)
    return lines[: begins[0]], "\n".join(shown)


def error_text(output: Mapping[str, Any]) -> str:
    """Return an error in words, with the lines of the student's that led to it and no others."""
    own = [
        line.rstrip()
        for entry in output.get("traceback", [])
        if entry.startswith(_OWN_LINE)
        for line in entry.rstrip().split("\n")[:2]
    ]
    words = f"{output.get('ename', '')}: {output.get('evalue', '')}".strip(": ")
    return clean.plain("\n".join([words, *own]))
