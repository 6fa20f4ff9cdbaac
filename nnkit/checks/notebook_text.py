"""The code of a notebook's functions, read from the text of its cells alone."""

from __future__ import annotations

import ast
from collections.abc import Callable

from nnkit.checks import magics
from nnkit.checks.evaluating import Code, Kind, flat, values
from nnkit.checks.reach import Source
from nnkit.checks.scopes import Scope, Unloaded


class NotebookText:
    """The cells that have run so far, and what they bind.

    Parameters
    ----------
    transform
        Turns a cell with magics and ``!commands`` into Python.
    """

    def __init__(self, transform: Callable[[str], str]) -> None:
        self.transform = transform
        self._cells: list[str] = []
        self._names = Scope(ordered=True)

    def add(self, source: str) -> None:
        """Note a cell that has run."""
        self._cells.append(source)

    def source(self, name: str) -> Source | None:
        """Return the last value of a name, or None if it is not found."""
        self._read()
        if not self._names.find(name):
            return None
        try:
            found = list(flat(values(ast.Name(name, ast.Load()), self._names, called=True)))
        except RecursionError:
            return None
        known = [value for value in found if isinstance(value, Code | Kind)]
        known = known or [value for value in found if not isinstance(value, Unloaded)]
        return Source(name, tuple(found)) if known else None

    def _read(self) -> None:
        for cell in self._cells:
            try:
                tree = magics.parsed(cell, self.transform)
                self._names.read(tree.body)
            except (SyntaxError, ValueError, RecursionError):
                continue
        self._cells.clear()
