"""Checks of behaviour: a function on many inputs, on invalid input, and any condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnkit.checks import report, words
from nnkit.checks.causes import Cause, diagnose
from nnkit.checks.numbers import compared
from nnkit.checks.values import Leaves, Tolerance, Unusable, copied, leaves


def call(function: Callable, arguments: tuple) -> tuple[Any, int | None]:
    """Call a student's function on copies; say which argument it changed in place, if any.

    A function in another process (it has ``__nnkit_call__``) reports that itself.
    """
    remote = getattr(function, "__nnkit_call__", None)
    if remote is not None:
        return remote(arguments)
    given = copied(arguments)
    result = function(*given)
    changed = (i for i, (a, b) in enumerate(zip(arguments, given, strict=True)) if differs(a, b))
    return result, next(changed, None)


def differs(before: Any, after: Any) -> bool:
    """Whether an argument's arrays have changed."""
    if isinstance(before, np.ndarray):
        return not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, dict):
        return set(before) != set(after) or any(differs(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(differs, before, after))
    return False


def same(
    function: Callable,
    reference: Callable,
    cases: Iterable[tuple],
    what: str,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-12,
    causes: Iterable[Cause] = (),
    standard: bool = True,
    batch: int | None = None,
) -> None:
    """Check that two functions agree on every case, and that the first changes no argument.

    Parameters
    ----------
    function, reference : callable
        The student's function, and a right one.
    cases : iterable of tuple
        Arguments of each call.
    what : str
        Label that the student reads.
    rtol, atol, standard, batch
        As in `close`.
    causes : iterable of Cause
        Known mistakes; ``wrong`` is a function of the same arguments. One is named only if it
        explains every case.

    Raises
    ------
    CheckFailed
        If they differ on a case, or the function changes an argument in place.
    """
    cases = list(cases)
    expected = [reference(*copied(case)) for case in cases]
    got: Leaves = []
    want: Leaves = []
    for case, right in zip(cases, expected, strict=True):
        result, changed = call(function, case)
        if changed is not None:
            report.failed("same", what, *_changed(changed))
        try:
            got += leaves(result, right)
        except Unusable as error:
            report.failed("same", what, error.sentence, given=_arguments(case))
        want += leaves(right, right)
    tolerance = Tolerance(rtol, atol)
    if all(tolerance.agree(g, w) for (_, g), (_, w) in zip(got, want, strict=True)):
        report.passed("same", what, f"on {len(cases)} inputs")
        return
    tried = [
        (hypothesis, produced)
        for hypothesis in causes
        if (produced := _produced(hypothesis, cases, expected)) is not None
    ]
    found = diagnose(got, want, tolerance, causes=tried, standard=standard, batch=batch, whole=True)
    report.failed(
        "same", what, _failure(got, want, tolerance), found, **compared(got, want, tolerance)
    )


def _produced(hypothesis: Cause, cases: list[tuple], expected: list[Any]) -> Leaves | None:
    try:
        pairs = zip(cases, expected, strict=True)
        return [
            leaf for case, right in pairs for leaf in leaves(hypothesis.wrong(*copied(case)), right)
        ]
    except (Unusable, ArithmeticError, ValueError, TypeError, IndexError, KeyError):
        return None  # a mistake that cannot be made on this input does not explain it


def _failure(got: Leaves, want: Leaves, tolerance: Tolerance) -> str:
    for (path, g), (_, w) in zip(got, want, strict=True):
        if not tolerance.agree(g, w):
            part = f"part {path} " if path else "the result "
            if g.shape != w.shape:
                return f"On an input, {part}has shape {g.shape} instead of {w.shape}."
            if not np.all(np.isfinite(g)) and np.all(np.isfinite(w)):
                return f"On an input, {part}is not finite."
            return f"On an input, {part}does not have the expected values."
    return "On an input, the result does not have the expected values."


def _changed(index: int) -> tuple[str, Cause]:
    message = f"The function changes its argument number {index + 1} in place."
    because = (
        "an operation such as `x += …` or `x[…] = …` works on the caller's own array: compute a "
        "new one, or copy it first."
    )
    return message, Cause("argument-changed", None, because)


def _arguments(case: tuple, limit: int = 200) -> str:
    text = ", ".join(
        f"an array of shape {a.shape}" if isinstance(a, np.ndarray) and a.size > 12 else repr(a)
        for a in case
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"


def raises(
    function: Callable,
    *args: Any,
    error: type[Exception] | tuple[type[Exception], ...] = ValueError,
    what: str,
) -> None:
    """Check that ``function(*args)`` raises ``error``, as it should for invalid input.

    `NotImplementedError`, from a function that is not written yet, does not count.
    """
    asked = error if isinstance(error, tuple) else (error,)
    names = " or ".join(kind.__name__ for kind in asked)
    try:
        function(*args)
    except NotImplementedError:
        raise
    except asked:
        report.passed("raises", what)
        return
    except Exception as other:
        message = f"It raises {type(other).__name__} where {names} is expected."
        report.failed("raises", what, message)
    report.failed("raises", what, f"It returns a value where it should raise {names}.")


def holds(condition: Any, what: str, because: str, *, name: str = "") -> None:
    """Check that a condition is true.

    Parameters
    ----------
    condition : bool
        Must be true; an array must be true everywhere.
    what : str
        Label that the student reads.
    because : str
        Sentence shown when it fails: the likely cause.
    name : str
        The diagnosis, if the condition pins down one mistake.
    """
    unfinished = words.no_value(condition)
    if unfinished is not None:  # a function or coroutine counts as true
        report.failed("holds", what, f"What came back is {unfinished}.")
    if bool(np.all(condition)):
        report.passed("holds", what)
        return
    report.failed(
        "holds", what, "This should be true, but it is false.", Cause(name, None, because)
    )
