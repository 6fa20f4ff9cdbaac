"""Compare two texts of a cell, without the differences that editors and systems make."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import unicodedata
from collections import Counter

from autograder.topics import ipython_syntax

# Removed at the ends of a cell: byte-order marks and zero-width characters, which are invisible.
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"
_WIDE_SPACES = re.compile("[\u00a0\u2007\u202f]")  # as Option+Space types them
# A longer text is compared as it is: parsing takes seconds, and caching takes memory.
_LONGEST = 50_000
_MOST_MAGICS = 20  # IPython parses the cell again for each magic
_MAGIC = re.compile(r"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)
_KEPT = 1024  # as many as the cells of a few notebooks
_PARTS = ("body", "orelse", "finalbody", "handlers", "cases")


def with_one_line_end(text: str) -> str:
    """Return a text with the line ends of notebooks: a newline character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def normal(text: str) -> str:
    """Return a text in normal form; two texts are equal if their normal forms are.

    These do not count: the kind of line ends, blanks at the ends of lines, empty lines and
    invisible characters at the ends of the text, tabs in place of blanks, and the Unicode form.
    """
    return _normal(text) if len(text) <= _LONGEST else text


@functools.lru_cache(maxsize=_KEPT)
def _normal(text: str) -> str:
    text = _WIDE_SPACES.sub(" ", unicodedata.normalize("NFC", with_one_line_end(text)))
    lines = [line.expandtabs(4).rstrip() for line in text.strip(INVISIBLE).split("\n")]
    return "\n".join(lines).strip("\n")


def same(one: str, other: str, cell_type: str) -> bool:
    """Return whether two texts of a cell are the same.

    Code is the same if its syntax tree is the same: formatting and comments do not count.
    """
    if normal(one) == normal(other):
        return True
    if cell_type != "code":
        return False
    tree = _tree(one)
    return tree is not None and tree == _tree(other)


def statements(text: str) -> Counter[str] | None:
    """Count the statements of a cell, each without those inside it; None if it is not Python.

    Imports do not count: an editor may sort them or remove unused ones.
    """
    tree = parsed(text)
    if tree is None:
        return None
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom):
            for part in _PARTS:
                if isinstance(getattr(node, part, None), list):
                    setattr(node, part, [])
            found[ast.dump(node)] += 1
    return found


@functools.lru_cache(maxsize=_KEPT)
def _tree(text: str) -> str | None:
    tree = parsed(text)
    return ast.dump(tree) if tree is not None and tree.body else None


def parsed(text: str) -> ast.Module | None:
    """Return a cell's syntax tree, or None if it is not Python or too long to parse.

    The indentation of docstrings, which formatters change, is removed.
    """
    if len(text) > _LONGEST:
        return None
    try:
        found = _read(normal(text))
        for node in ast.walk(found):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                value = node.value.value
                node.value.value = inspect.cleandoc(value) if isinstance(value, str) else value
        ast.dump(found)
    except (SyntaxError, ValueError, RuntimeError, MemoryError):  # RecursionError is a RuntimeError
        return None
    return found


def _read(text: str) -> ast.Module:
    """Parse a cell; use IPython's parser, which may take minutes, only if there are few magics."""
    try:
        return ast.parse(text)
    except SyntaxError:
        if len(_MAGIC.findall(text)) > _MOST_MAGICS:
            raise
        return ipython_syntax.tree(text)
