"""Checks that teach: they show the returned value, the expected value and the likely cause.

A test cell of a notebook calls a few of these. A failed check shows a panel, leaves a
machine-readable record in the cell's outputs, and raises `CheckFailed`.
"""

from nnkit.checks.behaviour import holds, raises, same
from nnkit.checks.causes import Cause, cause
from nnkit.checks.forbidden import BY_HAND, forbid
from nnkit.checks.gradients import gradient
from nnkit.checks.numbers import close, dtype, finite, shape
from nnkit.checks.parameters import layers, shapes
from nnkit.checks.report import CheckFailed, hidden
from nnkit.checks.runs import watch
from nnkit.checks.standing import standing
from nnkit.checks.statistics import accuracy, rate
from nnkit.record import RECORD_TYPE

__all__ = [
    "BY_HAND",
    "RECORD_TYPE",
    "Cause",
    "CheckFailed",
    "accuracy",
    "cause",
    "close",
    "dtype",
    "finite",
    "forbid",
    "gradient",
    "hidden",
    "holds",
    "layers",
    "raises",
    "rate",
    "same",
    "shape",
    "shapes",
    "standing",
]

watch()
