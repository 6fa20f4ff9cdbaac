"""Evaluate an expression statically: to objects of libraries, and code of the notebook.

Nothing is run. Values that are known only after a run (the result of a function, say) are omitted:
a value that is not found is allowed.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

from nnkit.checks import scopes
from nnkit.checks.scopes import Binding, Function, Member, Scope, Unloaded, member

_DEEPEST = 40
# Their results hold what they were given, to be called or looked up later.
_KEEPERS = re.compile(
    "partial|partialmethod|wraps|vectorize|frompyfunc|function|staticmethod|classmethod|property|"
    "lru_cache|cache|SimpleNamespace|namedtuple|dict|list|tuple|set|zip|enumerate|reversed|iter|"
    "next|nullcontext|items|values|get|pop|copy|deepcopy|map"
)


class Names(Protocol):
    """Where names are looked up: a `Scope`, or a live module."""

    def find(self, name: str, before: int | None = None) -> list[Any]:
        """Return what a name is bound to: each a `Binding`, or the value itself."""
        ...


@dataclass(frozen=True, eq=False)
class Code:
    """A function or lambda of the notebook; ``names`` are those around it."""

    name: str
    tree: Function
    names: Names


@dataclass(frozen=True, eq=False)
class Kind:
    """A class of the notebook, or an object of it.

    ``members`` are its names, ``part`` returns the values of one; ``key`` is the same for the
    same class.
    """

    key: Any
    members: Collection[str]
    part: Callable[[str], list[Any]]

    def parts(self, name: str) -> list[Any]:
        """Return the values of one of its names."""
        return self.part(name) if name in self.members else []


@dataclass(frozen=True, eq=False)
class Group:
    """A container: its items, by key if the text of the code gives the key."""

    items: dict[Any, tuple[Any, ...]] = field(default_factory=dict)

    def all(self) -> Iterator[Any]:
        """Yield all its items."""
        for values in self.items.values():
            yield from values


def values(
    node: ast.AST | None,
    names: Names,
    before: int | None = None,
    called: bool = False,
    seen: frozenset[int] = frozenset(),
) -> Iterator[Any]:
    """Yield the possible values of an expression.

    Parameters
    ----------
    node : ast.AST
    names : Names
        Of the code around it.
    before : int, optional
        See `Scope.find`.
    called : bool
        Whether the value is called: then a function that made it counts as its code.
    seen : frozenset
        Bindings that are being evaluated, so that circular definitions end.

    Yields
    ------
    object
        `Code`, `Kind`, `Group`, `Unloaded`, or an object of a library.
    """
    if len(seen) > _DEEPEST:
        return

    def also(part: ast.AST, called: bool = called) -> Iterator[Any]:
        return values(part, names, before, called, seen)

    match node:
        case ast.Name():
            yield from _named(node.id, names, before, called, seen)
        case ast.Attribute():
            yield from _attributes(also(node.value, False), node.attr)
        case ast.Call():
            yield from _results(node, also, called)
        case ast.Subscript():
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            for owner in also(node.value, False):
                if isinstance(owner, Group):
                    yield from owner.items[key] if key in owner.items else owner.all()
        case ast.Dict():
            yield Group(
                {
                    key.value if isinstance(key, ast.Constant) else place: tuple(also(value))
                    for place, (key, value) in enumerate(zip(node.keys, node.values, strict=True))
                }
            )
        case ast.List() | ast.Tuple() | ast.Set():
            yield Group({place: tuple(also(item)) for place, item in enumerate(node.elts)})
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            inner = scopes.of_comprehension(node, names)
            part = node.value if isinstance(node, ast.DictComp) else node.elt
            yield Group({0: tuple(values(part, inner, before, called, seen))})
        case ast.IfExp():
            yield from [*also(node.body), *also(node.orelse)]
        case ast.BoolOp():
            yield from (value for part in node.values for value in also(part))
        case ast.BinOp():
            both = [*also(node.left), *also(node.right)]
            yield from (value for value in both if isinstance(value, Group))
        case ast.NamedExpr() | ast.Starred() | ast.Await():
            yield from also(node.value)
        case ast.Lambda():
            yield Code("<lambda>", node, names)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield Code(node.name, node, names)
        case ast.ClassDef():
            yield _kind(node, names)


def of_binding(
    binding: Binding, seen: frozenset[int], before: int | None = None, called: bool = False
) -> Iterator[Any]:
    """Yield the possible values of a binding."""
    if id(binding) in seen:
        return
    seen = seen | {id(binding)}
    if isinstance(binding.ready, Member):
        yield getattr(binding.ready.owner, binding.ready.name, None)
    elif binding.ready is not None:
        yield binding.ready
    # A module's line sees the lines above it.
    earlier = binding.order if getattr(binding.scope, "ordered", False) else before
    definition = isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    for value in values(binding.node, binding.scope, None if definition else earlier, called, seen):
        yield from flat([value]) if binding.item else [value]


def flat(found: Iterable[Any], depth: int = 4) -> Iterator[Any]:
    """Yield values, with the items of containers in place of the containers."""
    for value in found:
        if not isinstance(value, Group):
            yield value
        elif depth:
            yield from flat(value.all(), depth - 1)


def _named(
    name: str, names: Names, before: int | None, called: bool, seen: frozenset[int]
) -> Iterator[Any]:
    found = names.find(name, before)
    for each in found:
        if isinstance(each, Binding):
            yield from of_binding(each, seen, before, called)
        else:
            yield each
    if not found and hasattr(builtins, name):
        yield getattr(builtins, name)


def _attributes(owners: Iterable[Any], name: str) -> Iterator[Any]:
    for owner in owners:
        if isinstance(owner, Kind):
            yield from owner.parts(name)
            yield owner
        elif isinstance(owner, Unloaded):
            yield Unloaded(f"{owner.name}.{name}")
        elif isinstance(owner, Group):
            if name in owner.items:  # what was set as an attribute
                yield from owner.items[name]
            elif _KEEPERS.fullmatch(name):  # `table.items()`
                yield owner
        elif isinstance(owner, ModuleType | type):
            value = getattr(owner, name, None)
            if value is not None:
                yield value


def _results(node: ast.Call, also: Any, called: bool) -> Iterator[Any]:
    """Yield the possible results of a call."""
    texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    for function in also(node.func, True):
        name = getattr(function, "__name__", "")
        if function is getattr and len(texts) > 1 and isinstance(texts[1], str):
            yield from _attributes(also(node.args[0], False), texts[1])
        elif name in ("import_module", "__import__") and texts and isinstance(texts[0], str):
            whole = name == "import_module"
            yield member(texts[0] if whole else texts[0].split(".")[0])
        elif isinstance(function, Kind):
            yield function
        elif isinstance(function, Group):
            yield function  # `table.items()`
        elif isinstance(function, Code):
            if called:
                yield function
                yield from (value for part in arguments for value in also(part))
        elif called or _KEEPERS.fullmatch(str(name)):
            keys = [k.arg for k in node.keywords]
            parts = [tuple(also(part)) for part in arguments]
            yield Group(dict(zip([*range(len(node.args)), *keys], parts, strict=True)))
            yield from (value for values in parts for value in values)


def _kind(node: ast.ClassDef, names: Names) -> Kind:
    """Return a class: the names that its body, its methods and its bases define."""
    members = Scope(names)
    members.read(node.body)
    for method in [part for part in node.body if isinstance(part, scopes.FUNCTIONS)]:
        inner = scopes.of_function(method, names)
        for part in ast.walk(method):
            match part:
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(), attr=name)]):
                    members.bind(name, part.value, False, scope=inner)
    above = [value for base in node.bases for value in values(base, names)]
    above = [value for value in above if isinstance(value, Kind)]

    def part(name: str) -> list[Any]:
        found = [*_own(members, names, name)]
        return found or [value for kind in above for value in kind.parts(name)]

    return Kind(id(node), {*members.bound, *(n for kind in above for n in kind.members)}, part)


def _own(members: Scope, names: Names, name: str) -> Iterator[Any]:
    for binding in members.bound.get(name, ()):
        if isinstance(binding.node, scopes.FUNCTIONS):  # a method does not see its class' names
            yield Code(name, binding.node, names)
        else:
            yield from of_binding(binding, frozenset())
