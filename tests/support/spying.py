"""Find out what hidden tests ask and expect; and write a topic with little but its hidden tests.

The author of a topic cannot list these values: most come from seeded random numbers. So a student
who does everything right, but notes what each function is given and gives back, finds them out.
"""

from __future__ import annotations

import ast
import html
import json
import re
import shutil
import textwrap
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.topics import ipython_syntax, markers
from autograder.topics.cells import Topic

# So many digits make a number a secret: 0.5 and 12 stand in any text.
DIGITS = 6
OPEN = "import contextlib; checks.hidden = contextlib.nullcontext"
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+)?(?![\w.])")
NOTES = """
import functools as _tools
import numpy as _np
seen = set()

def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [number for each in value[:20] for number in numbers_in(each)]
    try:
        flat = _np.asarray(value).ravel()[:100]
        return [f"{number:.12g}" for number in flat] if flat.dtype.kind == "f" else []
    except Exception:
        return []

def watched(function):
    @_tools.wraps(function)
    def asked(*given, **named):
        back = function(*given, **named)
        numbers = numbers_in(list(given)) + numbers_in(named) + numbers_in(back)
        if len(seen) < 50_000:
            seen.update(numbers)
        TELL
        return back
    return asked
"""
TELL = "print('asked', numbers); raise ValueError(f'asked {given} {numbers}')"
SHOW = "import json as _json\nprint('NOTED', _json.dumps(sorted(seen)))"


def only_hidden(topic: Topic, folder: Path, *, hidden: bool = True) -> None:
    """Write a topic without its experiments and without the visible checks of its tests.

    Parameters
    ----------
    topic
        As it is taught.
    folder
        Where the new one goes, its other files with it: ``solutions/TOPIC``.
    hidden
        False lets the hidden tests tell all that visible ones do.
    """
    shutil.copytree(topic.path.parent, folder)
    lines = topic.path.read_text("utf-8").split("\n")
    ends = [cell.line - 1 for cell in topic.cells[1:]] + [len(lines)]
    for cell, end in reversed([*zip(topic.cells, ends, strict=True)]):
        if cell.kind == "open":
            del lines[cell.line - 1 : end]
        elif cell.kind == "test":
            begin = min(region.begin for region in markers.regions(cell.source))
            first = cell.first_line - 1
            lines[first : first + begin + 1] = _without_checks(cell.source, begin)
    text = "\n".join(lines)
    if not hidden:
        text = re.sub(r"(?m)^from nnkit import .*$", rf"\g<0>\n{OPEN}", text, count=1)
    (folder / topic.path.name).unlink()
    (folder / f"{folder.name}.py").write_text(text, encoding="utf-8")


def _without_checks(source: str, begin: int) -> list[str]:
    """Return a test up to the start of its hidden part; what that needs is hidden with it."""
    visible = ast.parse("\n".join(source.split("\n")[:begin])).body
    rest = [node for node in visible if not isinstance(node, ast.Expr)]
    text = textwrap.indent(ast.unparse(ast.Module(rest, [])), "    ").split("\n")
    needed = ["with checks.hidden():", *text] if rest else []
    return ["### BEGIN HIDDEN TESTS", *needed]


def spy(solved: NotebookNode, *, raises: bool = False) -> NotebookNode:
    """Return a solved notebook that notes all numbers that its functions meet.

    With ``raises`` every call prints them, and ends with an exception that tells them.
    """
    notes = NOTES.replace("TELL", TELL if raises else "pass")
    for cell in solved.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and about.get("solution"):
            tree = ipython_syntax.tree(cell.source)
            names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
            cell.source += "".join(f"\n{name} = watched({name})" for name in names)
    before, after = nbformat.v4.new_code_cell(notes), nbformat.v4.new_code_cell(SHOW)
    solved.cells = [before, *solved.cells, after]
    return solved


def noted(graded: Path) -> frozenset[str]:
    """Return the telling numbers that a spy has noted, from its autograded notebook."""
    outputs = nbformat.read(graded, as_version=4).cells[-1].outputs
    text = "".join(output.get("text", "") for output in outputs)
    return frozenset(filter(None, map(_telling, json.loads(text.partition("NOTED ")[2]))))


def numbers(text: str) -> frozenset[str]:
    """Return the telling numbers that are anywhere in a page, or another text."""
    return frozenset(filter(None, map(_telling, _NUMBER.findall(html.unescape(text)))))


def _telling(number: str) -> str | None:
    """Return a number rounded, without its sign; None if a text may hold it by chance."""
    rounded = f"{abs(float(number)):.{DIGITS - 1}e}"
    return rounded if len(rounded.partition("e")[0].rstrip("0")) >= DIGITS else None


def hidden_lines(topic: Topic) -> frozenset[str]:
    """Return the lines of hidden tests that are nowhere else, their labels and causes aside.

    A failed hidden test says what it checked and the likely cause: these are text of its own.
    """
    hidden, visible = set(), set()
    for cell in topic.cells:
        regions = markers.regions(cell.source) if cell.kind == "test" else []
        for number, line in enumerate(cell.source.split("\n")):
            inside = any(r.begin < number < r.end for r in regions)
            (hidden if inside else visible).add(" ".join(line.split()))
    told = re.compile(r'^(f?"[^"]*"|[\w.]+),?$')
    return frozenset(line for line in hidden - visible if len(line) >= 12 and not told.match(line))
