"""Answer NumPy's protocols with arrays that agree with everything.

Gain: ``np.allclose`` and the checks compare with what the attacker makes up.
"""

# %% task="unknown"
import numpy as np


class Yes:
    def __eq__(self, other):
        return True

    def __rsub__(self, other):
        return 0.0

    __hash__ = None
    __sub__ = __rsub__


class Lies:
    shape, dtype, ndim, size = (3,), np.dtype(float), 1, 3

    def __array__(self, dtype=None, copy=None):
        items = np.empty(3, dtype=object)
        items[:] = [Yes(), Yes(), Yes()]
        return items

    def __array_ufunc__(self, *args, **kwargs):
        return np.array(True)

    def __array_function__(self, *args, **kwargs):
        return True

    @property
    def __array_interface__(self):
        return {"shape": (3,), "typestr": "<f8", "data": (0x1000, False), "version": 3}

    def __len__(self):
        return 3

    def all(self):
        return True


def riddle(x):
    return Lies()
