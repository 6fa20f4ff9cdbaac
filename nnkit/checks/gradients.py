"""Check a gradient against centred differences of its own cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnkit.checks import report
from nnkit.checks.causes import Cause, diagnose, evaluated
from nnkit.checks.numbers import largest_difference
from nnkit.checks.values import Leaves, Tolerance, Unusable, as_array, leaves, rebuild


def numerical_gradient(cost: Callable[[Any], Any], at: Any, h: float = 1e-5) -> Leaves:
    """Centred differences ``(C(x + h e) − C(x − h e)) / 2h`` for every element of ``at``.

    Parameters
    ----------
    cost : callable
        Takes a structure like ``at``, returns a number.
    at : float64 array, or nested list, tuple or dict of arrays
    h : float
        Step; 1e-5 is near the best for float64 (rounding and truncation balance).

    Returns
    -------
    list of (path, array)
        One float64 array for each array of ``at``, of its shape.
    """
    parts = leaves(at, at)
    points = [array.astype(np.float64) for _, array in parts]

    def value() -> float:
        found = as_array(cost(rebuild([p.copy() for p in points], at)))
        if found.size != 1:
            raise Unusable(f"of shape {found.shape}: a cost is one number")
        return float(found.reshape(()))

    slopes = []
    for point in points:
        slope = np.zeros_like(point)
        for index in np.ndindex(point.shape):
            centre = point[index]
            point[index] = centre + h
            above = value()
            point[index] = centre - h
            slope[index] = (above - value()) / (2 * h)
            point[index] = centre
        slopes.append(slope)
    return [(path, slope) for (path, _), slope in zip(parts, slopes, strict=True)]


def relative_error(got: np.ndarray, want: np.ndarray) -> float:
    """``‖g − ĝ‖ / (‖g‖ + ‖ĝ‖)``; 0 where both are zero."""
    total = float(np.linalg.norm(got) + np.linalg.norm(want))
    return float(np.linalg.norm(got - want)) / total if total else 0.0


def gradient(
    cost: Callable[[Any], Any],
    gradient: Any,
    at: Any,
    what: str,
    *,
    h: float = 1e-5,
    tolerance: float = 1e-7,
    causes: Iterable[Cause] = (),
    batch: int | None = None,
) -> None:
    """Check a gradient against centred differences, ``‖g − ĝ‖ / (‖g‖ + ‖ĝ‖) < tolerance``.

    Parameters
    ----------
    cost : callable
        ``cost(x) -> float``, in float64.
    gradient : callable or array_like
        ``gradient(x)``, of the structure and shapes of ``x``; or its value at ``at``.
    at : float64 array, or nested list, tuple or dict of arrays
        The point; keep it away from kinks.
    what : str
        Label that the student reads.
    h : float
        Step of the centred difference.
    tolerance : float
        Largest relative error, for each array of the structure.
    causes : iterable of Cause
        Known mistakes and the gradients that they produce.
    batch : int, optional
        Number of examples averaged over.

    Raises
    ------
    CheckFailed
        If they differ; the message names the worst element by its index.
    """
    try:
        want = numerical_gradient(cost, at, h)
    except Unusable as error:
        report.failed("gradient", what, f"The cost cannot be used. {error.sentence}")
    point = rebuild([array.astype(np.float64) for _, array in leaves(at, at)], at)
    actual = gradient(point) if callable(gradient) else gradient
    try:
        got = leaves(actual, at)
    except Unusable as error:
        report.failed("gradient", what, error.sentence)
    if all(_passes(g, w, tolerance) for (_, g), (_, w) in zip(got, want, strict=True)):
        worst = max(relative_error(g, w) for (_, g), (_, w) in zip(got, want, strict=True))
        report.passed("gradient", what, f"relative error {worst:.1e} against centred differences")
        return
    # Centred differences carry an error of their own, about 1e-10 of the largest derivative.
    found = diagnose(
        got,
        want,
        Tolerance(max(1e-5, tolerance), 1e-9, 1e-5),
        causes=evaluated(causes, at),
        batch=batch,
    ) or _single_precision(got, want)
    message, seen = _explained(got, want, tolerance)
    report.failed("gradient", what, message, found, **seen)


def _passes(got: np.ndarray, want: np.ndarray, tolerance: float) -> bool:
    if got.shape != want.shape and not (want.ndim == 0 and got.size == 1):
        return False
    got = got.reshape(want.shape)
    # A derivative of zero is rounding noise in the differences.
    noise = 1e-10 * np.sqrt(max(want.size, 1))
    return bool(relative_error(got, want) < tolerance or np.linalg.norm(got - want) <= noise)


def _single_precision(got: Leaves, want: Leaves) -> Cause | None:
    small = all(g.dtype.itemsize < 8 for _, g in got)
    same = all(g.shape == w.shape for (_, g), (_, w) in zip(got, want, strict=True))
    if small and same:
        errors = (relative_error(g, w) for (_, g), (_, w) in zip(got, want, strict=True))
        if max(errors) < 1e-3:
            return Cause(
                "float32",
                None,
                "It is right to 32-bit precision only, which a gradient check cannot judge: "
                "compute in float64.",
            )
    return None


def _explained(got: Leaves, want: Leaves, tolerance: float) -> tuple[str, dict[str, str]]:
    """Return what is wrong in a sentence, and the element with the largest difference."""
    for (path, g), (_, w) in zip(got, want, strict=True):
        if _passes(g, w, tolerance):
            continue
        part = f"Part {path}" if path else "The gradient"
        if g.shape != w.shape:
            return f"{part} has shape {g.shape}; the shape {w.shape} is expected.", {}
        if not np.all(np.isfinite(g)):
            return f"{part} is not finite everywhere.", {}
        error = relative_error(g, w)
        message = f"{part} disagrees with centred differences (relative error {error:.1e})."
        return message, {"part": path, **largest_difference(g, w)}
    return "The gradient disagrees with centred differences.", {}
