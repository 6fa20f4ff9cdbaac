"""`close`, `shape`, `dtype`, `finite`: right values pass in any clothes, wrong ones are named."""

from fractions import Fraction

import numpy as np
import pytest

from nnkit import checks

EXPECTED = np.array([[0.5, -1.25, 2.0], [3.0, 0.25, -0.75]])
CLOTHES = {
    "array": EXPECTED,
    "nested lists": EXPECTED.tolist(),
    "tuple of arrays": tuple(EXPECTED),
    "list of lists of NumPy scalars": [list(row) for row in EXPECTED],
    "fractions": [[Fraction(float(v)) for v in row] for row in EXPECTED],
    "float32, exactly representable": EXPECTED.astype(np.float32),
    "matrix": np.asmatrix(EXPECTED),
    "big-endian": EXPECTED.astype(">f8"),
}


@pytest.mark.parametrize("value", CLOTHES.values(), ids=CLOTHES.keys())
def test_close_accepts_right_values_in_any_clothes(value):
    checks.close(value, EXPECTED, "values")


def test_close_accepts_tensors_and_variables():
    import keras
    import tensorflow as tf

    checks.close(tf.constant(EXPECTED), EXPECTED, "tensor")
    checks.close(tf.Variable(EXPECTED), EXPECTED, "variable")
    checks.close([tf.constant(row) for row in EXPECTED], EXPECTED, "list of tensors")
    checks.close(keras.Variable(EXPECTED, dtype="float64"), EXPECTED, "Keras variable")
    checks.close(tf.cast(EXPECTED, tf.bfloat16), EXPECTED, "bfloat16")
    checks.close(EXPECTED, tf.constant(EXPECTED), "expected as tensor")


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2), [2.0], np.array([[2.0]])])
def test_close_accepts_any_single_number_for_a_scalar(value):
    checks.close(value, 2.0, "scalar")


def test_close_takes_true_and_false_for_one_and_zero():
    checks.close([True, False], [1, 0], "step")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "return"),
        (..., "..."),
        ("0.5", "text"),
        ({"a": 1}, "dictionary"),
        ({1, 2}, "set"),
        (lambda: 3, "parentheses"),
        (np.zeros, "parentheses"),
        ((v for v in [1, 2]), "generator"),
        (np.array(["a", "b"]), "not numbers"),
        ([[1, 2], [3]], "unequal"),
        (np.array([1 + 2j, 0]), "complex"),
        (object(), "object"),
    ],
    ids=lambda case: str(case)[:18],
)
def test_close_says_what_came_back_instead_of_numbers(failure, value, words):
    assert words in str(failure(checks.close, value, [1.0, 2.0], "values"))


def test_close_refuses_a_symbolic_tensor_with_a_sentence(failure):
    import keras

    assert "NumPy cannot read" in str(failure(checks.close, keras.Input((2,)), [1.0, 2.0], "x"))


@pytest.mark.parametrize(
    ("mistake", "diagnosis"),
    [
        (lambda w: -w, "sign"),
        (lambda w: 2 * w, "factor-2"),
        (lambda w: w / 2, "factor-half"),
        (lambda w: w.T, "transposed"),
        (lambda w: w.reshape(-1), "reshaped"),
        (lambda w: (w * 1.1 / 1.1 + 0.1).astype(np.float32) - np.float32(0.1), "float32"),
        (lambda w: w + 0.1, None),
        (lambda w: w * 3, None),
    ],
)
def test_close_names_the_mistake_that_fits_and_no_other(failure, mistake, diagnosis):
    wrong = mistake(EXPECTED)
    assert failure(checks.close, wrong, EXPECTED, "values", rtol=1e-9).record.diagnosis == diagnosis


@pytest.mark.parametrize(
    ("shape", "diagnosis"), [((3, 1), "column-not-vector"), ((1, 3), "row-not-vector")]
)
def test_close_tells_a_column_or_row_from_a_vector(failure, shape, diagnosis):
    value = np.array([1.0, 2.0, 3.0])
    assert failure(checks.close, value.reshape(shape), value, "v").record.diagnosis == diagnosis


def test_close_recognises_a_sum_for_a_mean(failure):
    found = failure(checks.close, 7 * EXPECTED, EXPECTED, "mean", batch=7)
    assert found.record.diagnosis == "summed-not-averaged"
    found = failure(checks.close, EXPECTED / 7, EXPECTED, "mean", batch=7)
    assert found.record.diagnosis == "averaged-not-summed"


def test_close_puts_the_authors_causes_first_and_drops_those_that_are_right(failure):
    same_as_right = checks.cause("never", EXPECTED, "cannot be told from the right value")
    mine = checks.cause("mine", lambda: -EXPECTED, "it is mine")
    found = failure(checks.close, -EXPECTED, EXPECTED, "values", causes=[same_as_right, mine])
    assert found.record.diagnosis == "mine"
    assert "it is mine" in str(found)


def test_close_separates_values_a_hair_apart(failure):
    updated = checks.cause("updated-weights", 0.291027924, "updated weights were used")
    right = 0.29102777369
    checks.close(0.291027773694, right, "E", rtol=1e-9, causes=[updated])
    found = failure(checks.close, 0.29102792400, right, "E", rtol=1e-9, causes=[updated])
    assert found.record.diagnosis == "updated-weights"


def test_close_compares_structures_part_by_part(failure):
    expected = {"W": EXPECTED, "b": np.array([1.0, 2.0])}
    checks.close({"b": [1, 2], "W": EXPECTED.tolist()}, expected, "gradients")
    found = failure(checks.close, {"W": -EXPECTED, "b": [1, 2]}, expected, "gradients")
    assert found.record.diagnosis == "sign"
    assert "keys" in str(failure(checks.close, {"W": EXPECTED}, expected, "gradients"))
    pair = [EXPECTED, np.array([1.0, 2.0])]
    checks.close((EXPECTED, [1, 2]), pair, "pair")
    assert "parts" in str(failure(checks.close, [EXPECTED], pair, "pair"))


def test_close_forgives_cancellation_but_not_error():
    big = np.array([1e6, 1e-9])
    checks.close(big + np.array([0, 1e-8]), big, "cancelled")
    with pytest.raises(checks.CheckFailed):
        checks.close(big + np.array([0, 1e-3]), big, "wrong")


def test_close_is_not_satisfied_by_nan_or_infinity(failure):
    assert "NaN" in str(failure(checks.close, [1.0, np.nan], [1.0, 2.0], "v"))
    assert "infinite" in str(failure(checks.close, [1.0, np.inf], [1.0, 2.0], "v"))
    checks.close([np.inf, 1], [np.inf, 1], "infinity where it is right")


def test_shape(failure):
    checks.shape(np.zeros((4, 3)), (None, 3), "batch")
    checks.shape([1, 2], (2,), "list")
    assert "(4, 3)" in str(failure(checks.shape, np.zeros((4, 3)), (3, None), "batch"))
    assert "(5,)" in str(failure(checks.shape, np.zeros((5, 1)), (5,), "vector"))


def test_dtype(failure):
    checks.dtype(np.zeros(2), "float", "x")
    checks.dtype(np.zeros(2, np.uint8), "int", "x")
    checks.dtype(np.zeros(2, np.float32), np.float32, "x")
    assert "float64" in str(failure(checks.dtype, np.zeros(2), "int", "x"))
    assert "float32" in str(failure(checks.dtype, np.zeros(2, np.float32), "float64", "x"))


def test_finite(failure):
    checks.finite([[1.0, 2.0]], "x")
    assert "[0, 1]" in str(failure(checks.finite, [[1.0, np.nan]], "x"))
    assert "infinite" in str(failure(checks.finite, -np.inf, "x"))


def test_a_gradient_that_the_tape_did_not_watch_is_explained(failure):
    expected = {"W": EXPECTED, "b": np.ones(2)}
    assert "watch" in str(failure(checks.close, {"W": None, "b": [1, 1]}, expected, "tape"))
