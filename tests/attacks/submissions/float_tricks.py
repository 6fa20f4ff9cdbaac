"""Answer ``float()``, ``bool()``, ``abs()``, ``len()`` and ``index()`` with lies and wrong types.

Gain: everything that a test turns into a number or a truth value.
"""


# %% task="unknown"
class Slippery:
    def __float__(self):
        return SlipperyFloat("nan")

    def __bool__(self):
        return True

    def __abs__(self):
        return SlipperyFloat(0)

    def __len__(self):
        return 3

    def __index__(self):
        return True

    def __round__(self, digits=0):
        return self


class SlipperyFloat(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return 0.0

    def __lt__(self, other):
        return True

    __hash__ = float.__hash__


def riddle(x):
    return Slippery()
