"""Names in code: names with a fixed meaning, and names that a student chose."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Names:
    """The names with a fixed meaning, which are not the student's own."""

    given: frozenset[str] = frozenset()
    modules: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, trees: Iterable[ast.Module]) -> Names:
        """Read what the released notebook defines and imports."""
        names, given = cls(), set[str]()
        for module in trees:
            names.learn_imports(module)
            for node in module.body:
                given |= {node.name} if hasattr(node, "name") else bound(node)
        names.given = frozenset(given)
        return names

    def with_imports(self, trees: Iterable[ast.Module]) -> Names:
        """Return these names and those of a student's imports."""
        names = Names(self.given, dict(self.modules))
        for module in trees:
            names.learn_imports(module)
        return names

    def learn_imports(self, module: ast.Module) -> None:
        """Store the target of each imported name."""
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first, *rest = alias.name.split(".") if alias.asname else [alias.name]
                    self.modules[alias.asname or first.split(".")[0]] = _path(first, rest)
            elif isinstance(node, ast.ImportFrom):
                first, *rest = (node.module or "").split(".")
                for alias in node.names:
                    self.modules[alias.asname or alias.name] = _path(first, [*rest, alias.name])


def _path(first: str, rest: list[str]) -> tuple[str, ...]:
    return first.split(".")[0], *(f".{name}" for name in rest)


def bound(node: ast.AST) -> set[str]:
    """Return the names that a node assigns or defines, without imports."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            found.add(each.id)
        elif isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, (*FUNCTIONS, ast.ClassDef)) and each is not node:
            found.add(each.name)
    return found


def all_bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that some nodes assign or define."""
    return set().union(*map(bound, nodes))
