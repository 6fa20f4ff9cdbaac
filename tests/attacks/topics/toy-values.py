# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # The attacks' topic in which a test reads one result several times
#
# Each hidden test holds a result to two sides, in two lines. What one value cannot meet, two can.

# %% given="data"
import numpy as np

from nnkit import checks

LOW, HIGH = np.array([0.1, 0.4, 0.2]), np.array([0.6, 0.9, 0.7])


def pictures(seed, count):
    """Return images (count, 6, 6) and labels (count,): which quadrant is the brightest."""
    rng = np.random.default_rng(seed)
    images, labels = 0.5 * rng.random((count, 6, 6)), rng.integers(0, 4, count)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        image[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] += 0.5
    return images, labels


images, labels = pictures(5, 40)
unseen, truth = pictures(6, 60)


def plain_scores(images, W, b):
    """Return scores (n, 4); nothing here looks at the shapes."""
    return images.reshape(-1, 36) @ np.asarray(W).T + np.asarray(b)


def scores(images, W, b):
    """Return scores (n, 4)."""
    [(W, b)] = checks.layers([W], [b])
    return images.reshape(-1, 36) @ W.T + b


# %% task="between"
def between(low, high):
    """Return a list of three numbers: each above its number of low (3,), below that of high."""
    ### BEGIN SOLUTION
    return ((low + high) / 2).tolist()
    ### END SOLUTION


# %% test="between" points=1
checks.holds(len(between(LOW, HIGH)) == 3, "three numbers", "there are more or fewer")

# %% test="between" part="array" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = between(LOW, HIGH)
    assert np.shape(found) == (3,), secret
    assert (np.asarray(found) > LOW).all(), secret
    assert (np.asarray(found) < HIGH).all(), secret
### END HIDDEN TESTS

# %% test="between" part="pass" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = between(LOW, HIGH)
    assert all(number > low for number, low in zip(found, LOW, strict=True)), secret
    assert all(number < high for number, high in zip(found, HIGH, strict=True)), secret
### END HIDDEN TESTS

# %% test="between" part="length" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = between(LOW, HIGH)
    assert len(found) == 3, secret
    assert all(low < number < high for number, low, high in zip(found, LOW, HIGH)), secret  # noqa: B905
### END HIDDEN TESTS

# %% test="between" part="items" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = between(LOW, HIGH)
    assert found[0] > LOW[0], secret
    assert found[0] < HIGH[0], secret
### END HIDDEN TESTS


# %% task="number"
def number(low, high):
    """Return a number above low and below high."""
    ### BEGIN SOLUTION
    return (low + high) / 2
    ### END SOLUTION


# %% test="number" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = number(0.25, 0.5)
    assert float(found) > 0.25, secret
    assert float(found) < 0.5, secret
### END HIDDEN TESTS

# %% test="number" part="compared" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = number(0.25, 0.5)
    assert found > 0.25, secret
    assert found < 0.5, secret
### END HIDDEN TESTS


# %% task="region"
def region(low, high):
    """Return an object whose ``middle`` is an array (3,) of numbers between low and high (3,)."""
    ### BEGIN SOLUTION
    from types import SimpleNamespace

    return SimpleNamespace(middle=(low + high) / 2)
    ### END SOLUTION


# %% test="region" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    found = region(LOW, HIGH)
    assert found.middle.shape == (3,), secret
    assert (found.middle > LOW).all(), secret
    assert (found.middle < HIGH).all(), secret
### END HIDDEN TESTS


# %% task="Bound"
class Bound:
    """A class whose ``value`` is a number above 0.25 and below 0.5."""

    ### BEGIN SOLUTION
    value = 0.375
    ### END SOLUTION


# %% test="Bound" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    assert Bound.value > 0.25, secret
    assert Bound.value < 0.5, secret
### END HIDDEN TESTS


# %% task="learn"
def learn(images, labels):
    """Return W (4, 36) and b (4,) of a linear classifier."""
    ### BEGIN SOLUTION
    W = np.array([images[labels == label].mean(axis=0).ravel() for label in range(4)])
    return W, -np.sum(W**2, axis=1) / 2
    ### END SOLUTION


# %% test="learn" points=1
W, b = learn(images, labels)
checks.shape(W, (4, 36), "the weights")
checks.shape(b, (4,), "the biases")
checks.accuracy(plain_scores(unseen, W, b), truth, 0.95, "unseen images")

# %% test="learn" part="layers" points=1
W, b = learn(images, labels)
checks.accuracy(scores(images, W, b), labels, 0.95, "the images")
checks.accuracy(scores(unseen, W, b), truth, 0.95, "unseen images")

# %% test="learn" part="shapes" points=1
W, b = checks.shapes(learn(images, labels), (np.zeros((4, 36)), np.zeros(4)), "the classifier")
checks.accuracy(plain_scores(images, W, b), labels, 0.95, "the images")
checks.accuracy(plain_scores(unseen, W, b), truth, 0.95, "unseen images")
