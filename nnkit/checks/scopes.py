"""Find what the names in some code are bound to, from the text alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Unloaded:
    """A module, or a part of one, that is not loaded here: only its dotted name is known."""

    name: str


@dataclass(frozen=True)
class Member:
    """One of a module's names, looked up only on demand, since that may load something."""

    owner: Any
    name: str


@dataclass(frozen=True)
class Binding:
    """One thing that a name is bound to.

    ``node`` is the expression or definition, None if the text does not show it; ``item``: the
    name is bound to one of its items; ``ready`` is an object found by an import.
    ``order`` counts the bindings of a module; an uncertain one (in an ``if``, say) leaves earlier
    ones in force.
    """

    scope: Scope
    order: int
    certain: bool
    node: ast.AST | None = None
    item: bool = False
    ready: Any = None


@dataclass
class Scope:
    """The names of a module, a class, a function or a comprehension.

    Only a module's bindings are taken in order: the others hold for all of their code.
    """

    outer: Scope | None = None
    ordered: bool = False
    bound: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    _count: int = 0

    def find(self, name: str, before: int | None = None) -> list[Any]:
        """Return the bindings of a name, in an outer scope if necessary.

        Parameters
        ----------
        name : str
        before : int, optional
            For code outside of functions: only a module's bindings of lower ``order`` count.
        """
        if name in self.bound and name not in self.elsewhere:
            if not self.ordered:
                return self.bound[name]
            found = []
            for binding in reversed(self.bound[name]):
                if before is None or binding.order < before:
                    found.append(binding)
                    if binding.certain:
                        break
            if found:
                return found
        return self.outer.find(name, before) if self.outer is not None else []

    def read(self, body: list[ast.stmt], certain: bool = True) -> None:
        """Record what some statements bind."""
        for statement in body:
            self._count += 1
            self._statement(statement, certain)

    def bind(self, name: str, node: ast.AST | None, certain: bool, **about: Any) -> None:
        """Record one binding; its value's own names are those of this scope."""
        scope = about.pop("scope", self)
        binding = Binding(scope, self._count, certain, node, **about)
        self.bound.setdefault(name, []).append(binding)

    def _statement(self, node: ast.stmt, certain: bool) -> None:
        for part in _own_parts(node):
            if isinstance(part, ast.NamedExpr):
                self.bind(part.target.id, part.value, False)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.bind(node.name, node, certain)
            case ast.Import() | ast.ImportFrom():
                for name, value in imported(node):
                    self.bind(name, None, certain, ready=value)
            case ast.Assign():
                for target in node.targets:
                    self.target(target, node.value, certain)
            case ast.AnnAssign(value=ast.expr()):
                self.target(node.target, node.value, certain)
            case ast.AugAssign():
                self.target(node.target, node.value, False)
            case ast.For() | ast.AsyncFor():
                self.target(node.target, node.iter, False, item=True)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        self.target(item.optional_vars, item.context_expr, certain, item=True)
            case ast.Try() | ast.TryStar():
                for handler in node.handlers:
                    self.bind(handler.name or "", None, False)
            case ast.Match():
                for part in (p for case in node.cases for p in ast.walk(case.pattern)):
                    if isinstance(part, ast.MatchAs | ast.MatchStar):
                        self.bind(part.name or "", None, False)
            case ast.Global() | ast.Nonlocal():
                self.elsewhere.update(node.names)
        inside = certain and isinstance(node, (ast.With, ast.AsyncWith))
        for block in _blocks(node):
            self.read(block, inside)

    def target(self, target: ast.expr, value: ast.AST, certain: bool, item: bool = False) -> None:
        """Bind the target of an assignment or of a ``for``."""
        match target:
            case ast.Name():
                self.bind(target.id, value, certain, item=item)
            case ast.Starred():
                self.target(target.value, value, certain, item)
            case ast.Tuple() | ast.List():
                same = isinstance(value, (ast.Tuple, ast.List)) and not item
                same = same and len(value.elts) == len(target.elts)
                if same and not any(isinstance(e, ast.Starred) for e in target.elts + value.elts):
                    for part, its in zip(target.elts, value.elts, strict=True):
                        self.target(part, its, certain)
                    return
                for part in target.elts:
                    self.target(part, value, certain, item=True)
            case ast.Subscript(value=ast.Name(id=name)) | ast.Attribute(value=ast.Name(id=name)):
                # An entry of a dictionary or an attribute: one more value of the name.
                self.bind(name, ast.List([value], ast.Load()), False)


def of_function(node: Function, outer: Scope) -> Scope:
    """Return the scope of a function's or lambda's body."""
    scope = Scope(outer)
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    pairs = [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        *((extra, None) for extra in (arguments.vararg, arguments.kwarg) if extra),
    ]
    for parameter, default in pairs:
        scope.bind(parameter.arg, default, True, scope=outer)
    if not isinstance(node, ast.Lambda):
        scope.read(node.body)
    return scope


def of_comprehension(node: Any, outer: Scope) -> Scope:
    """Return the scope of a comprehension."""
    scope = Scope(outer)
    for part in node.generators:
        scope.target(part.target, part.iter, True, item=True)
    return scope


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Any]]:
    """Yield what an import statement binds: objects, or names where nothing is loaded."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            dotted = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or dotted, member(dotted)
        elif alias.name != "*":
            yield alias.asname or alias.name, member(f"{node.module}.{alias.name}")
        else:
            module = member(node.module or "")
            public = getattr(module, "__all__", None) or [n for n in dir(module) if n[:1] != "_"]
            for name in () if isinstance(module, Unloaded) else public:
                yield name, Member(module, name)


def member(dotted: str) -> Any:
    """Return the object of a dotted name, or an `Unloaded` of that name."""
    value = look_up(dotted)
    return Unloaded(dotted) if value is None else value


def look_up(dotted: str) -> Any:
    """Return the object of a dotted name, or None where its module is not loaded."""
    parts = dotted.split(".")
    value: Any = sys.modules.get(parts[0])
    for count, part in enumerate(parts[1:], start=2):
        if value is None:
            return None
        value = getattr(value, part, None) or sys.modules.get(".".join(parts[:count]))
    return value


def _own_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the expressions of a statement: not its blocks, nor the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr | ast.withitem | ast.keyword | ast.comprehension):
            yield child
            if not isinstance(child, ast.Lambda):
                yield from _own_parts(child)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(node, _DEFINITIONS):
        return
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, None) or []
    for part in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
        yield part.body
