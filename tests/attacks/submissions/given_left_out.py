"""Report a given cell by an error whose name is an object that cannot be turned into text.

An examiner that ends while it reads this was at a given cell. If the exam were held again without
that cell, the attacker's own ``checks`` and ``pictures`` would judge it.

Gain: every test passes, and tells its arguments and expected values.
"""

# %% top
import gc

import numpy as np

candidate = next(each for each in gc.get_objects() if type(each).__name__ == "Candidate")
honest_cell = candidate._cell


class Bad:
    def __str__(self):
        raise ValueError("no")

    __repr__ = __str__


def cell(source, seed, known):
    outcome = honest_cell(source, seed, known)
    if "def pictures" in source or "standing" in source:  # the given cells
        error = {"output_type": "error", "ename": Bad(), "evalue": "", "traceback": []}
        outcome["outputs"] = [error]
    return outcome


candidate._cell = cell


class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: heard.append(repr(args)) or self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


heard = []
checks = Anything()
images = labels = [0] * 40


def pictures(seed, count):
    return images, labels


def weighted(x):
    return 0.0


# %% task="unknown"
def riddle(x):
    return 0.0


# %% task="helped"
def neuron(x):
    return 0.0


# %% task="pictures"
def classify(images):
    return 0.0


# %% last
print(heard)
