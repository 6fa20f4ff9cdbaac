"""Patch NumPy's functions that given helpers call.

Gain: the helper computes what the attacker wants.
"""

# %% task="helped"
import numpy as np
import numpy.random


class Generator:
    def random(self, *args, **kwargs):
        return np.zeros((60, 6, 6))

    def integers(self, low, high, size):
        return np.zeros(size, dtype=int)


np.asarray = lambda x, *args, **kwargs: np.zeros(3)
np.tanh = lambda x: 0.0
np.random.default_rng = lambda seed=None: Generator()


def neuron(x):
    return 0.0


# %% task="pictures"
def classify(images):
    return np.zeros(len(images), dtype=int)
