"""Strings in a student's code that may be code themselves, as for `exec`."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

# A shorter string holds no code worth comparing.
SHORTEST = 30
# Functions that run a string as code.
_RUNNING = {"exec", "eval", "compile", "run_cell", "run_cell_magic", "run_code", "run_cell_async"}


def texts(module: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield the longer strings of a cell; strings concatenated in it count as one."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        text = _text(node)
        if text is None:
            waiting += ast.iter_child_nodes(node)
        elif len(text) >= SHORTEST:
            yield node, textwrap.dedent(text)


def runs_what_is_not_there(module: ast.Module) -> bool:
    """Return whether a cell runs code that is not in it as a string."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or _called(node.func) not in _RUNNING:
            continue
        given = [*node.args, *(each.value for each in node.keywords)]
        if given and not any(map(_is_there, given)):
            return True
    return False


def _is_there(node: ast.expr) -> bool:
    """Return whether this is a string, a name, or the result of another such call."""
    made = isinstance(node, ast.Call) and _called(node.func) in _RUNNING
    return made or isinstance(node, ast.Name) or _text(node) is not None


def _called(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _text(node: ast.AST) -> str | None:
    """Return a string in the code, as a literal or concatenated there; None for others."""
    if isinstance(node, ast.Constant):
        value = node.value
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return value if isinstance(value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined("", [node.left, node.right])
    if isinstance(node, ast.JoinedStr):
        return _joined("", node.values)
    if isinstance(node, ast.Call) and _called(node.func) == "join" and len(node.args) == 1:
        between = _text(node.func.value) if isinstance(node.func, ast.Attribute) else None
        parts = getattr(node.args[0], "elts", None)
        return _joined(between, parts) if between is not None and parts is not None else None
    return None


def _joined(between: str, nodes: list[ast.expr]) -> str | None:
    found = [_text(node) for node in nodes]
    return None if None in found else between.join(found)
