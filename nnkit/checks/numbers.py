"""Checks of values: equal to the expected ones, of the right shape and type, finite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nnkit.checks import report
from nnkit.checks.causes import Cause, diagnose, evaluated
from nnkit.checks.values import Leaves, Tolerance, Unusable, as_array, leaves

_SHOWN = 12


def close(
    actual: Any,
    expected: Any,
    what: str,
    *,
    rtol: float = 1e-7,
    atol: float = 1e-12,
    causes: Iterable[Cause] = (),
    standard: bool = True,
    batch: int | None = None,
) -> None:
    """Check that values agree: ``|actual − expected| ≤ atol + rtol |expected|``, per element.

    Parameters
    ----------
    actual : array_like, tensor, or nested list, tuple or dict of these
        The result of the student's code.
    expected : the same structure
        The right values.
    what : str
        Label that the student reads.
    rtol, atol : float
        Relative and absolute tolerance.
    causes : iterable of Cause
        Known mistakes and the values that they produce.
    standard : bool
        Whether to try the common mistakes (sign, factor 2, transposed, …).
    batch : int, optional
        Number of examples averaged over, to recognise a sum for a mean.

    Notes
    -----
    A standard mistake is computed from ``expected``, whose rounding it multiplies: give literals
    with three digits more than the tolerance asks for.

    Raises
    ------
    CheckFailed
        If they differ.
    """
    want = leaves(expected, expected)
    try:
        got = leaves(actual, expected)
    except Unusable as error:
        report.failed("close", what, error.sentence)
    tolerance = Tolerance(rtol, atol)
    if all(tolerance.agree(g, w) for (_, g), (_, w) in zip(got, want, strict=True)):
        report.passed("close", what)
        return
    found = diagnose(
        got, want, tolerance, causes=evaluated(causes, expected), standard=standard, batch=batch
    )
    report.failed(
        "close", what, _sentence(got, want, tolerance), found, **compared(got, want, tolerance)
    )


def _sentence(got: Leaves, want: Leaves, tolerance: Tolerance) -> str:
    """Say in one sentence what is wrong, without the expected numbers."""
    for (path, g), (_, w) in zip(got, want, strict=True):
        part = f"Part {path} " if path else "It "
        if g.shape != w.shape and not (w.ndim == 0 and g.size == 1):
            return f"{part}has shape {g.shape}; the shape {w.shape} is expected."
        if not np.all(np.isfinite(g)) and np.all(np.isfinite(w)):
            kind = "NaN" if np.any(np.isnan(g)) else "infinite"
            return f"{part}is {kind} at index {_index(~np.isfinite(g))}."
        if not tolerance.agree(g, w):
            return f"{part}does not have the expected values."
    return "It does not have the expected values."


def compared(got: Leaves, want: Leaves, tolerance: Tolerance) -> dict[str, str]:
    """Return the returned and the expected values of the first part that differs.

    They are fields of `Record`, and short for arrays of any size.
    """
    for (path, g), (_, w) in zip(got, want, strict=True):
        if g.shape == w.shape and tolerance.agree(g, w):
            continue
        if g.shape == w.shape and g.size > _SHOWN:
            return {"part": path, **largest_difference(g, w)}
        return {"part": path, "got": _text(g), "expected": _text(w)}
    return {}


def largest_difference(got: np.ndarray, want: np.ndarray) -> dict[str, str]:
    """Return, as fields of `Record`, the element with the largest difference.

    An element that is not finite counts as the largest.

    Parameters
    ----------
    got, want : arrays of one shape, with at least one element
    """
    gap = np.where(np.isfinite(got), np.abs(got - want), np.inf)
    index = np.unravel_index(int(np.argmax(gap)), got.shape)
    spot = f"[{', '.join(str(int(i)) for i in index)}]"
    return {"element": spot, "got": f"{got[index]:.9g}", "expected": f"{want[index]:.9g}"}


def _text(array: np.ndarray) -> str:
    if array.size > _SHOWN:
        return f"an array of shape {array.shape}"
    return np.array2string(array, precision=9, suppress_small=False, separator=", ")


def _index(mask: np.ndarray) -> str:
    return f"[{', '.join(str(int(i)) for i in np.argwhere(mask)[0])}]"


def shape(actual: Any, expected: Sequence[int | None], what: str) -> None:
    """Check the shape; ``None`` in ``expected`` stands for any length."""
    got = _read("shape", actual, what).shape
    fits = len(got) == len(expected) and all(
        want is None or have == want for have, want in zip(got, expected, strict=True)
    )
    if not fits:
        asked = "(" + ", ".join("any" if n is None else str(n) for n in expected)
        asked += ",)" if len(expected) == 1 else ")"
        report.failed("shape", what, f"It has shape {got}; the shape {asked} is expected.")
    report.passed("shape", what)


_KINDS = {"float": "f", "int": "iu", "bool": "b"}


def dtype(actual: Any, kind: str | type | np.dtype, what: str) -> None:
    """Check the element type: ``"float"``, ``"int"``, ``"bool"``, or an exact dtype."""
    raw = actual.numpy() if callable(getattr(actual, "numpy", None)) else actual
    _read("dtype", raw, what)
    got = np.asarray(raw).dtype
    fits = got.kind in _KINDS[kind] if kind in _KINDS else got == np.dtype(kind)
    if not fits:
        report.failed("dtype", what, f"Its elements are of type {got}; {kind} is expected.")
    report.passed("dtype", what)


def finite(actual: Any, what: str) -> None:
    """Check that there is no NaN and no infinity."""
    got = _read("finite", actual, what)
    bad = ~np.isfinite(got)
    if np.any(bad):
        kind = "NaN (not a number)" if np.any(np.isnan(got)) else "infinite"
        where = f" at index {_index(bad)}" if got.ndim else ""
        message = f"It is {kind}{where}, {int(bad.sum())} of {got.size} elements in all."
        report.failed("finite", what, message)
    report.passed("finite", what)


def _read(check: str, actual: Any, what: str) -> np.ndarray:
    try:
        return as_array(actual)
    except Unusable as error:
        report.failed(check, what, error.sentence)
