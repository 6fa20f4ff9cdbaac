"""Data for the notebooks: the embedded digits, MNIST, the 2-D toy sets, and shifted images.

Images are uint8, 0 to 255; the notebooks scale them themselves, visibly, with ``x / 255``.
"""

from __future__ import annotations

import hashlib
import io
import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DIGITS = Path(__file__).resolve().parent / "data" / "digits.npz"
DIGITS_SHA256 = "d63bbb5cfd4d2cf5eda3322eab9575e3bc9b58c6aa735f6b860e96fe21342836"
NAMES = ("digits", "mnist")
TOYS = ("separable", "xor", "rings", "moons")
MNIST_SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}
MNIST_VALIDATION = 10_000
MNIST_WAYS = """There are three ways to get MNIST:
 1. set NNKIT_MNIST to a file in the layout of keras.datasets.mnist (mnist.npz);
 2. put that file into Keras' cache, as ~/.keras/datasets/mnist.npz;
 3. call load("mnist") with a network connection: Keras then downloads it.
Without it, every topic runs on the embedded digits: load("digits")."""


class DatasetError(RuntimeError):
    """Data that is not available; the message says what to do."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images of digits and their labels, in three fixed splits.

    All arrays are read-only, so that no line can change the data by accident;
    ``d.x_train.copy()`` can be written.

    Attributes
    ----------
    name : str
        ``"digits"`` or ``"mnist"``.
    x_train, x_val, x_test : numpy.ndarray
        Images, shape ``(N, 28, 28)``, uint8, 0 (background) to 255 (ink).
    y_train, y_val, y_test : numpy.ndarray
        Labels 0 to 9, shape ``(N,)``, int64.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    def __repr__(self) -> str:
        sizes = f"{len(self.y_train)} train, {len(self.y_val)} val, {len(self.y_test)} test"
        return f"Dataset({self.name!r}: {sizes})"


def load(name: str | None = None) -> Dataset:
    """Load the digits that come with the course, or MNIST.

    Parameters
    ----------
    name : {"digits", "mnist"}, optional
        Default: the environment variable ``NNKIT_DATASET``, or ``"digits"`` if it is not set.

    Returns
    -------
    Dataset
        ``"digits"``: 1197 training, 200 validation and 400 test images, offline.
        ``"mnist"``: 50 000, 10 000 (the last of the training images) and 10 000.

    Raises
    ------
    DatasetError
        If the name is unknown, the embedded file is damaged, or MNIST is not available.
    """
    given = name if name is not None else os.environ.get("NNKIT_DATASET") or "digits"
    if given == "digits":
        return _digits()
    if given == "mnist":
        return _mnist()
    source = "" if name is not None else " (from the environment variable NNKIT_DATASET)"
    raise DatasetError(f"There is no data set {given!r}{source}: use one of {', '.join(NAMES)}.")


def _digits() -> Dataset:
    """Read the embedded digits and verify their checksum."""
    remedy = (
        "Restore it with `git checkout -- datasets/digits.npz nnkit/data/digits.npz` in the "
        "course's folder, or install nnkit again."
    )
    try:
        content = DIGITS.read_bytes()
    except OSError as error:
        raise DatasetError(f"The digits cannot be read from {DIGITS}: {error}. {remedy}") from error
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        raise DatasetError(
            f"The digits in {DIGITS} are not the published ones (wrong SHA-256). {remedy}"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return _dataset("digits", arrays)


def _mnist() -> Dataset:
    """Take MNIST from the file that ``NNKIT_MNIST`` names, else through Keras."""
    path = os.environ.get("NNKIT_MNIST")
    arrays = _mnist_from_file(Path(path).expanduser()) if path else _mnist_from_keras()
    cut = len(arrays["y_train"]) - MNIST_VALIDATION
    arrays["x_val"], arrays["y_val"] = arrays["x_train"][cut:], arrays["y_train"][cut:]
    arrays["x_train"], arrays["y_train"] = arrays["x_train"][:cut], arrays["y_train"][:cut]
    return _dataset("mnist", arrays)


def _mnist_from_file(path: Path) -> dict[str, np.ndarray]:
    """Read a file in the layout of ``keras.datasets.mnist``."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in MNIST_SHAPES}
    except FileNotFoundError as error:
        missing = f"NNKIT_MNIST names {path}, which does not exist."
        raise DatasetError(f"{missing}\n{MNIST_WAYS}") from error
    except (KeyError, TypeError) as error:
        raise _wrong_mnist(path, f"it lacks one of {', '.join(MNIST_SHAPES)}") from error
    # A damaged archive fails in as many ways as zipfile, zlib and NumPy's header parser have.
    except Exception as error:
        raise _wrong_mnist(path, f"it cannot be read as an .npz file ({error})") from error
    for key, shape in MNIST_SHAPES.items():
        if arrays[key].shape != shape or arrays[key].dtype != np.uint8:
            found = f"{arrays[key].dtype} {arrays[key].shape}"
            raise _wrong_mnist(path, f"{key} is {found}, but must be uint8 {shape}")
    return arrays


def _wrong_mnist(path: Path, why: str) -> DatasetError:
    return DatasetError(f"NNKIT_MNIST names {path}, which is not MNIST: {why}.\n{MNIST_WAYS}")


def _mnist_from_keras() -> dict[str, np.ndarray]:
    """Let Keras find MNIST in its cache or download it."""
    try:
        from keras.datasets import mnist

        (x_train, y_train), (x_test, y_test) = mnist.load_data()
    # Keras raises a bare Exception when a download fails, and others for a damaged cache.
    except Exception as error:
        raise DatasetError(f"Keras could not load MNIST: {error}\n{MNIST_WAYS}") from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _dataset(name: str, arrays: Mapping[str, np.ndarray]) -> Dataset:
    """Freeze the arrays; labels become int64, so that ``y - 1`` and ``-y`` are right."""
    frozen = {}
    for split in ("train", "val", "test"):
        images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"].astype(np.int64)
        images.flags.writeable = labels.flags.writeable = False
        frozen[f"x_{split}"], frozen[f"y_{split}"] = images, labels
    return Dataset(name, **frozen)


def toy(name: str, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a two-class set of points in the plane, half of them in each class.

    Parameters
    ----------
    name : {"separable", "xor", "rings", "moons"}
        ``separable``: the line 0.6 x₁ + 0.8 x₂ = 0.5 separates the classes; every point is at least
        0.25 from it. The origin is in class 0, so a bias is needed.
        ``xor``: class 1 where the signs of x₁ and x₂ differ; no point is within 0.1 of an axis.
        ``rings``: a ring of radius 0.5 (class 0) inside one of radius 1.
        ``moons``: two interleaved half circles.
    n : int
        Number of points, at least 2.
    seed : int
        The same seed gives the same points.

    Returns
    -------
    x : numpy.ndarray
        Points, shape ``(n, 2)``, float64.
    y : numpy.ndarray
        Labels 0 and 1 in random order, shape ``(n,)``, int64.

    Raises
    ------
    DatasetError
        If the name is unknown.
    ValueError
        If ``n`` is less than 2.
    TypeError
        If ``n`` is not an integer.
    """
    if name not in TOYS:
        raise DatasetError(f"There is no toy set {name!r}: use one of {', '.join(TOYS)}.")
    if operator.index(n) < 2:
        raise ValueError(f"A toy set needs at least 2 points, one of each class; n is {n}.")
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n, dtype=np.int64) % 2)
    if name == "separable":
        return _separable(y, rng), y
    if name == "xor":
        return _xor(y, rng), y
    angle = rng.uniform(0.0, 2 * np.pi if name == "rings" else np.pi, n)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    if name == "rings":
        x = circle * np.where(y == 1, 1.0, 0.5)[:, None]
        return x + rng.normal(0.0, 0.06, x.shape), y
    x = np.where(y[:, None] == 1, [1.0, 0.5] - circle, circle)
    return x + rng.normal(0.0, 0.1, x.shape), y


def _separable(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points at a distance of 0.25 to 1.5 from the line, on the side that the label says."""
    normal, along = np.array([0.6, 0.8]), np.array([-0.8, 0.6])
    distance = np.where(y == 1, 1.0, -1.0) * rng.uniform(0.25, 1.5, len(y))
    position = rng.uniform(-1.5, 1.5, len(y))
    return (0.5 + distance)[:, None] * normal + position[:, None] * along


def _xor(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Points in the four quadrants, equally many; the signs differ where the label is 1."""
    rank = np.where(y == 1, np.cumsum(y), np.cumsum(1 - y))
    first = np.where(rank % 2 == 0, 1.0, -1.0)
    signs = np.stack([first, first * np.where(y == 1, -1.0, 1.0)], axis=1)
    return signs * rng.uniform(0.1, 1.0, signs.shape)


def shift(images: np.ndarray, dy: int, dx: int, fill: float = 0) -> np.ndarray:
    """Move images by whole pixels; pixels that leave are lost, pixels that enter are ``fill``.

    Parameters
    ----------
    images : array_like
        One image ``(H, W)``, a batch ``(N, H, W)``, or a batch with channels ``(N, H, W, C)``.
        Flattened images are not accepted: shift first, then flatten.
    dy, dx : int
        Pixels down and to the right; negative is up and to the left.
    fill : float, optional
        Value of the pixels that enter, within the images' dtype.

    Returns
    -------
    numpy.ndarray
        A new array of the same shape and dtype.

    Raises
    ------
    TypeError
        If ``dy`` or ``dx`` is not an integer.
    ValueError
        If the images have another number of axes, or their dtype cannot hold ``fill``.
    """
    images = np.asarray(images)
    if images.ndim not in (2, 3, 4):
        raise ValueError(
            f"shift takes images of shape (H, W), (N, H, W) or (N, H, W, C), not {images.shape}."
        )
    try:
        dy, dx = operator.index(dy), operator.index(dx)
    except TypeError:
        raise TypeError(
            f"shift moves by whole pixels: dy and dx must be integers, not {dy!r} and {dx!r}."
        ) from None
    result = np.full(images.shape, _fitting(fill, images.dtype), images.dtype)
    first = 0 if images.ndim == 2 else 1
    lead = (slice(None),) * first
    to_rows, from_rows = _overlap(images.shape[first], dy)
    to_columns, from_columns = _overlap(images.shape[first + 1], dx)
    result[(*lead, to_rows, to_columns)] = images[(*lead, from_rows, from_columns)]
    return result


def _overlap(size: int, step: int) -> tuple[slice, slice]:
    """Return where, along one axis, the pixels that stay in view go to and come from."""
    kept = max(size - abs(step), 0)
    low, high = slice(0, kept), slice(size - kept, size)
    return (high, low) if step >= 0 else (low, high)


def _fitting(fill: float, dtype: np.dtype) -> np.ndarray:
    """Return ``fill`` in ``dtype``, or raise if a type of whole numbers would change it."""
    if dtype.kind in "biu":
        limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if not limits[0] <= fill <= limits[1] or fill != int(fill):
            raise ValueError(f"Images of type {dtype} cannot hold the value fill={fill!r}.")
    return np.asarray(fill, dtype)
