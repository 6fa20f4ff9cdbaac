"""`accuracy` and `rate`: thresholds that chance does not trip."""

import numpy as np
import pytest

from nnkit import checks
from nnkit.checks.statistics import excess

RNG = np.random.default_rng(3)
TRUTH = RNG.integers(0, 10, 400)


def predictions(share):
    guess = TRUTH.copy()
    wrong = RNG.permutation(400)[: round(400 * (1 - share))]
    guess[wrong] = (guess[wrong] + RNG.integers(2, 9, len(wrong))) % 10
    return guess


def test_accuracy_takes_labels_scores_one_hot_and_columns():
    guess = predictions(0.95)
    for form in (guess, guess.tolist(), np.eye(10)[guess], guess.reshape(-1, 1)):
        checks.accuracy(form, TRUTH, 0.94, "digits")
    checks.accuracy(guess, np.eye(10)[TRUTH], 0.94, "digits")


def test_accuracy_below_the_threshold_fails(failure):
    assert "0.9000" in str(failure(checks.accuracy, predictions(0.9), TRUTH, 0.94, "digits"))


@pytest.mark.parametrize(
    ("guess", "diagnosis"),
    [
        ((TRUTH + 1) % 10, "label-off-by-one"),
        (np.full(400, 3), "constant-prediction"),
        (RNG.integers(0, 10, 400), "guessing"),
        (np.full(400, np.nan), "not-finite"),
        (predictions(0.8), None),
    ],
)
def test_accuracy_names_the_cause(failure, guess, diagnosis):
    found = failure(checks.accuracy, guess, TRUTH, 0.94, "digits")
    assert found.record.diagnosis == diagnosis


def test_accuracy_refuses_a_wrong_number_of_predictions(failure):
    assert "400 examples" in str(failure(checks.accuracy, TRUTH[:-1], TRUTH, 0.9, "digits"))


@pytest.mark.parametrize("p", [0.0, 0.02, 0.5, 0.8, 1.0])
def test_rate_accepts_fair_draws_of_any_seed(p):
    for seed in range(200):
        checks.rate(np.random.default_rng(seed).random((40, 25)) < p, p, "mask")


def test_rate_catches_the_other_probability_and_names_it(failure):
    kept = np.random.default_rng(0).random(2000) < 0.2
    swapped = checks.cause("keep-for-drop", 0.2, "the mask keeps what it should drop")
    found = failure(checks.rate, kept, 0.8, "mask", causes=[swapped])
    assert found.record.diagnosis == "keep-for-drop"


def test_rate_wants_outcomes(failure):
    failure(checks.rate, np.array([0.0, 1.25]), 0.8, "mask")
    failure(checks.rate, [], 0.8, "mask")


def test_the_bound_is_a_bound():
    """Exact binomial tails never exceed what the bound claims, at small n too."""
    from math import comb

    for n, p in ((5, 0.5), (30, 0.1), (60, 0.9)):
        tail = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if excess(k, n, p))
        assert tail <= 1e-9
