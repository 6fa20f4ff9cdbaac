# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-learn==1.9.1", "numpy==2.4.6"]
# ///
"""Make ``digits.npz``: the UCI digits in MNIST's form, the same bytes on every machine.

Run it with ``make digits``, or ``uv run --script datasets/make_digits.py``: the block above is
the one place that states the versions, and uv gives the script an environment of its own.
scikit-learn is never installed together with Keras, which would import it at every start.

Everything is integer arithmetic, the split follows a hash, and the archive has fixed dates and
attributes. So neither the platform nor a random number generator can change a byte.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np

RAW = 8  # side of the source's images, grey levels 0..16
BOX = 20  # side of the box that the digit is scaled into
SIDE = 28  # side of the result
SPLITS = {"train": 1197, "val": 200, "test": 400}


def bilinear_weights() -> np.ndarray:
    """Return the weights, in tenths, that scale 8 pixels to 20.

    Pixel ``i`` of 20 has its centre at ``(i + ½)·8/20 − ½ = (4i − 3)/10`` on the grid of 8.
    Outside the edge there is background, as in the 28×28 image.

    Returns
    -------
    numpy.ndarray
        Shape ``(20, 8)``, int64. A row sums to 10, or to less at the edge.
    """
    position = 4 * np.arange(BOX)[:, None] - 3
    distance = np.abs(position - 10 * np.arange(RAW)[None, :])
    return np.maximum(10 - distance, 0)


def scale(images: np.ndarray) -> np.ndarray:
    """Scale ``(N, 8, 8)`` integers 0..16 to ``(N, 20, 20)`` integers 0..255, bilinearly.

    The weights are hundredths (tenths in each direction) of levels of 1/16, hence the 1600;
    halves are rounded up.
    """
    weights = bilinear_weights()
    return (weights @ images @ weights.T * 255 + 800) // 1600


def centre(images: np.ndarray) -> np.ndarray:
    """Place ``(N, 20, 20)`` images in ``(N, 28, 28)`` uint8, centre of mass closest to (14, 14).

    MNIST does the same: its images have their centre of mass at (14.0, 14.0) on average.
    """
    mass = images.sum(axis=(1, 2))
    inside = np.arange(BOX)

    def corner(profile: np.ndarray) -> np.ndarray:
        """Return the offset closest to 14 − Σiv/Σv, in exact integers; shape ``(N,)``."""
        return (2 * (SIDE // 2 * mass - profile @ inside) + mass) // (2 * mass)

    top, left = corner(images.sum(axis=2)), corner(images.sum(axis=1))
    if min(top.min(), left.min()) < 0 or max(top.max(), left.max()) > SIDE - BOX:
        raise ValueError("centring would cut a digit off: is this the expected source?")
    result = np.zeros((len(images), SIDE, SIDE), dtype=np.uint8)
    rows = top[:, None, None] + inside[None, :, None]
    columns = left[:, None, None] + inside[None, None, :]
    result[np.arange(len(images))[:, None, None], rows, columns] = images
    return result


def every(n: int, k: int) -> np.ndarray:
    """Return a boolean array of shape ``(n,)`` with ``k`` True elements, evenly spread."""
    steps = np.arange(n + 1) * k // n
    return steps[1:] != steps[:-1]


def split(raw: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the indices of each split, with every class divided evenly.

    The order within a class, and then within a split, is that of the SHA-256 of the source's
    64 bytes: a shuffle that depends only on the images.
    """
    digests = [hashlib.sha256(image.tobytes()).digest() for image in raw.astype(np.uint8)]
    if len(set(digests)) != len(raw) or len(raw) != sum(SPLITS.values()):
        raise ValueError(f"expected {sum(SPLITS.values())} different images: is this the source?")
    by_class = np.array(sorted(range(len(raw)), key=lambda i: (labels[i], digests[i])))
    test = every(len(raw), SPLITS["test"])
    rest = by_class[~test]
    val = every(len(rest), SPLITS["val"])
    chosen = {"train": rest[~val], "val": rest[val], "test": by_class[test]}
    return {name: np.array(sorted(c, key=lambda i: digests[i])) for name, c in chosen.items()}


def archive(arrays: dict[str, np.ndarray]) -> bytes:
    """Return the bytes of an uncompressed ``.npz``.

    ``numpy.savez`` also uses fixed dates, but records the operating system; this does not.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0))
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            file.writestr(entry, member.getvalue())
    return buffer.getvalue()


def make() -> bytes:
    """Return the bytes of ``digits.npz``."""
    from sklearn.datasets import load_digits

    source = load_digits()
    raw, labels = source.images.astype(np.int64), source.target.astype(np.uint8)
    images = centre(scale(raw))
    arrays = {}
    for name, chosen in split(raw, labels).items():
        arrays[f"x_{name}"], arrays[f"y_{name}"] = images[chosen], labels[chosen]
    return archive(arrays)


def main() -> None:
    """Write the file and print its checksum."""
    arguments = argparse.ArgumentParser(description="Make digits.npz.")
    default = Path(__file__).resolve().with_name("digits.npz")
    arguments.add_argument("--output", type=Path, default=default, help="file to write")
    output = arguments.parse_args().output
    content = make()
    output.write_bytes(content)
    print(f"{output}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
