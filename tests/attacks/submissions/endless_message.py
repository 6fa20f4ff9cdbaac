"""Raise an exception whose ``__str__``, ``__repr__`` and arguments never end.

Gain: an exam that hangs while it shows the error.
"""

HARMS = "never ends, and takes nbgrader's whole time limit again and again"


# %% task="unknown"
class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__
    __name__ = property(__str__)


def riddle(x):
    raise Endless


# %% last
raise Endless
