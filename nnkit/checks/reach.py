"""Find all the code of the notebook that a function reaches."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from nnkit.checks import scopes
from nnkit.checks.evaluating import Code, Group, Kind, Names, flat, values
from nnkit.checks.scopes import Function


@dataclass
class Part:
    """A function that a function's code reaches, and the values of the names in it."""

    name: str
    tree: ast.AST
    uses: list[tuple[ast.AST, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """A function as far as it is known: its code, or an object of a library."""

    name: str
    starts: tuple[Any, ...]

    def parts(self, permitted: Container[str] = ()) -> list[Part]:
        """Return the function's code and that of all it calls, except for what is permitted.

        Code that is nested too deep to be read gives no parts.
        """
        reach = _Reach(permitted)
        first = Part(self.name, ast.Pass())
        try:
            reach.meet(first, ast.Name(self.name, ast.Load()), flat(self.starts))
            return [first, *reach.follow()]
        except RecursionError:
            return []


class _Reach:
    """Follows the names of code to other code, each piece once."""

    def __init__(self, permitted: Container[str]) -> None:
        self.permitted = permitted
        self.seen: set[Any] = set()
        self.waiting: list[Code] = []
        self.kinds: list[Kind] = []
        self.attributes: set[str] = set()

    def follow(self) -> Iterator[Part]:
        while self.waiting:
            code = self.waiting.pop()
            part = Part(code.name, code.tree)
            _Walk(self, part).function(code.tree, code.names)
            for kind in self.kinds:
                self._members(part, kind)
            yield part

    def meet(self, part: Part, node: ast.AST, found: Iterator[Any]) -> None:
        """Note the values of a name in a part's code."""
        for value in found:
            if isinstance(value, Code):
                if id(value.tree) not in self.seen and value.name not in self.permitted:
                    self.seen.add(id(value.tree))
                    self.waiting.append(value)
            elif isinstance(value, Kind):
                if value.key not in self.seen:
                    self.seen.add(value.key)
                    self.kinds.append(value)
                    self._members(part, value)
            else:
                part.uses.append((node, value))

    def _members(self, part: Part, kind: Kind) -> None:
        """Follow the methods that Python calls itself, and those whose names occur."""
        for name in kind.members:
            asked = name in self.attributes or (name.startswith("__") and name.endswith("__"))
            if asked and (kind.key, name) not in self.seen:
                self.seen.add((kind.key, name))
                node = ast.Attribute(ast.Name("self", ast.Load()), name, ast.Load())
                self.meet(part, node, flat(kind.parts(name)))


class _Walk:
    """Goes through one function's code, scope by scope."""

    def __init__(self, reach: _Reach, part: Part) -> None:
        self.reach = reach
        self.part = part

    def function(self, node: Function, names: Names) -> None:
        inner = scopes.of_function(node, names)
        outside = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        for part in [*outside, *getattr(node, "decorator_list", ())]:
            self.visit(part, names)
        for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
            self.visit(part, inner)

    def visit(self, node: ast.AST, names: Names) -> None:
        if isinstance(node, scopes.FUNCTIONS):
            self.function(node, names)
            return
        if isinstance(node, scopes.COMPREHENSIONS):
            names = scopes.of_comprehension(node, names)
        elif isinstance(node, ast.Attribute):
            self.reach.attributes.add(node.attr)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            self.meet(node, values(node, names))
            if self._is_one_of_many(node, names):
                return
        elif isinstance(node, ast.Call):
            self.meet(node.func, values(node.func, names, called=True))
            self.meet(node, (v for v in values(node, names) if not isinstance(v, Group)))
            if len(node.args) > 1 and isinstance(node.args[1], ast.Constant):  # getattr(x, "name")
                self.reach.attributes.add(str(node.args[1].value))
        for name, child in ast.iter_fields(node):
            if name not in ("annotation", "returns"):
                for part in child if isinstance(child, list) else [child]:
                    if isinstance(part, ast.AST):
                        self.visit(part, names)

    def meet(self, node: ast.AST, found: Iterator[Any]) -> None:
        self.reach.meet(self.part, node, flat(found))

    def _is_one_of_many(self, node: ast.AST, names: Names) -> bool:
        """Whether ``table["key"]`` or ``table.key`` names one entry: the others are not used."""
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=key)):
                pass
            case ast.Attribute(value=owner, attr=key):
                pass
            case _:
                return False
        groups = [value for value in values(owner, names) if isinstance(value, Group)]
        return any(key in group.items for group in groups)
