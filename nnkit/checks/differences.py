"""Find numerical differentiation in code: the complex step, and a difference quotient."""

from __future__ import annotations

import ast

from nnkit.checks.reach import Part
from nnkit.checks.scopes import look_up


def found(part: Part) -> ast.AST | None:
    """Return the expression that differentiates numerically, or None.

    The complex step is recognised by the imaginary part that it reads, which a real derivative
    does not have; a quotient by its form, ``(f(x + h) - f(x - h)) / (2 * h)`` or one-sided.
    """
    imag = look_up("numpy.imag")
    for node, value in part.uses:
        if imag is not None and value is imag:
            return node
    for node in ast.walk(part.tree):
        match node:
            case ast.Attribute(attr="imag", ctx=ast.Load()):
                return node
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value="imag"), *_]):
                return node
            case ast.BinOp(op=ast.Div()) if _is_quotient(node):
                return node
    return None


def _is_quotient(node: ast.BinOp) -> bool:
    below = {ast.unparse(part) for part in ast.walk(node.right) if isinstance(part, ast.expr)}
    return any(step in below for part in _factors(node.left) if (step := _step(part)))


def _factors(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div(), right=right):
            return [*_factors(left), *_factors(right)]
        case ast.UnaryOp(operand=operand):
            return _factors(operand)
        case _:
            return [node]


def _step(node: ast.expr) -> str | None:
    """Return the ``h`` of ``f(x + h) - f(x - h)``: one function, one argument apart."""
    match node:
        case ast.BinOp(left=ast.Call() as one, op=ast.Sub(), right=ast.Call() as other):
            pass
        case _:
            return None
    if ast.unparse(one.func) != ast.unparse(other.func) or len(one.args) != len(other.args):
        return None
    pairs = zip(one.args, other.args, strict=True)
    apart = [(a, b) for a, b in pairs if ast.unparse(a) != ast.unparse(b)]
    return _between(*apart[0]) if len(apart) == 1 else None


def _between(above: ast.expr, below: ast.expr) -> str | None:
    """Return ``h`` where two arguments are ``x + h`` and ``x - h``, or one of them and ``x``."""
    (base, up), (other, down) = _moved(above, ast.Add), _moved(below, ast.Sub)
    steps = {step for step in (up, down) if step is not None}
    return steps.pop() if base == other and len(steps) == 1 else None


def _moved(node: ast.expr, sign: type[ast.operator]) -> tuple[str, str | None]:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, sign):
            return ast.unparse(left), ast.unparse(right)
        case _:
            return ast.unparse(node), None
