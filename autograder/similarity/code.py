"""Python code as tokens in which names, layout and comments leave no trace.

The tokens are written from the syntax tree, operators first. Names that a student chose are all
the same token; names of modules, of what they hold, of builtins and of what the released notebook
defines stay. Comments, docstrings, annotations, imports and prints are left out.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from keyword import kwlist

from autograder.similarity.statements import TOKEN, Parsed, parse
from autograder.similarity.texts import texts

NAME, STRING = "name", "string"
# A text that is code holds other code at most so many times.
_MOST_WITHIN = 3
_MOST_UNPARSED = 1_000
_KEYWORDS = frozenset(kwlist)
_BUILTINS = frozenset(dir(builtins))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
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


@dataclass
class Names:
    """The names that tell something, since they are not the student's own."""

    given: frozenset[str] = frozenset()
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, trees: Iterable[ast.Module]) -> Names:
        """Read what the released notebook defines and imports."""
        names, given = cls(), set[str]()
        for module in trees:
            names.learn_imports(module)
            for node in module.body:
                given |= {node.name} if hasattr(node, "name") else _bound(node)
        names.given = frozenset(given)
        return names

    def with_imports(self, trees: Iterable[ast.Module]) -> Names:
        """Return these names with those of a student's imports."""
        names = Names(self.given, dict(self.modules))
        for module in trees:
            names.learn_imports(module)
        return names

    def learn_imports(self, module: ast.Module) -> None:
        """Remember what each imported name stands for."""
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first, *rest = alias.name.split(".") if alias.asname else [alias.name]
                    self.modules[alias.asname or first.split(".")[0]] = _path(first, rest)
            elif isinstance(node, ast.ImportFrom):
                first, *rest = (node.module or "").split(".")
                for alias in node.names:
                    self.modules[alias.asname or alias.name] = _path(first, [*rest, alias.name])


def pieces(parsed: Parsed, names: Names) -> Iterator[Tokens]:
    """Yield the pieces of a cell: its code, and the code in its texts."""
    yield from _code(parsed.tree, names)
    yield from _within(parsed.tree, names)


def _code(module: ast.Module, names: Names) -> Iterator[Tokens]:
    """Yield the functions and methods of a cell one by one, and its other statements as one."""
    loose: list[ast.stmt] = []
    for node in _opened(module.body, loose):
        yield from _written([node], names, _bound(node))
    yield from _written(loose, names, _all_bound(loose) - names.given)


def _opened(body: list[ast.stmt], loose: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield functions, also those of classes; put all other statements into ``loose``."""
    for node in body:
        if isinstance(node, _FUNCTIONS):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _opened(node.body, loose)
        else:
            loose.append(node)


def _written(body: list[ast.stmt], names: Names, own: set[str]) -> Iterator[Tokens]:
    writer = _Writer(names, own)
    for node in body:
        writer.visit(node)
    if writer.tokens:
        yield Tokens(tuple(writer.tokens), tuple(writer.lines), tuple(writer.thoughts))


def _within(module: ast.Module, names: Names, level: int = 0) -> Iterator[Tokens]:
    """Yield the pieces of code that stand in texts, as for `exec`; what is prose does not parse."""
    for node, text in texts(module):
        inner = parse(text) if level < _MOST_WITHIN else None
        if inner is None or inner.left_out:
            continue
        last = (node.end_lineno or node.lineno) - 1
        for each in (*_code(inner.tree, names), *_within(inner.tree, names, level + 1)):
            lines = tuple(min(node.lineno - 1 + line, last) for line in each.lines)
            yield Tokens(each.tokens, lines, each.thoughts)


def unparsed(source: str, left_out: Iterable[int], names: Names) -> Iterator[Tokens]:
    """Yield the beginning of what could not be parsed, as the tokens that stand there."""
    found: list[tuple[str, int]] = []
    line, lines = 0, frozenset(left_out)
    for each in TOKEN.finditer(source):
        kind, text = each.lastgroup, each[0]
        if line in lines and kind not in ("comment", "blank", "newlines"):
            known = kind != "word" or text in _KEYWORDS or text in names.given
            known = known or text in _BUILTINS or text in names.modules or text[0].isdigit()
            found.append((STRING if kind == "string" else text if known else NAME, line))
        line += text.count("\n")
    if found:
        tokens, numbers = zip(*found[:_MOST_UNPARSED], strict=True)
        yield Tokens(tokens, numbers, numbers)


def _path(first: str, rest: list[str]) -> tuple[str, ...]:
    return first.split(".")[0], *(f".{name}" for name in rest)


def _bound(node: ast.AST) -> set[str]:
    """Return the names that are given a value within a node, but not by an import."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            found.add(each.id)
        elif isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, (*_FUNCTIONS, ast.ClassDef)) and each is not node:
            found.add(each.name)
    return found


def _all_bound(nodes: Iterable[ast.AST]) -> set[str]:
    return set().union(*map(_bound, nodes))


class _Writer(ast.NodeVisitor):
    """Writes nodes as tokens; ``own`` are the names that the piece itself gives values to."""

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
        known = name in self.names.given or name in _BUILTINS
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
        del node  # neither its name nor its annotation tells anything
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
    """Return the token of a literal: 1 and 1.0 are one, and all texts are."""
    if isinstance(value, str | bytes):
        return STRING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    try:
        return repr(float(value))
    except OverflowError:
        return "large"
