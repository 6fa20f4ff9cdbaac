"""`datasets/make_digits.py`: the file is made again byte for byte, as its page says."""

import hashlib
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from nnkit import datasets
from tests.support import require

FOLDER = Path(__file__).resolve().parents[2] / "datasets"
SCRIPT = FOLDER / "make_digits.py"


@pytest.fixture(scope="module")
def make_digits():
    spec = importlib.util.spec_from_file_location("make_digits", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _script(*arguments):
    """Run the script as `make digits` does."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    require(uv is not None, "uv is not installed")
    command = [uv, "run", "--quiet", "--python", sys.executable, "--script", SCRIPT, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_the_script_makes_the_same_bytes(tmp_path):
    prepared = _script("--help")
    last = (prepared.stderr.strip().splitlines() or [""])[-1]
    require(prepared.returncode == 0, f"uv could not install scikit-learn: {last}")
    again = tmp_path / "digits.npz"
    done = _script("--output", again)
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == (FOLDER / "digits.npz").read_bytes()
    assert datasets.DIGITS_SHA256 in done.stdout


def test_the_file_is_small_uncompressed_and_undated():
    path = FOLDER / "digits.npz"
    assert path.stat().st_size < 1500 * 1024
    with zipfile.ZipFile(path) as file:
        for entry in file.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def test_the_package_and_the_folder_hold_one_file():
    assert datasets.DIGITS.read_bytes() == (FOLDER / "digits.npz").read_bytes()


def test_the_readme_states_the_checksum_and_the_class_counts():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256((FOLDER / "digits.npz").read_bytes()).hexdigest() in text
    digits = datasets.load("digits")
    for split in ("train", "val", "test"):
        labels = getattr(digits, f"y_{split}")
        counts = [len(labels), *np.bincount(labels)]
        row = r"\s*\|\s*".join(str(count) for count in counts)
        assert re.search(rf"\|\s*`{split}`\s*\|\s*{row}\s*\|", text), f"the row of {split}"


def test_versions_are_exact_and_scikit_learn_is_not_installed_beside_keras():
    header = SCRIPT.read_text(encoding="utf-8").split('"""')[0]
    packages = re.findall(r'"([a-z-]+)==[\d.]+"', header)
    assert packages == ["scikit-learn", "numpy"]
    assert importlib.util.find_spec("sklearn") is None


def test_scaling_is_bilinear_in_exact_arithmetic(make_digits):
    rng = np.random.default_rng(0)
    raw = rng.integers(0, 17, (2, 8, 8))
    scaled = make_digits.scale(raw)
    padded = np.pad(raw, ((0, 0), (1, 1), (1, 1)))
    for n, row, column in [(0, 0, 0), (0, 0, 19), (1, 19, 7), (0, 10, 10), (1, 3, 16), (1, 8, 1)]:
        y, x = (Fraction(2 * i + 1, 5) + Fraction(1, 2) for i in (row, column))
        top, left = int(y), int(x)
        v, u = y - top, x - left
        a, b = padded[n, top, left : left + 2].tolist()
        c, d = padded[n, top + 1, left : left + 2].tolist()
        level = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d)
        assert scaled[n, row, column] == int(level * Fraction(255, 16) + Fraction(1, 2))


def test_full_ink_stays_full(make_digits):
    scaled = make_digits.scale(np.full((1, 8, 8), 16))
    assert scaled.max() == 255
    assert (scaled[0, 2:-2, 2:-2] == 255).all()


def test_centring_keeps_every_pixel(make_digits):
    image = np.zeros((1, 20, 20), np.int64)
    image[0, 6, 9], image[0, 6, 11] = 200, 100
    centred = make_digits.centre(image)
    assert np.argwhere(centred[0]).tolist() == [[14, 13], [14, 15]]
    assert centred[0, 14, 13] == 200


def test_centring_refuses_to_cut_a_digit(make_digits):
    image = np.zeros((1, 20, 20), np.int64)
    image[0, 0, 0] = 1
    with pytest.raises(ValueError, match="cut"):
        make_digits.centre(image)


def test_every_marks_as_many_as_asked_and_spreads_them(make_digits):
    for n, k in [(10, 3), (1797, 400), (5, 5), (7, 0)]:
        marked = make_digits.every(n, k)
        assert marked.shape == (n,)
        assert marked.sum() == k
    assert np.diff(np.flatnonzero(make_digits.every(1797, 400))).max() <= 5


def test_the_split_does_not_depend_on_the_order_of_the_source(make_digits):
    rng = np.random.default_rng(0)
    raw, labels = rng.integers(0, 17, (1797, 8, 8)), rng.integers(0, 10, 1797)
    shuffled = rng.permutation(1797)
    first, second = (
        make_digits.split(raw, labels),
        make_digits.split(raw[shuffled], labels[shuffled]),
    )
    for name, size in make_digits.SPLITS.items():
        assert len(first[name]) == size
        np.testing.assert_array_equal(raw[first[name]], raw[shuffled][second[name]])
    everything = np.concatenate(list(first.values()))
    assert sorted(everything) == list(range(1797))


def test_a_repeated_or_missing_image_is_refused(make_digits):
    raw, labels = np.arange(1797 * 64).reshape(1797, 8, 8) % 251, np.zeros(1797, int)
    with pytest.raises(ValueError, match="different images"):
        make_digits.split(raw[:-1], labels[:-1])
    raw[1] = raw[0]
    with pytest.raises(ValueError, match="different images"):
        make_digits.split(raw, labels)


def test_the_archive_is_an_npz(make_digits):
    arrays = {"a": np.arange(6, dtype=np.uint8).reshape(2, 3), "b": np.zeros(0, np.uint8)}
    content = make_digits.archive(arrays)
    assert content == make_digits.archive(arrays)
    with np.load(io.BytesIO(content)) as file:
        assert set(file) == {"a", "b"}
        np.testing.assert_array_equal(file["a"], arrays["a"])
