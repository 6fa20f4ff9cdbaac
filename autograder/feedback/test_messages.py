"""The messages of a test: the records of its checks, or its error in the student's code."""

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
    """One message of a test.

    ``kind`` is "passed", "failed" or "error". ``values`` has the returned and the expected value in
    aligned lines. ``cause`` is the likely cause.
    """

    kind: str
    text: str
    cause: str = ""
    values: str = ""


def said_by(test: NotebookNode) -> Iterator[Said]:
    """Yield the messages of a test; an error that a record reports is not repeated."""
    told = False
    for output in test.get("outputs", []):
        data = output.get("data", {})
        if (record := read(data.get(RECORD_TYPE))) is not None:
            yield _from_record(record, data)
            told = not record.passed
        elif output.output_type == "error" and not told:
            yield Said("error", error_text(output))


def _from_record(record: Record, data: Mapping[str, Any]) -> Said:
    """Return the message of a record; one of an earlier exam has the rest in its panel."""
    kind, cause = "passed" if record.passed else "failed", clean.plain(record.because or "")
    if record.version < WHOLE:
        panel = str(data.get("text/plain") or "")
        return Said(kind, clean.plain(record.what), cause, clean.plain(panel))
    below = textwrap.indent("\n".join(record.sentences), "  ")
    text = f"{record.what}\n{below}".rstrip()
    return Said(kind, clean.plain(text), cause, clean.plain(_columns(record)))


def _columns(record: Record) -> str:
    """Return the values of a record in aligned lines; a long array begins on its own line."""
    width = max((len(label) for label, _ in record.values), default=0) + 1
    shown = []
    for label, text in record.values:
        shown += [f"{label}:", text] if "\n" in text else [f"{label + ':':{width}} {text}"]
    return "\n".join(shown)


def error_text(output: Mapping[str, Any]) -> str:
    """Return the name and the message of an error."""
    return clean.plain(f"{output.get('ename', '')}: {output.get('evalue', '')}".strip(": "))
