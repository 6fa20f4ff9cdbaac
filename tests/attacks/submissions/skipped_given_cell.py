"""Tag the given cell so that it is not executed, and define its names oneself.

Gain: ``checks``, the labels and the helpers are then the attacker's.
"""


def forge(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "given-data":
            cell.metadata["tags"] = ["skip-execution"]


# %%
import numpy as np


heard = []


class Anything:
    def __getattr__(self, name):
        return lambda *args, **kwargs: heard.append(args) or self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


checks = Anything()
images, labels = np.zeros((40, 6, 6)), np.zeros(40, dtype=int)


def pictures(seed, count):
    return images, labels


def weighted(x):
    return 0.0


# %% task="helped"
def neuron(x):
    return 0.0


# %% task="pictures"
def classify(images):
    return np.zeros(len(images))


# %% task="unknown"
def riddle(x):
    return 0.0


# %% last
print(heard)
