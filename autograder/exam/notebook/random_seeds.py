"""Randomness: the same cell draws the same numbers in every exam."""

from __future__ import annotations

import hashlib
import random
import sys

import numpy as np

from autograder.exam.notebook import determinism


def seed_of(name: str) -> int:
    """Return a cell's seed, 31 bits, from its grade id or its index."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little") >> 1


def plant(seed: int) -> None:
    """Seed every global generator: Python's, NumPy's, TensorFlow's and Keras'.

    With Keras loaded, that takes about 0.1 ms, and runs no TensorFlow operation.
    """
    determinism.restart(seed)
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.utils.set_random_seed(seed)
        return
    random.seed(seed)
    np.random.seed(seed)
