"""Writes a syntax tree as tokens, operators first."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.similarity.names import Names

NAME, STRING = "name", "string"
BUILTINS = frozenset(dir(builtins))
_SILENT = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal, ast.expr_context)
_SHOWING = {"print", "display"}


@dataclass(frozen=True)
class Tokens:
    """A piece of work that is compared as a whole.

    ``lines`` has each token's line in the cell, from 0; ``thoughts`` the number of the statement,
    or part of a sentence, that it belongs to.
    """

    tokens: tuple[str, ...]
    lines: tuple[int, ...]
    thoughts: tuple[int, ...]


def write(body: Iterable[ast.AST], names: Names, own: set[str]) -> Iterator[Tokens]:
    """Yield nodes as one piece; nothing if they have no tokens.

    Parameters
    ----------
    names
        The names that are kept.
    own
        The names that the piece itself assigns.
    """
    writer = _Writer(names, own)
    for node in body:
        writer.visit(node)
    if writer.tokens:
        yield Tokens(tuple(writer.tokens), tuple(writer.lines), tuple(writer.thoughts))


class _Writer(ast.NodeVisitor):
    """Writes nodes as tokens; ``own`` are the names that the piece itself assigns."""

    def __init__(self, names: Names, own: set[str]) -> None:
        self.names, self.own = names, own
        self.tokens: list[str] = []
        self.lines: list[int] = []
        self.thoughts: list[int] = []
        self.line = self.thought = 0

    def put(self, *tokens: str) -> None:
        self.tokens += tokens
        self.lines += [self.line] * len(tokens)
        self.thoughts += [self.thought] * len(tokens)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, _SILENT):
            return
        self.thought += isinstance(node, ast.stmt)
        before, self.line = self.line, getattr(node, "lineno", self.line + 1) - 1
        super().visit(node)
        self.line = before

    def visit_all(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        self.put(type(node).__name__)
        super().generic_visit(node)

    def name(self, name: str) -> None:
        known = name in self.names.given or name in BUILTINS
        if name in self.own:
            self.put(NAME)
        elif name in self.names.modules:
            self.put(*self.names.modules[name])
        else:
            self.put(name if known else NAME)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.put("def")
        self.visit_all(*node.decorator_list, node.args, *node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_arg(self, node: ast.arg) -> None:
        del node  # its name and its annotation have no meaning here
        self.put(NAME)

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value
        shows = isinstance(value, ast.Call) and getattr(value.func, "id", None) in _SHOWING
        if not shows and not isinstance(value, ast.Constant):
            self.visit(value)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.put("=")
        self.visit_all(*node.targets, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.put("=")
        self.visit_all(node.target, node.op, node.target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.put("=")
            self.visit_all(node.target, node.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.visit_all(node.op, node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.visit_all(node.op, node.operand)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit_all(node.op, *node.values)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.visit_all(*node.ops, node.left, *node.comparators)

    def visit_Name(self, node: ast.Name) -> None:
        self.name(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        mine = isinstance(node.value, ast.Name) and node.value.id == "self"
        self.put(NAME if mine else f".{node.attr}")

    def visit_keyword(self, node: ast.keyword) -> None:
        self.put(f"{node.arg}=" if node.arg else "**")
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self.put("call")
        self.visit(node.func)
        mine = isinstance(node.func, ast.Name) and self.tokens[-1] == NAME
        self.visit_all(*node.args)
        for keyword in node.keywords:
            if mine:
                self.put(NAME)
                self.visit(keyword.value)
            else:
                self.visit(keyword)

    def visit_Constant(self, node: ast.Constant) -> None:
        self.put(_constant(node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        del node
        self.put(STRING)


def _constant(value: object) -> str:
    """Return the token of a literal: the same for 1 and 1.0, and for all strings."""
    if isinstance(value, str | bytes):
        return STRING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    try:
        return repr(float(value))
    except OverflowError:
        return "large"
