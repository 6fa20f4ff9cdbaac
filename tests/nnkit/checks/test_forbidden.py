"""`forbid`: finds what a task rules out, and forbids no right way by accident."""

import functools

import numpy as np
import pytest

from nnkit import checks

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402
from tensorflow import GradientTape  # noqa: E402


def by_hand(x):
    """Square, without tf.GradientTape or keras (words in a docstring are no use of them)."""
    return 2 * np.asarray(x)


def with_tape(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x**2
    return tape.gradient(y, x)


def with_imported_tape(x):
    x = tf.constant(x)
    with GradientTape() as t:
        t.watch(x)
        y = x**2
    return t.gradient(y, x)


def with_local_import(x):
    from tensorflow import GradientTape as Tape

    x = tf.constant(x)
    with Tape() as t:
        t.watch(x)
        y = x**2
    return t.gradient(y, x)


def helper(x):
    return with_tape(x)


def through_helper(x):
    return helper(x)


def by_name(x):
    tape_class = getattr(tf, "Gradient" + "Tape")
    x = tf.constant(x)
    with tape_class() as t:
        t.watch(x)
        y = x**2
    return t.gradient(y, x)


@pytest.mark.parametrize(
    "function", [with_tape, with_imported_tape, with_local_import, through_helper]
)
def test_autodiff_is_found_in_the_code(failure, function):
    assert failure(checks.forbid, function, "autodiff").record.diagnosis == "uses-autodiff"


@pytest.mark.parametrize("function", [with_tape, by_name, lambda x: with_tape(x)])
def test_autodiff_is_found_while_it_runs(failure, function):
    found = failure(checks.forbid, function, "autodiff", example=(np.ones(3),))
    assert found.record.diagnosis == "uses-autodiff"


def test_the_guard_is_gone_afterwards():
    with pytest.raises(checks.CheckFailed):
        checks.forbid(by_name, "autodiff", "keras", example=(np.ones(3),))
    np.testing.assert_array_equal(with_tape(np.ones(3)), 2)
    assert keras.layers.Dense(2)(np.ones((1, 3))).shape == (1, 2)


def test_a_caught_refusal_is_still_found(failure):
    def sly(x):
        try:
            return by_name(x)
        except Exception:
            return 2 * x

    failure(checks.forbid, sly, "autodiff", example=(np.ones(3),))


def test_tensorflow_arithmetic_is_not_autodiff_nor_keras():
    def arithmetic(x):
        return tf.linalg.matmul(x, x, transpose_b=True) * tf.sigmoid(tf.constant(0.5, x.dtype))

    checks.forbid(arithmetic, "autodiff", "keras", example=(np.ones((2, 2)),))


def test_numpy_by_hand_passes_all():
    checks.forbid(by_hand, "autodiff", "keras", "tensorflow", "loop", example=([1.0, 2.0],))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: tf.keras.activations.sigmoid(x),
        lambda x: keras.ops.sigmoid(x),
        lambda x: keras.layers.Dense(3)(x),
    ],
)
def test_keras_is_found(failure, function):
    assert failure(checks.forbid, function, "keras").record.diagnosis == "uses-keras"


def test_loops_are_found_but_not_those_of_libraries(failure):
    def loop(x):
        total = 0
        for v in x:
            total += v
        return total

    for function in (loop, lambda x: [v for v in x], lambda x: loop(x)):
        failure(checks.forbid, function, "loop")
    checks.forbid(lambda x: np.vstack([x, x]).sum(), "loop")


def test_a_dotted_name(failure):
    from numpy.linalg import inv

    failure(checks.forbid, lambda x: np.linalg.inv(x), "numpy.linalg.inv")
    failure(checks.forbid, lambda x: inv(x), "numpy.linalg.inv")
    failure(
        checks.forbid,
        lambda x: getattr(np.linalg, "in" + "v")(x),
        "numpy.linalg.inv",
        example=(np.eye(2),),
    )
    checks.forbid(lambda x: np.linalg.solve(x, x), "numpy.linalg.inv", example=(np.eye(2),))


def test_given_helpers_may_be_allowed(failure):
    failure(checks.forbid, through_helper, "autodiff")
    checks.forbid(through_helper, "autodiff", allow=(helper,))


def test_wrapped_functions_are_seen_through(failure):
    class Callable:
        def __call__(self, x):
            return with_tape(x)

    failure(checks.forbid, functools.partial(with_tape), "autodiff")
    failure(checks.forbid, tf.function(with_tape), "autodiff")
    failure(checks.forbid, Callable(), "autodiff")
    checks.forbid(np.sum, "autodiff", example=(np.ones(3),))


def test_an_unwritten_function_does_not_pass():
    def stub(x):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        checks.forbid(stub, "autodiff", example=(1,))
