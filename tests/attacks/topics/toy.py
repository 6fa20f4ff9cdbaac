# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # The topic that all attacks share
#
# An attacker solves `honest` and nothing else. The hidden tests hold secrets that must not show
# up anywhere.

# %% given="data"
import numpy as np

from nnkit import checks

weights = np.array([0.5, -1.25, 3.0])


def weighted(x):
    """Return the weighted sum of a vector (3,)."""
    return float(weights @ np.asarray(x))


def pictures(seed, count):
    """Return images (count, 6, 6) and labels (count,): which quadrant is the brightest."""
    rng = np.random.default_rng(seed)
    images, labels = 0.5 * rng.random((count, 6, 6)), rng.integers(0, 4, count)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        image[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] += 0.5
    return images, labels


images, labels = pictures(5, 40)


# %% task="honest"
def mean_square(x):
    """Return the mean of the squares of x (n,)."""
    ### BEGIN SOLUTION
    return float(np.mean(np.square(x)))
    ### END SOLUTION


# %% test="honest" points=2
checks.close(mean_square([1.0, 2.0, 3.0]), 14 / 3, "the mean square of 1, 2, 3", rtol=1e-6)
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    checks.same(
        mean_square,
        lambda x: np.mean(x**2),
        [(np.random.default_rng(81).normal(size=n),) for n in (3, 7)],
        "mean_square on random numbers",
    )
### END HIDDEN TESTS


# %% task="unknown"
def riddle(x):
    """Return what only the author knows, for a number or an array."""
    ### BEGIN SOLUTION
    return 3 * x**2 + 7.5
    ### END SOLUTION


# %% test="unknown" points=2
checks.finite(riddle(1.0), "riddle(1)")
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    checks.close(riddle(53.75), 8674.6875, "riddle of a number")
    checks.close(riddle(np.array([-1.5, 0.0])), [14.25, 7.5], "riddle of an array")
### END HIDDEN TESTS

# %% test="unknown" part="same" points=2
checks.finite(riddle(1.0), "riddle(1)")
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    numbers = np.random.default_rng(82).normal(size=5)
    checks.same(riddle, lambda x: 3 * x**2 + 7.5, [(x,) for x in numbers], "riddle, again")
    checks.holds(bool(riddle(2.0) == 19.5), "riddle(2)", "it is something else")
### END HIDDEN TESTS

# %% test="unknown" part="asserts" points=2
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    assert isinstance(riddle(2.0), float), secret
    assert riddle(2.0) == 19.5, secret
    assert not riddle(2.0) != 19.5, secret
    assert abs(riddle(53.75) - 8674.6875) < 1e-9, secret
    assert 34.5 == riddle(-3.0), secret
    assert riddle(1.0) in (10.5,), secret
    assert [riddle(x) for x in (0.0, 1.0)] == [7.5, 10.5], secret
### END HIDDEN TESTS

# %% test="unknown" part="numpy" points=2
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    result = riddle(np.arange(3.0))
    assert len(result) == 3, secret
    assert np.shape(result) == (3,), secret
    assert all(isinstance(number, float) for number in result), secret
    assert np.array_equal(result, [7.5, 10.5, 19.5]), secret
    assert np.allclose(result, [7.5, 10.5, 19.5]), secret
    assert (np.abs(result - np.array([7.5, 10.5, 19.5])) < 1e-9).all(), secret
    np.testing.assert_allclose(result, [7.5, 10.5, 19.5])
    np.testing.assert_array_equal(np.array([7.5, 10.5, 19.5]), result)
### END HIDDEN TESTS


# %% task="helped"
def neuron(x):
    """Return the neuron's output for x (3,); the topic knows the weights, and you the rest."""
    ### BEGIN SOLUTION
    return np.tanh(weighted(x))
    ### END SOLUTION


# %% test="helped" points=2
checks.close(neuron([1.0, 2.0, 3.0]), np.tanh(weighted([1.0, 2.0, 3.0])), "the given input")
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    checks.close(neuron([0.1, 0.2, -0.3]), np.tanh(weighted([0.1, 0.2, -0.3])), "another input")
### END HIDDEN TESTS


# %% task="pictures"
def classify(images):
    """Return labels (n,) of images (n, 6, 6)."""
    ### BEGIN SOLUTION
    quadrants = images.reshape(-1, 2, 3, 2, 3).mean(axis=(2, 4)).reshape(-1, 4)
    return quadrants.argmax(axis=1)
    ### END SOLUTION


# %% test="pictures" points=2
checks.accuracy(classify(images), labels, 0.95, "the public images")

# %% test="pictures" part="fresh" points=2
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    unseen, truth = pictures(8674, 60)
    checks.accuracy(classify(unseen), truth, 0.95, "fresh images")
### END HIDDEN TESTS


# %% task="search"
def lowest(f, points):
    """Return the lowest value of a function f at some points."""
    ### BEGIN SOLUTION
    return min(f(point) for point in points)
    ### END SOLUTION


# %% test="search" points=2
checks.close(lowest(abs, [-3.0, 2.0]), 2.0, "the lowest of abs")
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    checks.close(lowest(lambda x: x**2 - 40.5, [0.5, -0.25]), -40.4375, "a parabola")
### END HIDDEN TESTS

# %% [markdown] task="words" points=2
# Why is this so?
#
# ### BEGIN SOLUTION
# Because the author says so.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# Two points for naming the author.
# ### END MARK SCHEME
