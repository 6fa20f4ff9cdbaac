"""The lookup of names in a test: first its own, then Python's, then the candidate's."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Callable
from typing import Any

_BUILTINS = frozenset(dir(builtins))


class ExamNamespace(dict):
    """The examiner's global names. A missing one is looked up in the candidate, each time again.

    Python calls ``__missing__`` for global names if a namespace is a subclass of dict, also in
    functions, lambdas and comprehensions. In the body of a class it does not: see `class_names`.
    """

    lookup: Callable[[str], Any] | None = None

    def __missing__(self, name: str) -> Any:
        if self.lookup is None or not is_asked(name):
            raise KeyError(name)
        return self.lookup(name)


def is_asked(name: str) -> bool:
    """Whether to look a name up in the candidate: never for Python's own, such as ``sum``."""
    return type(name) is str and name not in _BUILTINS and name != "_" and name[:2] != "__"


def defined_names(source: str) -> set[str]:
    """Return the global names that a cell assigns or imports."""
    return {
        symbol.get_name()
        for scope in _scopes(source)
        if scope.get_type() == "module"
        for symbol in scope.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }


def deleted_names(source: str) -> set[str]:
    """Return the names that a cell deletes anywhere."""
    try:
        nodes = ast.walk(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    deleted = (target for node in nodes if isinstance(node, ast.Delete) for target in node.targets)
    return {target.id for target in deleted if isinstance(target, ast.Name)}


def class_names(source: str) -> set[str]:
    """Return the global names used directly in the bodies of a cell's classes."""
    return {
        symbol.get_name()
        for scope in _scopes(source)
        if scope.get_type() == "class"
        for symbol in scope.get_symbols()
        if symbol.is_global() and symbol.is_referenced()
    }


def used_names(source: str) -> set[str]:
    """Return the global names that a cell reads, also in its functions."""
    return {
        symbol.get_name()
        for scope in _scopes(source)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope.get_type() == "module" or symbol.is_global())
    }


def _scopes(source: str) -> list[symtable.SymbolTable]:
    """Return the scopes of a cell, its own first; [] if it is not valid Python."""
    try:
        found = [symtable.symtable(source, "cell", "exec")]
    except SyntaxError:
        return []
    for table in found:  # grows during the loop
        found += table.get_children()
    return found
