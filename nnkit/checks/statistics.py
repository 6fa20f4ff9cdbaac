"""Checks on counts: an accuracy against a threshold, a rate against a probability."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnkit.checks import report
from nnkit.checks.causes import Cause
from nnkit.checks.values import Unusable, as_array

FALSE_ALARM = 1e-9


def accuracy(
    predicted: Any,
    labels: Any,
    at_least: float,
    what: str,
    *,
    causes: Iterable[Cause] = (),
) -> None:
    """Check the accuracy: the fraction of right predictions.

    Parameters
    ----------
    predicted : array_like, (N,) labels or (N, K) scores
        Of scores, the largest in a row counts.
    labels : array_like, (N,) integers or (N, K) one-hot
    at_least : float
        Threshold between 0 and 1.
    what : str
        Label that the student reads.
    causes : iterable of Cause
        Known mistakes: ``wrong`` holds the predictions that they produce.

    Raises
    ------
    CheckFailed
        If fewer are right, or the shapes do not fit.
    """
    try:
        guess, truth = _labels(predicted), _labels(labels)
    except Unusable as error:
        report.failed("accuracy", what, error.sentence)
    if guess.shape != truth.shape:
        message = f"There are {truth.size} examples, but the predictions have shape {guess.shape}."
        report.failed("accuracy", what, message)
    share = float(np.mean(guess == truth))
    if share >= at_least:
        report.passed("accuracy", what, f"{share:.4f} right, at least {at_least:g} required")
        return
    message = f"{share:.4f} of the predictions are right; at least {at_least:g} is required."
    found = _accuracy_cause(guess, truth, share, at_least, causes)
    report.failed("accuracy", what, message, found)


def _labels(values: Any) -> np.ndarray:
    array = as_array(values)
    if array.ndim == 2 and array.shape[1] > 1:
        return np.argmax(array, axis=1).astype(np.float64)
    return array.reshape(-1) if array.ndim == 2 else array


def _accuracy_cause(
    guess: np.ndarray,
    truth: np.ndarray,
    share: float,
    at_least: float,
    causes: Iterable[Cause],
) -> Cause | None:
    for hypothesis in causes:
        wrong = hypothesis.wrong() if callable(hypothesis.wrong) else hypothesis.wrong
        if np.array_equal(guess, _labels(wrong)):
            return hypothesis
    if not np.all(np.isfinite(guess)):
        return Cause("not-finite", None, "Some predictions are NaN: the training has diverged.")
    classes = int(max(truth.max(), guess.max())) + 1
    if any(np.mean((guess + step) % classes == truth) >= at_least for step in (1, -1)):
        return Cause("label-off-by-one", None, "Every label is off by one: classes count from 0.")
    if np.all(guess == guess[0]):
        because = f"Every prediction is the same ({guess[0]:g}): nothing was learnt."
        return Cause("constant-prediction", None, because)
    if share < 2 / len(np.unique(truth)):
        because = (
            "That is little more than guessing gives, or less: is the network trained before it "
            "predicts, and are images and labels in the same order?"
        )
        return Cause("guessing", None, because)
    return None


def excess(successes: int, n: int, probability: float) -> bool:
    """Whether a count is further from a binomial's mean than chance explains.

    The Chernoff bound ``P ≤ 2 exp(−n KL(p̂‖p))`` holds for every n, unlike the normal
    approximation, and needs no library.
    """
    if probability in (0.0, 1.0):
        return successes != n * probability
    share = successes / n

    def term(a: float, b: float) -> float:
        return a * math.log(a / b) if a else 0.0

    divergence = term(share, probability) + term(1 - share, 1 - probability)
    return n * divergence > math.log(2 / FALSE_ALARM)


def rate(outcomes: Any, probability: float, what: str, *, causes: Iterable[Cause] = ()) -> None:
    """Check that random outcomes have a given probability, as far as chance allows.

    Parameters
    ----------
    outcomes : array_like of bool
        Independent trials, any shape.
    probability : float
        Of success in one trial.
    what : str
        Label that the student reads.
    causes : iterable of Cause
        Known mistakes: ``wrong`` is the probability that they lead to.

    Raises
    ------
    CheckFailed
        If chance gives so many or so few successes less than once in 10⁹ times.
    """
    try:
        array = as_array(outcomes)
    except Unusable as error:
        report.failed("rate", what, error.sentence)
    if array.size == 0 or not np.all(np.isin(array, (0, 1))):
        report.failed("rate", what, "Outcomes must be true or false (1 or 0), at least one.")
    successes, n = int(array.sum()), array.size
    if not excess(successes, n, probability):
        report.passed("rate", what, f"rate {successes / n:.3f} of {n}")
        return
    found = next((c for c in causes if not excess(successes, n, float(c.wrong))), None)
    message = f"The rate is {successes / n:.3f} in {n} trials; chance alone does not explain that."
    report.failed("rate", what, message, found, expected=f"about {probability:g}")
