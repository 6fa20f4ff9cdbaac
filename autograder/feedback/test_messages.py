"""What a test said: the records of its checks, or its error in the student's own lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.feedback import clean
from nnkit.record import RECORD_TYPE, WHOLE, Record, read


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
    """Yield what a test said; an error that a record has already told is not told again."""
    told = False
    for output in test.get("outputs", []):
        data = output.get("data", {})
        if (record := read(data.get(RECORD_TYPE))) is not None:
            yield _from_record(record, data)
            told = not record.passed
        elif output.output_type == "error" and not told:
            yield Said("error", error_text(output))


def _from_record(record: Record, data: Mapping[str, Any]) -> Said:
    """Return what a record says; where an earlier exam made it, its panel says the rest."""
    kind, cause = "passed" if record.passed else "failed", clean.plain(record.because or "")
    if record.version < WHOLE:
        panel = str(data.get("text/plain") or "")
        return Said(kind, clean.plain(record.what), cause, clean.plain(panel))
    below = textwrap.indent("\n".join(record.sentences), "  ")
    text = f"{record.what}\n{below}".rstrip()
    return Said(kind, clean.plain(text), cause, clean.plain(_columns(record)))


def _columns(record: Record) -> str:
    """Return the values of a record; an array of several lines begins on one of its own."""
    width = max((len(label) for label, _ in record.values), default=0) + 1
    shown = []
    for label, text in record.values:
        shown += [f"{label}:", text] if "\n" in text else [f"{label + ':':{width}} {text}"]
    return "\n".join(shown)


def error_text(output: Mapping[str, Any]) -> str:
    """Return the name of an error and what it says."""
    return clean.plain(f"{output.get('ename', '')}: {output.get('evalue', '')}".strip(": "))
