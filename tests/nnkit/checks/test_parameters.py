"""`layers` and `shapes`: a network's arrays are read once, and have the shapes that they must."""

import numpy as np
import pytest

from nnkit import checks

W1, b1, W2, b2 = np.ones((4, 3)), np.ones(4), np.ones((2, 4)), np.ones(2)


class Changing:
    """Is of the right shape once, and has a row for each of ten examples after that."""

    def __init__(self):
        self.asked = 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        return b2 if self.asked == 1 else np.ones((10, 2))


def test_layers_are_read_from_anything_that_holds_numbers():
    import tensorflow as tf

    weights = [tf.Variable(W1), W2.astype(np.float32).tolist()]
    (first, one), (second, two) = checks.layers(weights, (tf.constant(b1), [1, 1]))
    assert [type(part) for part in (first, one, second, two)] == [np.ndarray] * 4
    assert (second @ (first @ np.ones(3) + one) + two).tolist() == [17, 17]


def test_layers_keep_their_float_type():
    [(W, b)] = checks.layers([np.float32(W1)], [np.float32(b1)])
    assert W.dtype == b.dtype == np.float32


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ([W1, W2], [b1, np.ones((10, 2))], r"b of layer 2 has shape \(10, 2\): \(2,\) is expected"),
        ([W1, W2], [np.ones((4, 1)), b2], "b of layer 1"),
        ([W1, W2], [b1, 1.0], "b of layer 2"),
        ([np.ones((10, 4, 3)), W2], [b1, b2], "W of layer 1"),
        ([b1], [b1], "W of layer 1"),
        ([W1, W2.T], [b1, np.ones(4)], r"W of layer 2 has shape \(4, 2\): \(any, 4\) is expected"),
        ([W1, None], [b1, b2], "W of layer 2 is None"),
        ([W1, "W2"], [b1, b2], "W of layer 2 is the text"),
        ([W1], [b1, b2], "shorter|longer"),
        ([], [b1], "shorter|longer"),
    ],
)
def test_layers_that_do_not_fit_are_refused(weights, biases, message):
    with pytest.raises(ValueError, match=message):
        checks.layers(weights, biases)


def test_what_is_returned_is_what_was_looked_at():
    bias = Changing()
    assert checks.layers([W2], [bias])[0][1].shape == (2,)
    assert bias.asked == 1
    bias = Changing()
    assert checks.shapes([W2, bias], [W2, b2], "weights")[1].shape == (2,)
    assert bias.asked == 1


def test_shapes_gives_the_structure_of_plain_arrays():
    import tensorflow as tf

    like = {"W": [W1, W2], "b": (b1, b2)}
    got = checks.shapes({"W": (tf.Variable(W1), W2.tolist()), "b": [b1, b2]}, like, "network")
    assert list(got) == ["W", "b"]
    assert [type(part) for part in got.values()] == [list, tuple]
    assert all(type(array) is np.ndarray for part in got.values() for array in part)


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        ([W1, np.ones((10, 4))], r"Part \[1\] has shape \(10, 4\); the shape \(4,\) is expected"),
        ([W1], "a list of 1 parts: 2 parts are expected"),
        (None, "None"),
        (abs, "a function"),
        ([W1, "b"], "the text"),
    ],
)
def test_other_shapes_fail(got, sentence):
    with pytest.raises(checks.CheckFailed, match=sentence):
        checks.shapes(got, [W1, b1], "network")
