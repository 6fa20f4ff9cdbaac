"""What a student's function is made of, read from the text of the notebook.

The candidate could show other code than it runs; the text is what was handed in.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nnkit.checks.source import Source, look_up

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


class SubmissionText:
    """The cells that have run so far, and the definitions in them.

    Parameters
    ----------
    transform
        Turns a cell with magics and ``!commands`` into Python.
    """

    def __init__(self, transform: Callable[[str], str]) -> None:
        self.transform = transform
        self._cells: list[str] = []
        self._definitions: dict[str, _Definition] = {}
        self._aliases: dict[str, str] = {}
        self._names: dict[str, Any] = {}

    def add(self, source: str) -> None:
        """Note a cell that has run."""
        self._cells.append(source)

    def source(self, name: str) -> Source | None:
        """Return the code of the function of that name, as it was last defined, or None."""
        self._read()
        for _ in range(10):
            if name not in self._aliases:
                break
            name = self._aliases[name]
        tree = self._definitions.get(name)
        return None if tree is None else Source(name, tree, self._names, self._helper(name))

    def _helper(self, of: str) -> Callable[[str], Source | None]:
        return lambda name: None if name == of else self.source(name)

    def _read(self) -> None:
        for cell in self._cells:
            try:
                tree = ast.parse(self.transform(cell))
            except (SyntaxError, ValueError, RecursionError):
                continue
            for statement in _statements(tree):
                self._note(statement)
        self._cells.clear()

    def _note(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._define(statement.name, statement)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            self._names.update(_imported(statement))
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    self._assign(target.id, statement.value)

    def _define(self, name: str, tree: _Definition) -> None:
        self._aliases.pop(name, None)
        self._definitions[name] = tree

    def _assign(self, name: str, value: ast.expr) -> None:
        """Note ``name = lambda …``, ``name = other``, ``name = wrapper(other)``, ``name = a.b``."""
        if isinstance(value, ast.Lambda):
            self._define(name, value)
            return
        found = _value(value, self._names)
        if found is not None:
            self._names[name] = found
        parts = [value, *value.args] if isinstance(value, ast.Call) else [value]
        for part in parts:
            known = isinstance(part, ast.Name) and part.id != name
            if known and (part.id in self._definitions or part.id in self._aliases):
                self._aliases[name] = part.id
                return
            if isinstance(part, ast.Lambda):
                self._define(name, part)
                return


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements outside of functions and classes, those in blocks included."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            yield from _statements(node)


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, Any]:
    """Return what an import binds, of the modules that are loaded here."""
    found: dict[str, Any] = {}
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            value = look_up(f"{node.module}.{alias.name}")
        elif alias.asname:
            value = look_up(alias.name)
        else:
            value = sys.modules.get(alias.name.partition(".")[0])
        if value is not None:
            found[alias.asname or alias.name.partition(".")[0]] = value
    return found


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Return what a dotted name stands for, or None."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, names)
        return None if owner is None else getattr(owner, node.attr, None)
    return None
