"""Check that a task is done by hand: without autodiff, without Keras, without a loop.

By the syntax tree of the student's function, and by a guard while it runs. This keeps an honest
student on the road; it is no wall against one who hides a call with care.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from nnkit.checks import report
from nnkit.checks.causes import Cause
from nnkit.checks.source import Source, look_up, source_of
from nnkit.checks.values import copied

# Members are dotted names; a module stands for all that lives in it.
GROUPS: dict[str, tuple[str, ...]] = {
    "autodiff": (
        "tensorflow.GradientTape",
        "tensorflow.gradients",
        "tensorflow.autodiff.ForwardAccumulator",
        "tensorflow.compat.v1.gradients",
    ),
    "keras": ("keras", "tensorflow.keras"),
    "tensorflow": ("tensorflow", "keras"),
    "loop": (),
}
# What the guard makes fail while the function runs.
GUARDED: dict[str, tuple[str, ...]] = {
    "autodiff": (
        "tensorflow.GradientTape.__enter__",
        "tensorflow.GradientTape.gradient",
        "tensorflow.autodiff.ForwardAccumulator.__enter__",
    ),
    "keras": ("keras.Operation.__call__", "keras.Layer.__call__", "keras.Loss.__call__"),
}
SPOKEN = {
    "autodiff": "automatic differentiation",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "loop": "a Python loop",
}
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)


class ForbiddenCall(RuntimeError):
    """Raised inside a student's function that calls what its task rules out."""


def forbid(
    function: Callable,
    *forbidden: str,
    what: str = "",
    example: tuple | None = None,
    allow: tuple[Callable, ...] = (),
) -> None:
    """Check that a function does its task without certain means.

    Parameters
    ----------
    function : callable
        The student's.
    *forbidden : str
        ``"autodiff"``, ``"keras"``, ``"tensorflow"``, ``"loop"`` (for, while and comprehensions
        in the function's own code), or a dotted name such as ``"numpy.linalg.inv"``.
    what : str
        Label that the student reads.
    example : tuple, optional
        Arguments to run the function on under a guard, which also catches calls that the syntax
        tree does not show.
    allow : tuple of callable
        Given helpers that may use those means.

    Raises
    ------
    CheckFailed
        If the function uses one of them.
    """
    named = ", ".join(SPOKEN.get(name, f"`{name}`") for name in forbidden)
    what = what or f"{getattr(function, '__name__', 'The function')} without {named}"
    source = source_of(function)
    permitted = {getattr(helper, "__name__", "") for helper in allow}
    for part in _reach(source, permitted) if source else ():
        for name in forbidden:
            if (line := _offence(part, name)) is not None:
                _fail(what, name, f"`{line}`")
    if example is not None:
        used = guarded_call(function, example, forbidden)
        if used is not None:
            _fail(what, used, "a call made while it runs")
    report.passed("forbid", what)


def _fail(what: str, name: str, where: str) -> None:
    spoken = SPOKEN.get(name, f"`{name}`")
    because = f"this task is to be done by hand, without {spoken}, but your code uses it: {where}"
    report.failed("forbid", what, f"It uses {spoken}.", Cause(f"uses-{name}", None, because))


def _reach(source: Source, permitted: set[str]) -> Iterator[Source]:
    """Yield a function's code, and that of the notebook's functions that it calls."""
    seen: set[str] = set()
    waiting = [source]
    while waiting:
        part = waiting.pop()
        seen.add(part.name)
        yield part
        for node in ast.walk(part.tree):
            if isinstance(node, ast.Name) and node.id not in seen | permitted:
                seen.add(node.id)
                helper = part.helper(node.id)
                if helper is not None:
                    waiting.append(helper)


def _offence(source: Source, name: str) -> str | None:
    """Return the code that uses what ``name`` rules out, or None."""
    if name == "loop":
        found = (node for node in ast.walk(source.tree) if isinstance(node, _LOOPS))
        node = next(found, None)
        return None if node is None else _first_line(node)
    members = [look_up(member) for member in GROUPS.get(name, (name,))]
    for node, value in source.uses():
        if any(member is not None and _belongs(value, member) for member in members):
            return _first_line(node)
    return None


def _belongs(value: Any, member: Any) -> bool:
    if value is member:
        return True
    if not isinstance(member, ModuleType):
        return False
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    top = member.__name__.split(".")
    # TensorFlow's own `keras` is a lazy module whose functions live in the package keras.
    roots = ("keras",) if top[-1] == "keras" else (top[0],)
    return isinstance(home, str) and home.split(".")[0] in roots


def _first_line(node: ast.AST) -> str:
    target = node.iter if isinstance(node, ast.comprehension) else node
    return ast.unparse(target).split("\n")[0]


def guarded_call(function: Callable, example: tuple, forbidden: tuple[str, ...]) -> str | None:
    """Run a function with the forbidden means made to fail; return the one it called, if any.

    A function that lives in another process (it has ``__nnkit_guarded__``) is guarded there.
    """
    remote = getattr(function, "__nnkit_guarded__", None)
    if remote is not None:
        return remote(example, forbidden)
    used: list[str] = []
    with guard(forbidden, used):
        try:
            function(*copied(example))
        except ForbiddenCall:
            pass
        except Exception:
            if not used:
                raise
    return used[0] if used else None


@contextmanager
def guard(forbidden: tuple[str, ...], used: list[str]) -> Iterator[None]:
    """Make the forbidden means fail while the block runs; note in ``used`` which were called."""
    replaced: list[tuple[Any, str, Any]] = []
    try:
        for name in forbidden:
            for member in GUARDED.get(name, () if name in GROUPS else (name,)):
                owner_name, _, attribute = member.rpartition(".")
                owner = look_up(owner_name)
                if owner is None or owner_name.split(".")[0] not in sys.modules:
                    continue
                original = vars(owner).get(attribute)
                if original is None:
                    continue
                replaced.append((owner, attribute, original))
                setattr(owner, attribute, _trap(name, used))
        yield
    finally:
        for owner, attribute, original in reversed(replaced):
            setattr(owner, attribute, original)


def _trap(name: str, used: list[str]) -> Callable:
    def trap(*_args: Any, **_kwargs: Any) -> Any:
        used.append(name)
        raise ForbiddenCall(f"this task is to be done without {SPOKEN.get(name, name)}")

    return trap
