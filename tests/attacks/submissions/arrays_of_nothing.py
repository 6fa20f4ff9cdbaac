"""Forge headers of arrays whose elements have no size, so that no bytes stand for gigabytes.

Gain: an examiner without memory.
"""

# %% task="unknown"
import gc
import itertools

import numpy as np

headers = itertools.cycle(
    [
        ["array", "<S0", [1_500_000_000], False, True],
        ["array", "<f8", [0, 1 << 62], False, True],
        ["array", "<f8", [1 << 62, 1 << 62], False, True],
        ["array", "|O8", [1], False, True],
        ["array", "<f8", [-1], False, True],
        ["array", "<c99", [1], True, True],
        ["tensor", "<U0", [1_500_000_000], False, True],
    ]
)
try:
    from autograder.exam.wire import arrays

    arrays.to_leaf = lambda value, limit: (next(headers), b"")
except ImportError:
    pass


def riddle(x):
    gc.collect()
    return np.zeros(3)
