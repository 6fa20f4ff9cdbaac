"""Read one file as a notebook in format 4.5, or report what it is instead."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import of_machine
from autograder.remarks import Kind, Remark
from autograder.submissions import wrong_file
from autograder.submissions.notebook_format import Unsound, sound

# UTF-32's byte-order mark begins like UTF-16's, so it comes first.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNMARKED = {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}
_AGAIN = "open it in Jupyter, save it, and hand it in again"
# Lone surrogates (half a character): JSON's escapes can write them, but UTF-8 cannot.
_HALVES = re.compile(r"\\u[dD][89a-fA-F]")
_JSON = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


class Unreadable(Exception):
    """A file cannot be read as a notebook.

    ``why`` is the reason, as the end of a sentence, and what to do; ``fault`` is only the reason;
    ``kind`` is the kind of the remark on it.
    """

    def __init__(self, fault: str, to_do: str = "", *, kind: Kind = Kind.UNGRADED) -> None:
        self.fault, self.why, self.kind = fault, f"{fault}{to_do}", kind
        super().__init__(self.why)


@dataclass
class Loaded:
    """A notebook in format 4.5 without outputs, and remarks on repairs of the file."""

    notebook: NotebookNode
    remarks: list[Remark] = field(default_factory=list)


def load(path: Path, name: str | None = None) -> Loaded:
    """Read one file.

    Parameters
    ----------
    name
        The file's name in remarks. Default: its own name.

    Raises
    ------
    Unreadable
        If it is not a notebook; the message says what it is, where the fault is and what to do.
    """
    name, said = name or path.name, []
    try:
        content = path.read_bytes()
    except OSError as error:
        if of_machine(error):
            raise
        raise Unreadable(f"{name} cannot be read: {error.strerror}") from error
    if what := wrong_file.program(content[:4096]):
        raise Unreadable(f"{name} is not text in UTF-8 but {what}")
    text = _text(content, name, said)
    halves = _HALVES.search(text) is not None
    notebook = _today(_data(text, name, said), name, said, halves=halves)
    for number, cell in enumerate(notebook.cells, 1):
        if line := wrong_file.merge_mark(cell.source):
            found = f"git conflict markers (<<<<<<<) are in cell {number}, from line {line} on"
            said.append(Remark(found, Kind.OTHER))
    return Loaded(notebook, said)


def _text(content: bytes, name: str, said: list[Remark]) -> str:
    """Return a file's text, decoded from the encoding that it was saved in."""
    marked = [encoding for mark, encoding in _MARKS.items() if content.startswith(mark)]
    marked += [encoding for start, encoding in _UNMARKED.items() if content.startswith(start)]
    encoding = next(iter(marked), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        # Programs on Windows write cp1252 if they do not set an encoding.
        if marked or not content.lstrip().startswith(b"{"):
            raise Unreadable(f"{name} is not text in UTF-8: is it a notebook?") from error
        encoding = "cp1252"
        text = content.decode(encoding, "replace")
    if encoding != "utf-8":
        shown = f"{name} had been saved as {encoding.upper()}; it was read as such"
        said.append(Remark(shown, Kind.REPAIRED))
    if not text.strip(" \t\r\n\0"):
        raise Unreadable(f"{name} is empty: it has only blanks or zeros")
    return text


def _data(text: str, name: str, said: list[Remark]) -> Any:
    """Return the data of a JSON text."""
    start = len(text) - len(text.lstrip())
    try:
        data, end = _JSON.raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        return _merged(text, name, said) or _refuse(text, name, error)
    tail = text[end:].strip(" \t\r\n\0")
    if tail:
        if wrong_file.merge_mark(text):
            return _merged(text, name, said)
        _see_tail(data, tail, name, line := wrong_file.line_of(text, end))
        remark = (
            f"{name} goes on after its end, from line {line} on (the tail of an older save); "
            "the rest was ignored"
        )
        said.append(Remark(remark, Kind.REPAIRED))
    return data


def _see_tail(data: Any, tail: str, name: str, line: int) -> None:
    """Raise `Unreadable` if a second notebook follows the first in its file."""
    try:
        second, _ = _JSON.raw_decode(tail)
    except (ValueError, RecursionError):
        second = None
    if not isinstance(data, dict):
        raise Unreadable(f"{name} is not JSON: it ends in line {line}, and more follows")
    if isinstance(second, dict) and second != data:
        raise Unreadable(
            f"{name} is not JSON: it holds two notebooks, one after the other (the first ends in "
            f"line {line}): keep the one that counts, and hand it in again"
        )


def _merged(text: str, name: str, said: list[Remark]) -> Any:
    """Return the data of a file with git conflict markers if both sides have the same cells."""
    line = wrong_file.merge_mark(text)
    if line is None:
        return None
    marks = f"git conflict markers, the first (<<<<<<<) in line {line}"
    try:
        ours, theirs = map(_JSON.decode, wrong_file.sides(text))
        same = _sources(ours) == _sources(theirs)
    except (ValueError, RecursionError, KeyError, TypeError):
        same = False
    if same:
        text = f"{name} has {marks}; both sides hold the same cells, and one was read"
        said.append(Remark(text, Kind.REPAIRED))
        return ours
    raise Unreadable(
        f"{name} is not JSON: it has {marks}",
        ": choose one side of each conflict, remove the markers, check that Jupyter opens the "
        "file, and hand it in again",
    )


def _sources(data: Any) -> list[str]:
    return [json.dumps([cell["cell_type"], "".join(cell["source"])]) for cell in data["cells"]]


def _refuse(text: str, name: str, error: Exception) -> Any:
    """Raise `Unreadable` with the fault of a text that is not JSON."""
    if wrong_file.is_page(text):
        raise Unreadable(
            f"{name} is not JSON but a web page, such as a login page",
            ": download the notebook file itself and hand it in",
        ) from error
    if not isinstance(error, json.JSONDecodeError):
        raise Unreadable(
            f"{name} is not JSON ({type(error).__name__}): is it a notebook?"
        ) from error
    place = f"line {error.lineno}, column {error.colno}"
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        raise Unreadable(f"{name} is not JSON ({place}): is it a notebook?") from error
    if wrong_file.ends_early(text, error.pos):
        raise Unreadable(
            f"{name} is not JSON: it ends too early, in {wrong_file.end_of(text)}",
            f". Was the upload complete? If so, {_AGAIN}",
        ) from error
    raise Unreadable(
        f"{name} is not JSON: {error.msg} in {place}",
        f". Correct that in a text editor, {_AGAIN}",
    ) from error


def _today(data: Any, name: str, said: list[Remark], *, halves: bool) -> NotebookNode:
    """Return the notebook in format 4.5; outputs are removed before the validation."""
    if not isinstance(data, dict):
        raise Unreadable(f"{name} is not a notebook")
    try:
        major = _major(data)
        if major < 4:
            data = _converted(data, major)
            text = f"{name} had the old notebook format {major} and was converted"
            said.append(Remark(text, Kind.REPAIRED))
        odd = sound(data)
        notebook = nbformat.v4.to_notebook_json(_whole(data, said) if halves else data)
        nbformat.validate(notebook)
    except (Unsound, nbformat.ValidationError, ValueError) as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise Unreadable(f"{name} is not a valid notebook: {first}") from error
    except MemoryError:
        raise
    except Exception as error:  # a converter of old formats may raise anything
        raise Unreadable(f"{name} is not a notebook ({type(error).__name__})") from error
    if odd and major == 4:
        text = f"{name} was read as Jupyter opens it (missing or odd: {', '.join(odd)})"
        said.append(Remark(text, Kind.REPAIRED))
    return notebook


def _major(data: dict[str, Any]) -> int:
    """Return a notebook's major format, from its keys rather than its version number."""
    number = str(data.get("nbformat")).partition(".")[0]
    if "worksheets" in data and "cells" not in data:
        return 2 if number == "2" else 3
    return 1 if number == "1" else 4


def _converted(data: dict[str, Any], major: int) -> dict[str, Any]:
    """Return a notebook of an old format in format 4."""
    for sheet in data.get("worksheets") or [data]:
        for cell in sheet.get("cells", []):
            cell.pop("outputs", None)
            cell.setdefault("metadata", {})
            if cell.get("cell_type") == "code":
                cell["outputs"] = []
                if major > 1:
                    cell.setdefault("input", cell.pop("source", ""))
    data["nbformat"] = major
    data.setdefault("nbformat_minor", 0)
    data.setdefault("metadata", {})
    old = nbformat.reads(json.dumps(data), as_version=nbformat.NO_CONVERT)
    return json.loads(nbformat.v4.writes_json(nbformat.convert(old, 4)))


def _whole(data: Any, said: list[Remark]) -> Any:
    """Return data that UTF-8 can encode: each half of a character is replaced."""
    text = json.dumps(data, ensure_ascii=False)
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if whole == text:
        return data
    said.append(
        Remark("half a character (of a truncated emoji, for example) was replaced", Kind.REPAIRED)
    )
    return _JSON.decode(whole)
