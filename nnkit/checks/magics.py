"""Parse cells with magics: the code below ``%%time`` is the notebook's code too."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

_CELL, _LINE = "run_cell_magic", "run_line_magic"
# The text below these is not code of this notebook.
_OTHER = re.compile(
    "bash|sh|script|cmd|perl|ruby|js|javascript|html|svg|latex|markdown|writefile|file|"
    "python|python2|python3|pypy|system|sx|cython"
)
# The text after these is Python; that of `%cd` or `%matplotlib` is not.
_OF_PYTHON = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun", "snakeviz"})
_OPTIONS = re.compile(r"(?:\s*-{1,2}\w+(?:[ =]?[\d.]+)?(?=\s|$))*\s*")
_DEEPEST = 10

Transform = Callable[[str], str]


def parsed(cell: str, transform: Transform) -> ast.Module:
    """Return a cell's syntax tree, with the code of magics in their place.

    Parameters
    ----------
    cell : str
        As the student wrote it.
    transform : callable
        IPython's own, which turns magics into calls of ``get_ipython()``.

    Raises
    ------
    SyntaxError, ValueError, RecursionError
        If it is not Python.
    """
    tree = ast.parse(transform(cell))
    return _Unwrapper(transform).visit(tree)


class _Unwrapper(ast.NodeTransformer):
    """Replaces the calls that run magics by the code of the magics."""

    def __init__(self, transform: Transform, depth: int = 0) -> None:
        self.transform = transform
        self.depth = depth

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        texts = _texts(node.value)
        return self.generic_visit(node) if texts is None else self._statements(texts) or node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Unwrap ``x = %time f(2)``."""
        match self._statements(_texts(node) or []):
            case [ast.Expr(value=value)]:
                return value
        return self.generic_visit(node)

    def _statements(self, texts: list[str]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for text in texts if self.depth < _DEEPEST else ():
            try:
                tree = ast.parse(self.transform(text))
            except (SyntaxError, ValueError, RecursionError):
                continue
            found += _Unwrapper(self.transform, self.depth + 1).visit(tree).body
        return found


def _texts(node: ast.AST) -> list[str] | None:
    """Return the texts that a magic runs as Python, or None if there is no magic."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr=kind), args=[ast.Constant(value=str(name)), *rest]
        ) if kind in (_CELL, _LINE):
            texts = [part.value for part in rest if isinstance(part, ast.Constant)]
            texts = [text for text in texts if isinstance(text, str)]
        case _:
            return None
    runs = _OTHER.fullmatch(name) is None if kind == _CELL else name in _OF_PYTHON
    if not runs or not texts:
        return []
    # The first text is the magic's own line: options, then perhaps a statement.
    return [texts[0][_OPTIONS.match(texts[0]).end() :], *texts[1:]]
