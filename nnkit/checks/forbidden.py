"""Check that a task is done by hand: without autodiff, without Keras, without a loop.

The syntax tree of the student's function is searched, and a guard watches while it runs. This is
for honest students; it does not stop one who hides a call on purpose.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

from nnkit.checks import differences, report
from nnkit.checks.causes import Cause
from nnkit.checks.reach import Part
from nnkit.checks.scopes import Unloaded, look_up
from nnkit.checks.source import plain_function, source_of
from nnkit.checks.values import copied

# Forbidden in a task whose derivatives the student works out.
BY_HAND = ("autodiff", "numerical", "keras")

# Members are dotted names; a module includes all that is in it, a star is any ending.
GROUPS: dict[str, tuple[str, ...]] = {
    "autodiff": (
        "tensorflow.GradientTape",
        "tensorflow.autodiff",
        "tensorflow.autodiff.ForwardAccumulator",
        "tensorflow.gradients",
        "tensorflow.hessians",
        "tensorflow.compat.v1.gradients",
        "tensorflow.compat.v1.hessians",
        "tensorflow.raw_ops.*Grad",
        "tensorflow.raw_ops.SymbolicGradient",
        "tensorflow.python.eager.backprop",
        "jax.grad",
        "jax.value_and_grad",
        "jax.jac*",
        "jax.hessian",
        "jax.jvp",
        "jax.vjp",
        "torch.autograd",
        "torch.func",
        "autograd",
        "sympy",
    ),
    "numerical": (
        "nnkit.checks.gradients.numerical_gradient",
        "numpy.gradient",
        "tensorflow.test.compute_gradient",
        "tensorflow.compat.v1.test.compute_gradient",
        "scipy.optimize.approx_fprime",
        "scipy.optimize.check_grad",
        "scipy.misc.derivative",
        "scipy.differentiate",
        "numdifftools",
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
        "tensorflow.GradientTape.jacobian",
        "tensorflow.GradientTape.batch_jacobian",
        "tensorflow.autodiff.ForwardAccumulator.__enter__",
        "tensorflow.gradients",
        "torch.Tensor.backward",
    ),
    "numerical": (
        "nnkit.checks.gradients.numerical_gradient",
        "numpy.gradient",
        "tensorflow.test.compute_gradient",
        "scipy.optimize.approx_fprime",
    ),
    "keras": ("keras.Operation.__call__", "keras.Layer.__call__", "keras.Loss.__call__"),
}
SPOKEN = {
    "autodiff": "automatic differentiation",
    "numerical": "numerical differentiation",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "loop": "a Python loop",
}
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension)


class ForbiddenCall(RuntimeError):
    """Raised inside a student's function that calls what its task forbids."""


def forbid(
    function: Callable,
    *forbidden: str,
    what: str = "",
    example: tuple | None = None,
    allow: tuple[Callable, ...] = (),
) -> None:
    """Check that a function does its task without the forbidden calls.

    Parameters
    ----------
    function : callable
        The student's function.
    *forbidden : str
        ``"autodiff"``, ``"numerical"`` (difference quotients, the complex step), ``"keras"``,
        ``"tensorflow"``, ``"loop"`` (for, while and comprehensions in the function's own code), or
        a dotted name such as ``"numpy.linalg.inv"``. `BY_HAND` are those for a derivation.
    what : str
        Label that the student reads.
    example : tuple, optional
        Arguments to run the function with under a guard, which also finds calls that the syntax
        tree does not show.
    allow : tuple of callable
        Given helpers that may use the forbidden calls.

    Raises
    ------
    CheckFailed
        If the function uses one of them.
    """
    named = ", ".join(SPOKEN.get(name, f"`{name}`") for name in forbidden)
    what = what or f"{getattr(function, '__name__', 'The function')} without {named}"
    source = source_of(function)
    permitted = {getattr(helper, "__name__", "") for helper in allow}
    ruled_out = {name: [*map(_membership, GROUPS.get(name, (name,)))] for name in forbidden}
    for part in source.parts(permitted) if source else ():
        for name, belong in ruled_out.items():
            if (line := _offence(part, name, belong)) is not None:
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


def _offence(part: Part, name: str, belong: list[Callable[[Any], bool]]) -> str | None:
    """Return the line of code that uses what ``name`` forbids, or None."""
    if name == "loop":
        found = (node for node in ast.walk(part.tree) if isinstance(node, _LOOPS))
        node = next(found, None)
        return None if node is None else _first_line(node)
    for node, value in part.uses:
        if any(belongs(value) for belongs in belong):
            return _first_line(node)
    node = differences.found(part) if name == "numerical" else None
    return None if node is None else _first_line(node)


def _membership(dotted: str) -> Callable[[Any], bool]:
    """Return a function that says whether a value is the object of a dotted name, or part of it."""
    owner, _, last = dotted.rpartition(".")
    if "*" in last:
        names = [n for n in dir(look_up(owner)) if fnmatchcase(n, last)]
        members = [value for n in names if (value := look_up(f"{owner}.{n}")) is not None]
        return lambda value: (
            any(value is member for member in members)
            if not isinstance(value, Unloaded)
            else fnmatchcase(value.name, dotted)
        )
    member = look_up(dotted)

    def belongs(value: Any) -> bool:
        if isinstance(value, Unloaded):
            return f"{value.name}.".startswith(f"{dotted}.")
        if member is None or value is member:
            return member is not None
        return isinstance(member, ModuleType) and _lives_in(value, member)

    return belongs


def _lives_in(value: Any, module: ModuleType) -> bool:
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    top = module.__name__
    # TensorFlow's own `keras` is a lazy module whose functions are defined in the package keras,
    # in private submodules of it.
    top = "keras" if top.split(".")[-1] == "keras" else top
    return isinstance(home, str) and f"{home}.".startswith(f"{top}.")


def _first_line(node: ast.AST) -> str:
    target = node.iter if isinstance(node, ast.comprehension) else node
    return ast.unparse(target).split("\n")[0]


def guarded_call(function: Callable, example: tuple, forbidden: tuple[str, ...]) -> str | None:
    """Run a function with the forbidden calls made to fail; return the one it called, if any.

    A function in another process (it has ``__nnkit_guarded__``) is guarded there.
    """
    remote = getattr(function, "__nnkit_guarded__", None)
    if remote is not None:
        return remote(example, forbidden)
    used: list[str] = []
    plain = plain_function(function)
    with guard(forbidden, used, plain.__globals__ if plain is not None else {}):
        try:
            function(*copied(example))
        except ForbiddenCall:
            pass
        except Exception:
            if not used:
                raise
    return used[0] if used else None


@contextmanager
def guard(
    forbidden: tuple[str, ...], used: list[str], names: dict[str, Any] | None = None
) -> Iterator[None]:
    """Make the forbidden calls fail while the block runs; record in ``used`` which were called.

    ``names`` are the notebook's global names, which may refer to them too.
    """
    names = {} if names is None else names
    replaced: list[tuple[Any, str, Any]] = []
    renamed: dict[str, Any] = {}
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
                trap = _trap(name, used)
                setattr(owner, attribute, trap)
                same = [alias for alias, value in names.items() if value is original]
                renamed.update(dict.fromkeys(same, original))
                names.update(dict.fromkeys(same, trap))
        yield
    finally:
        for owner, attribute, original in reversed(replaced):
            setattr(owner, attribute, original)
        names.update(renamed)


def _trap(name: str, used: list[str]) -> Callable:
    def trap(*_args: Any, **_kwargs: Any) -> Any:
        used.append(name)
        raise ForbiddenCall(f"this task is to be done without {SPOKEN.get(name, name)}")

    return trap
