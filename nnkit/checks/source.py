"""Find out what a function's code uses: its syntax tree, and what each name in it stands for."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any


@dataclass
class Source:
    """A function's code: its tree, the objects its names stand for, and helpers it calls."""

    name: str
    tree: ast.AST
    names: Mapping[str, Any]
    helper: Callable[[str], Source | None] = field(default=lambda _name: None)

    def uses(self) -> Iterator[tuple[ast.AST, Any]]:
        """Yield each name or dotted name of the code with the object that it stands for."""
        scope = {**self.names, **_local_imports(self.tree)}
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Name, ast.Attribute)):
                found = _resolve(node, scope)
                if found is not None:
                    yield node, found
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from ((node, value) for value in _imported(node).values())


def source_of(function: Any) -> Source | None:
    """Return the code of a function of this process, or None where it has none.

    A function of another process tells its own, by ``__nnkit_source__()``.
    """
    remote = getattr(function, "__nnkit_source__", None)
    if remote is not None:
        return remote()
    plain = _plain(function)
    if plain is None:
        return None
    tree = _tree(plain)
    if tree is None:
        return None
    closure = inspect.getclosurevars(plain)
    names = {**plain.__globals__, **closure.nonlocals}

    def helper(name: str) -> Source | None:
        value = _plain(names.get(name))
        # Only helpers of the notebook itself: a library's own loops are not the student's.
        own = value is not None and value.__module__ == plain.__module__
        return source_of(value) if own and value is not plain else None

    return Source(plain.__name__, tree, names, helper)


def _tree(function: FunctionType) -> ast.AST | None:
    """Find a function's definition, or a lambda's, in the file or cell that it stands in."""
    code = function.__code__
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename, function.__globals__)))
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if node.name == code.co_name and first == code.co_firstlineno:
                return node
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            # Several lambdas may share a line: the code's own columns tell which one it is.
            body = node.body
            spans = [p for p in code.co_positions() if p[2] or p[3]]
            if spans and all(_within(span, body) for span in spans):
                return node
    return None


def _within(span: tuple[int | None, ...], body: ast.expr) -> bool:
    line, end_line, column, end_column = span
    return (body.lineno, body.col_offset) <= (line, column) and (end_line, end_column) <= (
        body.end_lineno,
        body.end_col_offset,
    )


def _plain(function: Any) -> FunctionType | None:
    """Unwrap decorators, `functools.partial`, `tf.function` and callable objects."""
    for _ in range(10):
        if isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "python_function"):
            function = function.python_function
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif inspect.ismethod(function):
            function = function.__func__
        elif isinstance(function, FunctionType):
            return function
        elif not isinstance(function, type) and isinstance(
            getattr(type(function), "__call__", None),  # noqa: B004
            FunctionType,
        ):
            function = type(function).__call__
        else:
            return None
    return None


def _resolve(node: ast.AST, scope: Mapping[str, Any]) -> Any:
    """Return the object behind ``a.b.c``, following attributes of modules and classes only."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, scope)
        if isinstance(owner, (ModuleType, type)):
            return getattr(owner, node.attr, None)
    return None


def _local_imports(tree: ast.AST) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(_imported(node))
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, Any]:
    """Return what an import statement binds, as far as those modules are loaded already."""
    found: dict[str, Any] = {}
    for alias in node.names:
        if isinstance(node, ast.Import):
            top = alias.name if alias.asname else alias.name.split(".")[0]
            value = sys.modules.get(top)
        else:
            value = look_up(f"{node.module}.{alias.name}")
        if value is not None:
            found[alias.asname or alias.name.split(".")[0]] = value
    return found


def look_up(dotted: str, *, load: bool = False) -> Any:
    """Return the object of a dotted name, or None; import its top module only if ``load``."""
    parts = dotted.split(".")
    if load:
        try:
            importlib.import_module(parts[0])
        except ImportError:
            return None
    value: Any = sys.modules.get(parts[0])
    for count, part in enumerate(parts[1:], start=2):
        if value is None:
            return None
        value = getattr(value, part, None) or sys.modules.get(".".join(parts[:count]))
    return value
