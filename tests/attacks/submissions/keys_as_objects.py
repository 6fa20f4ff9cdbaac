"""Return dictionaries and sets whose keys are objects with the hash of a key that is looked up.

The keys' own comparison would run while a test, or the examiner itself, looks a name up.

Gain: a key that is equal to any key that is looked for.
"""

# %% top
import autograder.exam.wire.encoding as encoding


class Key:
    def __init__(self, like):
        self.like = like

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(self.like)

    def __float__(self):
        return 8674.6875


encoding._are_keys = lambda values: True


# %% task="unknown"
def riddle(x):
    return {Key("name"): 1, Key("outputs"): 2, frozenset([Key(0), Key(1)]): {Key(2.0)}}


# %% task="helped"
def neuron(x):
    return {Key(x) for x in range(9)}
