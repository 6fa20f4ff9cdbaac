"""Read the weights and biases of a network as plain arrays, each of the right shape.

NumPy broadcasts: biases with a row for each example are added without an error, and can contain
the labels instead of learning them. So helpers that compute with a student's weights read them
here, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnkit.checks import report
from nnkit.checks.values import Unusable, as_array, leaves, rebuild


def layers(weights: Iterable[Any], biases: Iterable[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the layers of a dense network as plain arrays.

    Parameters
    ----------
    weights : iterable of L arrays, tensors or variables (n_l, n_(l−1))
    biases : iterable of L arrays, tensors or variables (n_l,)

    Returns
    -------
    list of L pairs of arrays
        W (n_l, n_(l−1)) and b (n_l,), of their own float type.

    Raises
    ------
    ValueError
        If there are not as many biases as weights, if one of them is not numbers, if a shape does
        not fit, or if the input of a layer does not fit the output of the one before it.
    """
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), 1):
        W, b = _read(weight, f"W of layer {number}"), _read(bias, f"b of layer {number}")
        before = found[-1][0].shape[:1] if found else W.shape[1:]
        if W.ndim != 2 or W.shape[1:] != before:
            asked = f"(any, {before[0]})" if found else "(any, any)"
            raise ValueError(f"W of layer {number} has shape {W.shape}: {asked} is expected")
        if b.shape != W.shape[:1]:
            raise ValueError(
                f"b of layer {number} has shape {b.shape}: {W.shape[:1]} is expected, one bias "
                "for each row of W"
            )
        found.append((W, b))
    return found


def _read(value: Any, name: str) -> np.ndarray:
    try:
        return as_array(value)
    except Unusable as error:
        raise ValueError(f"{name} is {error}") from None


def shapes(actual: Any, like: Any, what: str) -> Any:
    """Check that a returned value has the shapes of ``like``, and return it as plain arrays.

    Parameters
    ----------
    actual : nested list, tuple or dict of arrays, tensors or variables
        The value that the student's code returned, such as a trained network.
    like : the same structure, of arrays
        For instance the network that the training started from.
    what : str
        Label that the student reads.

    Returns
    -------
    the structure of ``like``, of arrays
        Read once, so that helpers compute with the values that were checked.

    Raises
    ------
    CheckFailed
        If the structure or a shape differs.
    """
    try:
        got = leaves(actual, like)
    except Unusable as error:
        report.failed("shapes", what, error.sentence)
    for (path, array), (_, asked) in zip(got, leaves(like, like), strict=True):
        if array.shape != asked.shape:
            part = f"Part {path}" if path else "It"
            message = f"{part} has shape {array.shape}; the shape {asked.shape} is expected."
            report.failed("shapes", what, message)
    report.passed("shapes", what)
    return rebuild([array for _, array in got], like)
