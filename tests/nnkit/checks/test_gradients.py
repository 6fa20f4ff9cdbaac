"""`gradient`: right gradients pass however they are written, wrong ones are named."""

import numpy as np
import pytest

from nnkit import checks
from nnkit.checks.gradients import numerical_gradient

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 2))
AT = {"W": RNG.normal(size=(2, 3)), "b": RNG.normal(size=2)}


def cost(p):
    return 0.5 * np.mean(np.sum((X @ p["W"].T + p["b"] - Y) ** 2, axis=1))


def right(p):
    d = (X @ p["W"].T + p["b"] - Y) / len(X)
    return {"W": d.T @ X, "b": d.sum(axis=0)}


def in_single(v):
    """Round as a computation in float32 does: a few last places off."""
    return v.astype(np.float32) * np.float32(1 + 5e-7)


def changed(**mistakes):
    return lambda p: {k: mistakes.get(k, lambda v: v)(v) for k, v in right(p).items()}


def test_a_right_gradient_passes_as_function_or_value():
    checks.gradient(cost, right, AT, "gradient", batch=6)
    checks.gradient(cost, right(AT), AT, "gradient")
    checks.gradient(cost, changed(W=list, b=list), AT, "lists")


@pytest.mark.parametrize(
    ("gradient", "diagnosis"),
    [
        (changed(W=lambda v: -v, b=lambda v: -v), "sign"),
        (changed(W=lambda v: 2 * v, b=lambda v: 2 * v), "factor-2"),
        (changed(W=lambda v: 6 * v, b=lambda v: 6 * v), "summed-not-averaged"),
        (changed(b=lambda v: 6 * v), "summed-not-averaged"),
        (changed(W=lambda v: v.T), "transposed"),
        (changed(b=lambda v: v.reshape(-1, 1)), "column-not-vector"),
        (changed(W=in_single, b=in_single), "float32"),
        (changed(W=lambda v: v + 0.01), None),
    ],
)
def test_a_wrong_gradient_is_named(failure, gradient, diagnosis):
    found = failure(checks.gradient, cost, gradient, AT, "gradient", batch=6)
    assert found.record.diagnosis == diagnosis


def test_the_worst_element_is_named_by_its_index(failure, capsys):
    def gradient(p):
        g = right(p)
        g["W"][1, 2] += 0.5
        return g

    found = failure(checks.gradient, cost, gradient, AT, "gradient")
    assert "'W'" in str(found)
    assert "[1, 2]" in capsys.readouterr().out


def test_an_error_just_above_the_tolerance_fails_and_below_passes(failure):
    for size, passes in ((1e-6, False), (2e-9, True)):
        gradient = changed(W=lambda v, s=size: v * (1 + s), b=lambda v: v)
        if passes:
            checks.gradient(cost, gradient, AT, "g")
        else:
            failure(checks.gradient, cost, gradient, AT, "g")


def test_a_forward_difference_is_not_precise_enough(failure):
    def forward(p):
        h, g = 1e-5, {k: np.zeros_like(v) for k, v in p.items()}
        for k in p:
            for i in np.ndindex(p[k].shape):
                moved = {key: v.copy() for key, v in p.items()}
                moved[k][i] += h
                g[k][i] = (cost(moved) - cost(p)) / h
        return g

    failure(checks.gradient, cost, forward, AT, "forward difference")


def test_both_zero_passes_also_where_differences_are_rounding_noise():
    checks.gradient(lambda x: 3.7, np.zeros(4), np.ones(4), "constant")
    checks.gradient(
        lambda x: float(np.sum(x)) - float(x @ np.ones(4)), np.zeros(4), RNG.normal(size=4), "noise"
    )


def test_a_zero_gradient_of_a_sloping_cost_fails(failure):
    failure(checks.gradient, cost, changed(W=np.zeros_like, b=np.zeros_like), AT, "zero")


def test_none_draws_a_sentence(failure):
    assert "keys" in str(failure(checks.gradient, cost, lambda p: None, AT, "g"))
    assert "return" in str(failure(checks.gradient, np.sum, lambda x: None, np.ones(2), "g"))


def test_a_scalar_parameter_and_a_tensorflow_cost():
    import tensorflow as tf

    checks.gradient(lambda w: (w * 3 - 2) ** 2, lambda w: 6 * (w * 3 - 2), np.float64(1.5), "w")
    checks.gradient(
        lambda x: tf.reduce_sum(tf.constant(x) ** 2),
        lambda x: 2 * tf.constant(x),
        RNG.normal(size=3),
        "x",
    )


def test_the_cost_sees_its_own_copy():
    def careless(x):
        x *= 2
        return float(np.sum(x))

    [(_, slope)] = numerical_gradient(careless, np.ones(3))
    np.testing.assert_allclose(slope, 2)
