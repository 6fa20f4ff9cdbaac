"""Read what a student handed in: find the notebook in the copy, and the cells in the file."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import of_machine
from autograder.grading import pile
from autograder.grading.blueprint import Blueprint
from autograder.grading.intake import Taken, Why
from autograder.remark import Kind, Remark

_MOST_NAMED = 10
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Unreadable(Exception):
    """There is nothing to grade; ``why`` says the reason, as the end of a sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Read:
    """A notebook in today's format, without outputs, and what was mended on the way to it."""

    notebook: NotebookNode
    path: Path
    remarks: list[Remark] = field(default_factory=list)


def read(taken: Taken, blueprint: Blueprint) -> Read:
    """Return the notebook of a submission that was taken in.

    Raises
    ------
    Unreadable
        If there is none.
    """
    name = f"{blueprint.topic}.ipynb"
    if why := fault(taken, name):
        found = _renamed(taken, name, why, blueprint)
    else:
        found = _load(taken.folder / name)
    found.remarks += [
        Remark(f"another notebook was not graded: {pile.shown(other)}", Kind.OTHER)
        for other in taken.notebooks()
        if other != found.path.name
    ]
    return found


def fault(taken: Taken, name: str) -> str | None:
    """Return why a file of a submission cannot be read as a notebook, or None."""
    if left := taken.left_out.get(name):
        text = f"{name} {left.text}"
        return Remark(text, Kind.TAMPERED) if left.why is Why.OUTSIDE else text
    if name in taken.folders:
        return f"{name} is not a file"
    if name not in taken.files:
        return f"no {name} in the folder"
    return None if taken.files[name] else f"{name} is empty"


def _renamed(taken: Taken, name: str, why: str, blueprint: Blueprint) -> Read:
    """Return the one notebook of another name that is this topic's."""
    found, others = [], [other for other in taken.notebooks() if other != name]
    for other in others:
        try:
            if fault(taken, other) is None:
                found.append(_load(taken.folder / other))
        except Unreadable:
            continue
    found = [each for each in found if _belongs(each.notebook, blueprint)]
    if len(found) == 1:
        (only,) = found
        text = f"{name} was taken from {pile.shown(only.path.name)}"
        only.remarks.insert(0, Remark(text, Kind.REPAIRED))
        return only
    names = ", ".join(map(pile.shown, others[:_MOST_NAMED])) + ", …" * (len(others) > _MOST_NAMED)
    if names and found:
        raise Unreadable(f"{why}, and several others could be meant ({names})")
    if names:
        raise Unreadable(f"{why} (it holds {names}, which is not this topic's)")
    there = name in taken.files or name in taken.folders or name in taken.left_out
    raise Unreadable(why if there else f"{why} (it holds no notebook)")


def _belongs(notebook: NotebookNode, blueprint: Blueprint) -> bool:
    """Say whether most of the topic's cells are in a notebook."""
    about = [cell.metadata.get("nbgrader") for cell in notebook.cells]
    names = {each.get("grade_id") for each in about if isinstance(each, dict)}
    return 2 * len(names & set(blueprint.by_name)) > len(blueprint.by_name)


def _load(path: Path) -> Read:
    """Read one file.

    Raises
    ------
    Unreadable
        If it holds no notebook.
    """
    name, said = path.name, []
    try:
        data = json.loads(_text(path, said))
    except OSError as error:
        if of_machine(error):
            raise
        raise Unreadable(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not text in UTF-8: is it a notebook?") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(
            f"{name} is not JSON: is it a notebook, and did it upload whole?"
        ) from error
    return Read(_today(data, name, said), path, said)


def _text(path: Path, said: list[Remark]) -> str:
    """Return a file's text, whatever Unicode encoding it has been saved in."""
    content = path.read_bytes()
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            text = f"{path.name} had been saved as {encoding.upper()}; it was read as such"
            said.append(Remark(text, Kind.REPAIRED))
            return content.decode(encoding)
    return content.decode("utf-8")


def _today(data: Any, name: str, said: list[Remark]) -> NotebookNode:
    """Return the notebook in format 4.5; outputs are thrown away before anything is checked."""
    if not isinstance(data, dict):
        raise Unreadable(f"{name} is not a notebook")
    major = data.get("nbformat")
    try:
        for cell in _cells(data):
            cell.pop("outputs", None)
            if cell.get("cell_type") == "code":
                cell["outputs"] = []
            else:
                cell.pop("execution_count", None)
        if major == 4:
            data.setdefault("nbformat_minor", 0)
            notebook = nbformat.v4.upgrade(nbformat.v4.reads_json(_writable(data, said)))
        else:
            notebook = nbformat.v4.upgrade(nbformat.reads(_writable(data, said), as_version=4))
            text = f"{name} had the old notebook format {major} and was converted"
            said.append(Remark(text, Kind.REPAIRED))
        _name_cells(notebook)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise Unreadable(f"{name} is not a valid notebook: {first}") from error
    except MemoryError:
        raise
    except Exception as error:  # a converter of old formats may raise anything
        raise Unreadable(f"{name} is not a notebook ({type(error).__name__})") from error
    return notebook


def _writable(data: dict[str, Any], said: list[Remark]) -> str:
    """Return data as JSON that UTF-8 can hold: JSON's escapes can spell half a character."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        said.append(Remark("half a character (as of a cut emoji) was replaced", Kind.REPAIRED))
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def _cells(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a notebook in any format."""
    sheets = data.get("worksheets") or [data]
    return [cell for sheet in sheets for cell in sheet.get("cells", [])]


def _name_cells(notebook: NotebookNode) -> None:
    """Give every cell an id of its own; one that has a good one keeps it."""
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, 1):
        name = cell.get("id")
        if not isinstance(name, str) or not name or name in seen:
            name = f"cell-{number}"
            while name in seen:
                name += "-"
        cell["id"] = name
        seen.add(name)
