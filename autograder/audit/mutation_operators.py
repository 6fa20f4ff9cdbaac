"""The mutation operators: the replacements of a node of the solution."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

_SWAPS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_BOUNDARIES: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
# The tests accept a value in any of these forms, so removing a conversion changes nothing.
_CONVERSIONS = {
    *("array", "asarray", "bool", "cast", "constant", "convert_to_tensor", "float", "int"),
    *("item", "list", "numpy", "tuple"),
}
_IDLE_KEYWORDS = {"dtype", "name", "strict"}


def changes(tree: ast.Module, lines: set[int]) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield each node of the solution with each of its replacements."""
    for number, node in enumerate(ast.walk(tree)):
        node.place = number
    for node in _solution(tree, lines):
        for change in _of(node):
            yield node, change


def _solution(node: ast.AST, lines: set[int]) -> Iterator[ast.AST]:
    """Yield the nodes of the solution, but not those of messages, docstrings and prints."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Raise | ast.Assert | ast.Import | ast.ImportFrom | ast.JoinedStr):
            continue
        if isinstance(child, ast.Expr) and _is_text(child.value):
            continue
        if isinstance(child, ast.keyword) and child.arg in _IDLE_KEYWORDS:
            continue
        if getattr(child, "lineno", None) in lines:
            yield child
        yield from _solution(child, lines)


def _is_text(value: ast.expr) -> bool:
    printed = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "print"
    return isinstance(value, ast.Constant) or printed


def _of(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the replacements of a node."""
    made = _MAKERS.get(type(node))
    if made is not None:
        yield from made(node)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """Return a copy of a node with other fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    other.place = None
    return other


def _arithmetic(node: ast.BinOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.MatMult):
        yield _with(node, left=node.right, right=node.left)
    elif type(node.op) in _SWAPS:
        yield _with(node, op=_SWAPS[type(node.op)]())
    if isinstance(node.op, ast.Sub | ast.Div | ast.Pow):
        yield _with(node, left=node.right, right=node.left)
    yield node.left
    if isinstance(node.op, ast.Add | ast.Mult | ast.Sub):
        yield node.right


def _in_place(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in _SWAPS:
        yield _with(node, op=_SWAPS[type(node.op)]())
    yield ast.Assign(targets=[node.target], value=node.value)
    yield ast.Pass()


def _comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for number, operator in enumerate(node.ops):
        for other in _BOUNDARIES.get(type(operator), []):
            yield _with(node, ops=[*node.ops[:number], other(), *node.ops[number + 1 :]])


def _logic(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    yield from node.values


def _sign(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield _with(node, value=not node.value)
    elif isinstance(node.value, int | float):
        yield _with(node, value=node.value + 1)
        if node.value == 1:
            yield _with(node, value=node.value - 1)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    arguments = node.args
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in _CONVERSIONS:
        pass
    elif arguments and not isinstance(arguments[0], ast.Starred):
        yield arguments[0]
    elif isinstance(node.func, ast.Attribute):
        yield node.func.value
    if len(arguments) > 1 and not any(isinstance(one, ast.Starred) for one in arguments[:2]):
        yield _with(node, args=[arguments[1], arguments[0], *arguments[2:]])
    for number, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in _IDLE_KEYWORDS:
            yield _with(node, keywords=node.keywords[:number] + node.keywords[number + 1 :])


def _bounds(node: ast.Slice) -> Iterator[ast.AST]:
    for name in ("lower", "upper", "step"):
        if getattr(node, name) is not None:
            yield _with(node, **{name: None})


def _choice(node: ast.IfExp) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


def _branch(node: ast.If) -> Iterator[ast.AST]:
    for always in (True, False):
        yield _with(node, test=ast.Constant(always))


def _store(node: ast.Assign) -> Iterator[ast.AST]:
    """Omit a store into an array or attribute; a name is kept, since nothing runs without it."""
    if all(isinstance(target, ast.Subscript | ast.Attribute) for target in node.targets):
        yield ast.Pass()


def _statement(_: ast.AST) -> Iterator[ast.AST]:
    yield ast.Pass()


_MAKERS = {
    ast.BinOp: _arithmetic,
    ast.AugAssign: _in_place,
    ast.Compare: _comparison,
    ast.BoolOp: _logic,
    ast.UnaryOp: _sign,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Slice: _bounds,
    ast.IfExp: _choice,
    ast.If: _branch,
    ast.Assign: _store,
    ast.Expr: _statement,
    ast.Break: _statement,
    ast.Continue: _statement,
}
