"""Find the likely cause of a wrong value: the one known mistake that produces just that value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnkit.checks.values import Leaves, Tolerance, Unusable, leaves


@dataclass(frozen=True)
class Cause:
    """A named hypothesis: the value that a known mistake produces, and the sentence about it."""

    name: str
    wrong: Any
    because: str


def cause(name: str, wrong: Any, because: str) -> Cause:
    """Name a known mistake.

    Parameters
    ----------
    name : str
        Short id of the diagnosis, e.g. ``"sign"``.
    wrong : array_like or callable
        The value that the mistake produces, or a function without arguments that computes it
        (called only when a check has failed). In `nnkit.checks.same`: a function of the same
        arguments as the reference. In `nnkit.checks.rate`: another probability.
    because : str
        One sentence to the student: the likely mistake, and what to look at.
    """
    return Cause(name, wrong, because)


def batch_causes(batch: int | None) -> list[tuple[Cause, Callable]]:
    """Return the mistakes in averaging over a batch of ``batch`` examples."""
    if not batch or batch == 1:
        return []
    summed = Cause(
        "summed-not-averaged",
        None,
        f"It is {batch} times too large, the number of examples: take the mean over the batch, "
        "not the sum.",
    )
    averaged = Cause(
        "averaged-not-summed",
        None,
        f"It is {batch} times too small, the number of examples: it was divided once too often "
        "by the size of the batch.",
    )
    return [(summed, lambda w: w * batch), (averaged, lambda w: w / batch)]


SIGN = Cause("sign", None, "Every value has the opposite sign: check which term is subtracted.")
TWICE = Cause(
    "factor-2",
    None,
    "It is exactly twice the right value: a factor ½ is missing (the ½ of the cost cancels the "
    "2 of the square).",
)
HALF = Cause(
    "factor-half", None, "It is exactly half the right value: there is a factor ½ too many."
)
TRANSPOSED = Cause(
    "transposed",
    None,
    "These are the right values with rows and columns exchanged: a transpose is missing or one "
    "too many.",
)
COLUMN = Cause(
    "column-not-vector",
    None,
    "The values are right, but as a column of shape (n, 1) where a flat array of shape (n,) is "
    "expected: index, or use `.ravel()`.",
)
ROW = Cause(
    "row-not-vector",
    None,
    "The values are right, but as a row of shape (1, n) where a flat array of shape (n,) is "
    "expected: index, or use `.ravel()`.",
)
RESHAPED = Cause(
    "reshaped",
    None,
    "The values are right, but arranged in another shape: compare with the shape that the task "
    "asks for.",
)
SINGLE = Cause(
    "float32",
    None,
    "It is right to 32-bit precision only: compute in float64 "
    "(`np.float64`, or `dtype='float64'` in TensorFlow).",
)


def standard_causes(batch: int | None = None) -> list[tuple[Cause, Callable]]:
    """Return the common mistakes, each with a function from the right array to the wrong one."""
    return [
        *batch_causes(batch),
        (SIGN, lambda w: -w),
        (TWICE, lambda w: 2 * w),
        (HALF, lambda w: w / 2),
        (TRANSPOSED, lambda w: w.T if w.ndim == 2 else None),
        (COLUMN, lambda w: w.reshape(-1, 1) if w.ndim == 1 and w.size > 1 else None),
        (ROW, lambda w: w.reshape(1, -1) if w.ndim == 1 and w.size > 1 else None),
    ]


def diagnose(
    got: Leaves,
    want: Leaves,
    tolerance: Tolerance,
    *,
    causes: Sequence[tuple[Cause, Leaves]] = (),
    standard: bool = True,
    batch: int | None = None,
    whole: bool = False,
) -> Cause | None:
    """Name the mistake that explains every part that is wrong, or None.

    Parameters
    ----------
    got, want : list of (path, array)
        The returned and the expected value, part by part.
    tolerance : Tolerance
        That of the check; a cause may differ a little more, since its value may be rounded.
    causes : sequence of (Cause, leaves)
        The author's hypotheses, tried first and in order.
    standard : bool
        Whether to try the common mistakes too.
    batch : int or None
        Number of examples averaged over.
    whole : bool
        Whether an author's hypothesis must explain the parts that are right as well.
    """
    fit = Tolerance(max(tolerance.rtol, 1e-8), tolerance.atol, max(tolerance.scale, 1e-10))
    triples = list(zip((g for _, g in got), (w for _, w in want), strict=True))
    wrong = [i for i, (g, w) in enumerate(triples) if not tolerance.agree(g, w)]
    if not wrong:
        return None
    for hypothesis, produced in causes:
        parts = [array for _, array in produced]
        asked = range(len(triples)) if whole else wrong
        explains = len(parts) == len(triples) and all(
            fit.agree(triples[i][0], parts[i]) for i in asked
        )
        if explains and not all(fit.agree(parts[i], triples[i][1]) for i in wrong):
            return hypothesis
    if not standard:
        return None
    return _standard([triples[i] for i in wrong], tolerance, fit, batch)


def _standard(
    wrong: list[tuple[np.ndarray, np.ndarray]],
    tolerance: Tolerance,
    fit: Tolerance,
    batch: int | None,
) -> Cause | None:
    for hypothesis, mistake in standard_causes(batch):
        produced = [mistake(w) for _, w in wrong]
        if all(
            p is not None and fit.agree(g, p) for (g, _), p in zip(wrong, produced, strict=True)
        ):
            return hypothesis
    if all(g.size == w.size and tolerance.agree(g.reshape(w.shape), w) for g, w in wrong):
        return RESHAPED
    single = Tolerance(1e-4, 1e-7, 1e-5)
    if tolerance.rtol < 1e-6 and all(
        g.dtype.itemsize < 8 and single.agree(g.astype(np.float64), w) for g, w in wrong
    ):
        return SINGLE
    return None


def evaluated(causes: Iterable[Cause], want: Any) -> list[tuple[Cause, Leaves]]:
    """Compute the value of each hypothesis, in the structure of ``want``."""
    found = []
    for hypothesis in causes:
        value = hypothesis.wrong() if callable(hypothesis.wrong) else hypothesis.wrong
        try:
            found.append((hypothesis, leaves(value, want)))
        except Unusable:
            continue
    return found
