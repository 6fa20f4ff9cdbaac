"""Return objects that run code when they are copied, pickled or unpickled.

Gain: code that runs in the examiner, which holds the tests.
"""

# %% task="unknown"
import itertools
import pathlib
import pickle

import numpy as np


class Bomb:
    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("/tmp/@MARK@"),)

    def __deepcopy__(self, memo):
        return exec, ("raise SystemExit",)

    def __getstate__(self):
        return {"secret": 0}


kinds = itertools.cycle(
    [
        lambda: Bomb(),
        lambda: np.array([Bomb(), Bomb(), Bomb()], dtype=object),
        lambda: pickle.dumps(Bomb()),
        lambda: np.void(b"abc"),
        lambda: np.zeros(3, dtype=[("a", object)]),
        lambda: {"__reduce__": "os.system", "py/object": "os.system"},
    ]
)


def riddle(x):
    return next(kinds)()
