"""Arrays, tensors and their types on the wire: a checked header and raw bytes, never objects."""

from __future__ import annotations

import functools
import math
import re
import sys
from typing import Any

import numpy as np


class WireError(Exception):
    """A value or message is not allowed on the wire; the text says why."""


def exactly(value: Any, kind: type, length: int | None = None) -> Any:
    """Return ``value`` if its type is ``kind``, not a subclass.

    Raises
    ------
    WireError
        If it has another type or, if ``length`` is given, another length.
    """
    if type(value) is not kind or (length is not None and len(value) != length):
        raise WireError("its answer breaks the protocol")
    return value


_DTYPE = re.compile(r"[<>|=][biufc]\d{1,2}|[<>|=][SU]\d{1,5}")
_TEXT_BYTES = 1 << 20
_MAX_DIMS = 32
_LARGEST = 1 << 40  # bytes of an array, with each axis of length 0 counted as 1

Header = list[Any]


def to_leaf(value: Any, limit: int) -> tuple[Header, Any] | None:
    """Return header and blob of an array, NumPy scalar, tensor, dtype or shape; None for others.

    Raises
    ------
    WireError
        If it is larger than ``limit`` bytes.
    """
    if isinstance(value, np.ndarray):
        return _array(value, limit, "array")
    if isinstance(value, np.generic):
        return _scalar(value)
    if isinstance(value, np.dtype):
        name = _dtype_name(value)
        return None if name is None else (["dtype", name], None)
    if type(value).__module__.startswith("tensorflow.") and "tensorflow" in sys.modules:
        return _tensorflow(value, limit)
    return None


def _array(value: Any, limit: int, word: str) -> tuple[Header, Any] | None:
    name = _dtype_name(value.dtype)
    if name is None:
        return None
    if value.nbytes > limit or (value.dtype.kind in "SU" and value.nbytes > _TEXT_BYTES):
        raise WireError(f"an array of {value.nbytes} bytes is too large to be sent")
    _check_size(value.shape, value.dtype.itemsize)
    value = np.asarray(value)  # a matrix or masked array becomes a plain one
    # Sums over another memory layout round differently, so the layout is sent too.
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    flat = np.ascontiguousarray(value.T if fortran else value).reshape(-1)
    blob = flat.tobytes() if flat.nbytes < 4096 else memoryview(flat.view(np.uint8))
    return [word, name, list(value.shape), fortran, bool(value.flags.writeable)], blob


def _scalar(value: np.generic) -> tuple[Header, Any] | None:
    if isinstance(value, (np.str_, np.bytes_)):
        return ["text", value.item()], None
    name = _dtype_name(value.dtype)
    return None if name is None else (["scalar", name, value.tobytes()], None)


@functools.lru_cache(maxsize=256)
def _dtype_name(dtype: np.dtype) -> str | None:
    if dtype.name == "bfloat16":
        return "bfloat16"
    return dtype.str if dtype.names is None and _DTYPE.fullmatch(dtype.str) else None


def _tensorflow(value: Any, limit: int) -> tuple[Header, Any] | None:
    tf = sys.modules["tensorflow"]
    if isinstance(value, tf.TensorShape):
        return ["shape", None if value.rank is None else value.as_list()], None
    if isinstance(value, tf.DType):
        return ["tf-dtype", value.name], None
    # A tensor of a graph has no value, and a ragged one no array: they are sent by reference.
    if not isinstance(value, tf.Tensor) or not callable(getattr(value, "numpy", None)):
        return None
    array = None if value.dtype == tf.string else value.numpy()
    return _array(array, limit, "tensor") if isinstance(array, (np.ndarray, np.generic)) else None


def number_block(values: list) -> tuple[Header, Any] | None:
    """Return header and blob of a list of floats, or of 64-bit integers; None for others."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return ["float"], np.array(values, dtype=np.float64).tobytes()
    if kinds == {int}:
        try:
            return ["int"], np.array(values, dtype=np.int64).tobytes()
        except OverflowError:
            return None
    return None


def from_number_block(header: Any, blobs: list[Any]) -> list:
    """Return the list of a `number_block`."""
    word, index = exactly(header, list, 2)
    dtype = {"float": np.float64, "int": np.int64}[exactly(word, str)]
    return np.frombuffer(_blob(blobs, index), dtype).tolist()


def from_leaf(header: Any, blobs: list[Any]) -> Any:
    """Return the value that `to_leaf` encoded; arrays are new copies.

    Raises
    ------
    WireError
        If header and blob do not fit. (A forged header may raise other exceptions too.)
    """
    word, *rest = exactly(header, list)
    if exactly(word, str) in ("array", "tensor"):
        return _read_array(rest, blobs, word)
    if word == "objects":
        return _read_objects(*rest)
    return _SMALL[word](*rest)


def _check_size(shape: tuple[int, ...], itemsize: int) -> None:
    """Refuse an array without items whose other axes are too long.

    TensorFlow ends the process for some of them.
    """
    if math.prod(max(n, 1) for n in shape) * itemsize > _LARGEST:
        raise WireError("an array of this shape is too large")


def _read_array(header: list[Any], blobs: list[Any], word: str) -> Any:
    name, shape, fortran, writeable, index = exactly(header, list, 5)
    dtype, shape = _read_dtype(exactly(name, str)), _read_shape(shape)
    _check_size(shape, dtype.itemsize)
    blob = _blob(blobs, index)
    if math.prod(shape) * dtype.itemsize != len(blob):
        raise WireError("an array's bytes do not fill its shape")
    flat = np.frombuffer(blob, dtype) if len(blob) else np.empty(math.prod(shape), dtype)
    # A copy is aligned in its own memory, and does not keep the whole message alive.
    order = "F" if exactly(fortran, bool) else "C"
    array = _valid(flat).reshape(shape, order=order).copy(order="K")
    if word == "tensor":
        import tensorflow as tf

        return tf.constant(array)
    array.flags.writeable = exactly(writeable, bool)
    return array


def _valid(flat: np.ndarray) -> np.ndarray:
    """Return only items that NumPy could have made: booleans of 0 or 1, characters that exist."""
    if flat.dtype.kind == "b":
        return flat.view(np.uint8) != 0
    if flat.dtype.kind == "U" and flat.size:
        points = flat.view(flat.dtype.byteorder.replace("|", "=") + "u4")
        if points.max() > sys.maxunicode:
            raise WireError("a character that does not exist")
    return flat


def _read_objects(shape: Any, items: Any) -> np.ndarray:
    shape = _read_shape(shape)
    _check_size(shape, 8)
    if math.prod(shape) != len(exactly(items, list)):
        raise WireError("an array's items do not fill its shape")
    array = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):  # one by one, since NumPy would unpack lists
        array[i] = item
    return array.reshape(shape)


@functools.lru_cache(maxsize=256)
def _read_dtype(name: str) -> np.dtype:
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    if not _DTYPE.fullmatch(name):
        raise WireError("an unknown type of array elements")
    dtype = np.dtype(name)
    if dtype.itemsize == 0:  # otherwise zero bytes would fill a shape of any size
        raise WireError("array elements without a size")
    return dtype


def _read_shape(shape: Any) -> tuple[int, ...]:
    if type(shape) is not list or len(shape) > _MAX_DIMS:
        raise WireError("not a shape")
    if any(type(n) is not int or not 0 <= n < 1 << 63 for n in shape):
        raise WireError("not a shape")
    return tuple(shape)


def _blob(blobs: list[Any], index: Any) -> Any:
    """Take a blob, only once: a message cannot unfold to more arrays than it has bytes for."""
    if type(index) is not int or not 0 <= index < len(blobs) or blobs[index] is None:
        raise WireError("an array without its bytes")
    blob, blobs[index] = blobs[index], None
    return blob


def _read_scalar(name: Any, data: Any) -> np.generic:
    dtype = _read_dtype(exactly(name, str))
    if dtype.kind in "SU" or len(exactly(data, bytes)) != dtype.itemsize:
        raise WireError("not a number")
    return _valid(np.frombuffer(data, dtype))[0]


def _read_text(value: Any) -> np.generic:
    return np.bytes_(value) if type(value) is bytes else np.str_(exactly(value, str))


def _read_tf_shape(value: Any) -> Any:
    import tensorflow as tf

    if value is None:
        return tf.TensorShape(None)
    _read_shape([n for n in exactly(value, list) if n is not None])
    if len(value) > _MAX_DIMS:
        raise WireError("not a shape")
    return tf.TensorShape(value)


def _read_tf_dtype(value: Any) -> Any:
    import tensorflow as tf

    return tf.as_dtype(exactly(value, str))


_SMALL = {
    "scalar": _read_scalar,
    "text": _read_text,
    "dtype": lambda name: _read_dtype(exactly(name, str)),
    "shape": _read_tf_shape,
    "tf-dtype": _read_tf_dtype,
}
