"""The last check of a release: it contains no solution, hidden test or mark scheme."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import nbformat

from autograder.errors import AutograderError
from autograder.topics import ipython_syntax, markers
from autograder.topics.cells import Topic, TopicCell

# Shorter lines, such as `return z`, may occur in a visible place by chance.
_TELLING = 10


def secrets(topic: Topic) -> set[str]:
    """Return the lines that occur only in solutions, hidden tests and mark schemes."""
    hidden: set[str] = set()
    visible: set[str] = set()
    for cell in topic.cells:
        found = markers.regions(cell.source)
        for index, line in enumerate(cell.source.split("\n")):
            inside = any(region.begin <= index <= region.end for region in found)
            (hidden if inside else visible).add(line.strip())
    return {line for line in hidden - visible if len(line) >= _TELLING}


def check_folder(folder: Path, topic: Topic) -> None:
    """Search the files of a topic's release.

    Raises
    ------
    AutograderError
        If a file contains a marker, a secret line or an output.
    """
    secret = secrets(topic)
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        lines = _lines(path)
        found = markers.leftovers(lines) + [line for line in lines if line.strip() in secret]
        if found:
            raise AutograderError(
                f"{topic.path}: {path.name} would show students what they must not see, "
                f'"{found[0].strip()}", and was not released: look for it in the topic\'s visible '
                "cells and files, and for changed delimiters in nbgrader_config.py."
            )


def _lines(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text.splitlines()
    notebook = nbformat.reads(text, as_version=4)
    if any(cell.get("outputs") for cell in notebook.cells):
        raise AutograderError(f"{path.name} has outputs and was not released: clear them.")
    return [line for cell in notebook.cells for line in cell.source.splitlines()]


def shown(topic: Topic) -> list[str]:
    """Return one sentence for each computation of a solution that students see elsewhere.

    ``expected = a / b + c`` gives ``return a / b + c`` away, in any layout.
    """
    visible: dict[str, TopicCell] = {}
    for cell in topic.cells:
        if cell.cell_type == "code":
            for _, text in _computations(markers.visible(cell.source, "pass")):
                visible.setdefault(text, cell)
    return [
        f"{topic.path}:{cell.first_line + region.begin + line}: the solution has `{text}`, and "
        f"students see it in line {visible[text].line}, {visible[text].label}."
        for cell in topic.of("task")
        for region in markers.regions(cell.source)
        for line, text in _computations(markers.body(cell.source, region))
        if text in visible
    ]


def _computations(source: str) -> list[tuple[int, str]]:
    """Return line and text of the expressions in statements that give a solution away."""
    try:
        nodes = [*ast.walk(ipython_syntax.tree(textwrap.dedent(source)))]
    except SyntaxError:  # the region is a part of a statement
        return []
    statements = [node for node in nodes if isinstance(node, ast.stmt)]
    values = [(node.lineno, getattr(node, "value", None)) for node in statements]
    return [
        (line, ast.unparse(value))
        for line, value in values
        if isinstance(value, ast.expr) and _is_telling(value)
    ]


def _is_telling(value: ast.expr) -> bool:
    """Return whether an expression is more than a name, a number or one call of plain arguments."""
    steps = sum(isinstance(node, ast.operator | ast.Call | ast.cmpop) for node in ast.walk(value))
    return steps >= 2
