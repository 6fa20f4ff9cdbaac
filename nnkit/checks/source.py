"""Find the code of a function of this process: its syntax tree, and the values of its names."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from IPython.core.getipython import get_ipython

from nnkit.checks import magics
from nnkit.checks.evaluating import Code, Group, Kind
from nnkit.checks.reach import Source
from nnkit.checks.scopes import Function

_MANY = 200
_DEF = ast.FunctionDef | ast.AsyncFunctionDef


def source_of(function: Any) -> Source | None:
    """Return the code of a function of this process, or None if it is not found.

    A function of another process has its own, from ``__nnkit_source__()``.
    """
    remote = getattr(function, "__nnkit_source__", None)
    if remote is not None:
        return remote()
    starts = tuple(_live(function, _home(function)))
    known = [value for value in starts if not isinstance(value, _Sourceless)]
    return Source(getattr(function, "__name__", "the function"), tuple(known)) if known else None


@dataclass(frozen=True)
class _Sourceless:
    """A function of the notebook whose text is not found."""

    name: str


@dataclass(frozen=True)
class _LiveNames:
    """The names that a function of this process sees."""

    function: FunctionType
    home: str

    def find(self, name: str, _before: int | None = None) -> list[Any]:
        """Return the present values of a name."""
        closure = zip(
            self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True
        )
        for own, cell in closure:
            if own == name:
                try:
                    return list(_live(cell.cell_contents, self.home))
                except ValueError:  # not bound yet
                    return []
        if name in self.function.__globals__:
            return list(_live(self.function.__globals__[name], self.home))
        return []


def _home(function: Any) -> str:
    """Return the module of the notebook's own code: functions of others are a library's."""
    plain = plain_function(function)
    if plain is None:
        return type(function).__module__
    installed = plain.__code__.co_filename.startswith((sys.prefix, sys.base_prefix))
    return "__main__" if installed else plain.__module__


def _live(value: Any, home: str, depth: int = 4) -> Iterator[Any]:
    """Yield an object as code of the notebook, or unchanged."""
    if not depth:
        return
    if isinstance(value, FunctionType):
        yield from _function(value, home, depth)
    elif isinstance(value, functools.partial):
        for part in (value.func, *value.args, *value.keywords.values()):
            yield from _live(part, home, depth - 1)
    elif inspect.ismethod(value):
        yield from _live(value.__func__, home, depth - 1)
        yield from (v for v in _live(value.__self__, home, depth - 1) if isinstance(v, Kind))
    elif isinstance(value, staticmethod | classmethod):
        yield from _live(value.__func__, home, depth - 1)
    elif isinstance(value, property):
        yield from _live(value.fget, home, depth - 1)
    elif isinstance(value, ModuleType):
        yield value
    elif type(value) in (dict, list, tuple, set, frozenset, SimpleNamespace):
        value = vars(value) if isinstance(value, SimpleNamespace) else value
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        entries = {}
        for _, (key, item) in zip(range(_MANY), pairs, strict=False):
            entries[key] = tuple(_live(item, home, depth - 1))
        yield Group(entries)
    elif isinstance(value, type):
        yield _kind(value, None, home) if value.__module__ == home else value
    elif type(value).__module__ == home:
        yield _kind(type(value), value, home)
    elif callable(value) and isinstance(getattr(value, "python_function", None), FunctionType):
        yield from _live(value.python_function, home, depth - 1)  # a `tf.function`
    elif callable(value) and isinstance(getattr(value, "__wrapped__", None), FunctionType):
        yield from [value, *_live(value.__wrapped__, home, depth - 1)]
    else:
        yield value


def _function(function: FunctionType, home: str, depth: int) -> Iterator[Any]:
    wrapped = getattr(function, "__wrapped__", None)
    if wrapped is not None:
        yield from _live(wrapped, home, depth - 1)
    if function.__module__ != home:
        yield function
        return
    tree = _tree(function)
    names = _LiveNames(function, home)
    yield Code(function.__name__, tree, names) if tree else _Sourceless(function.__name__)


def _kind(cls: type, value: Any, home: str) -> Kind:
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ == home:
            found.update(vars(base))
    if value is not None:
        found.update(getattr(value, "__dict__", {}))
    members = {name for name in found if name not in ("__dict__", "__weakref__", "__module__")}
    return Kind(cls, members, lambda name: list(_live(found[name], home)))


def plain_function(function: Any) -> FunctionType | None:
    """Unwrap decorators, `functools.partial`, `tf.function`, methods and callable objects."""
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


def _tree(function: FunctionType) -> Function | None:
    """Find a function's definition, or a lambda's, in its file or cell."""
    code = function.__code__
    try:
        tree = _parsed("".join(linecache.getlines(code.co_filename, function.__globals__)))
    except (SyntaxError, ValueError, RecursionError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, _DEF):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if node.name == code.co_name and first == code.co_firstlineno:
                return node
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            # Several lambdas may share a line: the code's own columns tell which one it is.
            body = node.body
            spans = [p for p in code.co_positions() if p[2] or p[3]]
            if spans and all(_within(span, body) for span in spans):
                return node
    return _in_history(code)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _in_history(code: CodeType) -> Function | None:
    """Find a definition in the cells that have run: `%%time` compiles its cell without a file."""
    shell = get_ipython()
    cells = list(shell.user_ns.get("In", ())) if shell is not None else []
    for cell in reversed(cells):
        try:
            tree = magics.parsed(cell, shell.transform_cell)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
                made = compile(ast.Expression(node), "<cell>", "eval", dont_inherit=True)
                if any(_alike(code, part) for part in made.co_consts):
                    return node
            elif isinstance(node, _DEF) and node.name == code.co_name:
                return node
    return None


def _alike(code: CodeType, other: Any) -> bool:
    return isinstance(other, CodeType) and all(
        getattr(code, part) == getattr(other, part)
        for part in ("co_code", "co_names", "co_varnames", "co_consts")
    )


def _within(span: tuple[int | None, ...], body: ast.expr) -> bool:
    line, end_line, column, end_column = span
    return (body.lineno, body.col_offset) <= (line, column) and (end_line, end_column) <= (
        body.end_lineno,
        body.end_col_offset,
    )
