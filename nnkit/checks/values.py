"""Convert a student's result to arrays that can be compared, or to a sentence that helps.

A right value may have any usual type: list, tuple, NumPy array, TensorFlow tensor, Keras variable,
Python number. A value that cannot be read as numbers raises `Unusable`, whose text completes the
sentence "… is …".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from nnkit.checks import words

Leaves = list[tuple[str, np.ndarray]]


class Unusable(Exception):
    """A value that is not numbers; the text completes "What came back is …", of a part or all."""

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.path = path

    @property
    def sentence(self) -> str:
        """The sentence about the returned value."""
        subject = f"Part {self.path} of what came back" if self.path else "What came back"
        return f"{subject} is {self}{'' if str(self).endswith('?') else '.'}"


@dataclass(frozen=True)
class Tolerance:
    """The largest allowed difference of two numbers: ``atol + rtol |want| + scale max|want|``.

    The last term forgives elements that are small only because large ones cancelled.
    """

    rtol: float = 1e-7
    atol: float = 1e-12
    scale: float = 1e-12

    def agree(self, got: np.ndarray, want: np.ndarray) -> bool:
        """Whether two arrays have one shape (any single number equals a scalar) and agree."""
        if got.shape != want.shape:
            if not (want.ndim == 0 and got.size == 1):
                return False
            got = got.reshape(())
        if want.size == 0:
            return True
        finite = want[np.isfinite(want)]
        size = np.max(np.abs(finite)) if finite.size else 0.0
        close = np.isclose(got, want, rtol=self.rtol, atol=self.atol + self.scale * size)
        return bool(np.all(close))


def as_array(value: Any) -> np.ndarray:
    """Read a value as a numeric array.

    Parameters
    ----------
    value : number, array, tensor, variable, or nested lists or tuples of these

    Returns
    -------
    numpy.ndarray
        Of its own dtype if that is float, else float64; any shape.

    Raises
    ------
    Unusable
        If it contains no numbers, or rows of unequal length.
    """
    _refuse_common_slips(value)
    array = _to_numpy(value)
    if array.dtype.kind == "O":
        array = _from_objects(value, array)
    if array.dtype.kind == "c":
        raise Unusable("complex: real numbers are expected")
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        try:  # bfloat16 and its like, which NumPy knows only as raw bytes
            if array.dtype.kind == "V":
                return array.astype(np.float32)
        except (TypeError, ValueError):
            pass
        raise Unusable(f"{_of_kind(value, array)}, not numbers")
    return array


def _refuse_common_slips(value: Any) -> None:
    if value is None:
        raise Unusable("None: does the function end in `return …`?")
    if value is Ellipsis:
        raise Unusable("still `...`: write your code in its place")
    if isinstance(value, (str, bytes)):
        raise Unusable(f"the text {_short(value)}, not a number")
    if isinstance(value, Mapping):
        raise Unusable(f"a dictionary with the keys {_short(list(value))}, not numbers")
    if isinstance(value, (set, frozenset)):
        raise Unusable("a set, which has no order: return an array or a list")
    unfinished = words.no_value(value)
    if unfinished is not None:
        raise Unusable(unfinished)


def _to_numpy(value: Any) -> np.ndarray:
    try:
        if not isinstance(value, np.ndarray) and callable(getattr(value, "numpy", None)):
            value = value.numpy()
        return np.asarray(value)
    except Exception as error:
        if isinstance(value, (list, tuple)):
            return np.empty(0, dtype=object)
        raise Unusable(f"{words.kind(value)} that NumPy cannot read ({error})") from None


def _from_objects(value: Any, array: np.ndarray) -> np.ndarray:
    """Read a list whose items are tensors, or fractions, or rows of unequal length."""
    if isinstance(value, Number) or not isinstance(value, (list, tuple, np.ndarray)):
        try:
            return np.asarray(array, dtype=np.float64)
        except (TypeError, ValueError):
            raise Unusable(f"{words.kind(value)}, not numbers") from None
    items = [as_array(item) for item in (value.tolist() if array.ndim == 0 else value)]
    shapes = {item.shape for item in items}
    if len(shapes) > 1:
        raise Unusable("made of parts of unequal shape: " + ", ".join(map(str, sorted(shapes))))
    return np.stack(items)


def _of_kind(value: Any, array: np.ndarray) -> str:
    """Describe a value without numbers; of usual containers, their content."""
    usual = isinstance(value, (np.ndarray, list, tuple))
    return f"of type {array.dtype}" if usual else words.kind(value)


def _short(value: Any, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_structure(expected: Any) -> bool:
    """Whether an expected value is a collection of arrays rather than one array."""
    if isinstance(expected, Mapping):
        return True
    if not isinstance(expected, (list, tuple)):
        return False
    plain = (Number, np.bool_, list, tuple)
    if any(not isinstance(item, plain) and np.ndim(_quiet(item)) > 0 for item in expected):
        return True
    try:
        return np.asarray(expected).dtype == object
    except ValueError:
        return True


def _quiet(item: Any) -> Any:
    return item.numpy() if callable(getattr(item, "numpy", None)) else item


def leaves(value: Any, expected: Any, path: str = "") -> Leaves:
    """Return the arrays in ``value``, in the structure of ``expected``.

    Parameters
    ----------
    value : Any
        The returned value.
    expected : array_like, or nested list, tuple or dict of arrays
        Its structure decides which parts there are.
    path : str
        The place in the structure, e.g. ``"[0]['W']"``.

    Returns
    -------
    list of (path, array)

    Raises
    ------
    Unusable
        If the structure differs, or a part cannot be read as numbers.
    """
    if not is_structure(expected):
        if value is None and path:
            because = "`tf.GradientTape` gives None for what it did not watch"
            raise Unusable(f"None: it was not computed ({because})", path)
        try:
            return [(path, as_array(value))]
        except Unusable as error:
            raise Unusable(str(error), path) from None
    if isinstance(expected, Mapping):
        if not isinstance(value, Mapping) or set(value) != set(expected):
            keys = ", ".join(map(repr, expected))
            raise Unusable(f"{_describe(value)}: a dictionary with the keys {keys} is expected")
        return [leaf for k in expected for leaf in leaves(value[k], expected[k], f"{path}[{k!r}]")]
    items = value if isinstance(value, (list, tuple)) else _rows(value, len(expected))
    if len(items) != len(expected):
        raise Unusable(f"{_describe(value)}: {len(expected)} parts are expected")
    pairs = enumerate(zip(items, expected, strict=True))
    return [leaf for i, (item, part) in pairs for leaf in leaves(item, part, f"{path}[{i}]")]


def _rows(value: Any, count: int) -> list[Any]:
    array = as_array(value)
    if array.ndim == 0:
        raise Unusable(f"a single number: {count} parts are expected")
    return list(array)


def _describe(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"{words.kind(value)} of {len(value)} parts"
    if isinstance(value, Mapping):
        return f"a dictionary with the keys {_short(list(value))}"
    return words.kind(value)


def rebuild(arrays: list[np.ndarray], like: Any) -> Any:
    """Put arrays, in the order of `leaves`, back into the structure of ``like``."""
    arrays = list(arrays)

    def build(part: Any) -> Any:
        if not is_structure(part):
            return arrays.pop(0)
        if isinstance(part, Mapping):
            return {key: build(item) for key, item in part.items()}
        return type(part)(build(item) for item in part)

    return build(like)


def copied(value: Any) -> Any:
    """Copy arrays and containers, so that a student's function cannot change the original."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(copied(item) for item in value)
    return value
