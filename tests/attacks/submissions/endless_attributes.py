"""Return an object whose attributes, length, iteration, hash and text never end.

Gain: an exam that hangs while it looks at an answer.
"""

HARMS = "never ends, and takes nbgrader's whole time limit again and again"

# %% task="unknown"
import itertools


class Endless:
    def wait(self, *args):
        while True:
            pass

    __getattr__ = __len__ = __hash__ = __repr__ = __eq__ = __float__ = __array__ = wait
    __index__ = __bool__ = __reduce_ex__ = __sub__ = __del__ = wait


turn = [0]


def riddle(x):
    turn[0] += 1
    return [Endless(), itertools.count(), iter(int, 1), (n for n in itertools.count())][turn[0] % 4]
