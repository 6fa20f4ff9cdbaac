# ---
# jupyter:
#   kernelspec:
#     name: python3
# ---

# %% [markdown]
# # The attacks' topic with a Keras model

# %% given="data"
import keras
import numpy as np

from nnkit import checks


def pictures(seed, count):
    """Return images (count, 6, 6) and labels (count,): which quadrant is the brightest."""
    rng = np.random.default_rng(seed)
    images, labels = 0.5 * rng.random((count, 6, 6)), rng.integers(0, 4, count)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        image[3 * row : 3 * row + 3, 3 * column : 3 * column + 3] += 0.5
    return images, labels


images, labels = pictures(5, 40)


# %% task="model"
def make_model():
    """Return a Keras model from images (n, 6, 6) to scores (n, 4)."""
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((6, 6)), keras.layers.Flatten(), keras.layers.Dense(4)])
    kernel = np.zeros((6, 6, 4), "float32")
    for label in range(4):
        row, column = divmod(label, 2)
        kernel[3 * row : 3 * row + 3, 3 * column : 3 * column + 3, label] = 1.0
    model.set_weights([kernel.reshape(36, 4), np.zeros(4)])
    return model
    ### END SOLUTION


# %% test="model" points=1
checks.holds(isinstance(make_model(), keras.Model), "the model", "it is no Keras model")

# %% test="model" part="fresh" points=2
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    unseen, truth = pictures(8674, 60)
    checks.accuracy(make_model().predict(unseen, verbose=0), truth, 0.95, "fresh images")
### END HIDDEN TESTS

# %% test="model" part="layers" points=1
### BEGIN HIDDEN TESTS
with checks.hidden():
    secret = "kestrel-5d1c7e90"
    model = make_model()
    kernel, bias = model.get_weights()
    scores = model(np.ones((1, 6, 6), "float32"))
    checks.close(scores, kernel.sum(axis=0)[None] + bias, "its scores", rtol=1e-5)
    checks.accuracy(pictures(86, 60)[0].reshape(60, 36) @ kernel, pictures(86, 60)[1], 0.9, "it")
### END HIDDEN TESTS
