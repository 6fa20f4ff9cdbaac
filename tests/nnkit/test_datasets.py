"""`nnkit.datasets`: the embedded digits, MNIST, the toy sets, shifted images."""

import os
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnkit import datasets

ROOT = Path(__file__).resolve().parents[2]
SPLITS = {"train": 1197, "val": 200, "test": 400}
MNIST = os.environ.get("NNKIT_MNIST") or ROOT.parent / "shared" / "data" / "mnist.npz"
THREE_WAYS = ("NNKIT_MNIST", "cache", "download")


@pytest.fixture(autouse=True)
def _no_choice_from_outside(monkeypatch):
    monkeypatch.delenv("NNKIT_DATASET", raising=False)
    monkeypatch.delenv("NNKIT_MNIST", raising=False)


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits")


# The embedded digits


@pytest.mark.parametrize(("split", "size"), SPLITS.items())
def test_digits_have_mnists_form(digits, split, size):
    x, y = getattr(digits, f"x_{split}"), getattr(digits, f"y_{split}")
    assert x.shape == (size, 28, 28)
    assert x.dtype == np.uint8
    assert y.shape == (size,)
    assert y.dtype == np.int64
    assert set(y) == set(range(10))
    assert x.min() == 0
    assert x.max() == 255


def test_no_image_is_in_two_places(digits):
    images = np.concatenate([digits.x_train, digits.x_val, digits.x_test])
    assert len({image.tobytes() for image in images}) == 1797


@pytest.mark.parametrize("split", SPLITS)
def test_classes_are_balanced(digits, split):
    share = np.bincount(getattr(digits, f"y_{split}"), minlength=10) / SPLITS[split]
    assert share.min() > 0.09
    assert share.max() < 0.11


def test_classes_are_mixed_within_a_split(digits):
    y = digits.y_train
    assert (y[1:] == y[:-1]).mean() < 0.15
    assert len(set(y[:100])) == 10


def test_every_digit_is_centred_by_mass_and_at_most_20_pixels_wide(digits):
    images = digits.x_train.astype(float)
    mass, pixel = images.sum(axis=(1, 2)), np.arange(28)
    for axis in (1, 2):
        centre = images.sum(axis=axis) @ pixel / mass
        assert np.abs(centre - 14).max() <= 0.5 + 1e-12
        assert (images > 0).any(axis=axis).sum(axis=1).max() <= 20


def test_arrays_are_read_only_and_copies_are_not(digits):
    for split in SPLITS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(digits, f"x_{split}")[0, 0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            getattr(digits, f"y_{split}")[0] = 1
    writable = digits.x_train[:2].copy()
    writable[:] = 0
    with pytest.raises(AttributeError):
        digits.name = "other"


def test_loading_twice_gives_the_same(digits):
    again = datasets.load("digits")
    np.testing.assert_array_equal(again.x_test, digits.x_test)
    np.testing.assert_array_equal(again.y_test, digits.y_test)


def test_the_environment_chooses_where_no_name_is_given(monkeypatch):
    assert datasets.load().name == "digits"
    monkeypatch.setenv("NNKIT_DATASET", "")
    assert datasets.load().name == "digits"
    monkeypatch.setenv("NNKIT_DATASET", "mnits")
    with pytest.raises(datasets.DatasetError, match=r"'mnits'.*NNKIT_DATASET.*digits, mnist"):
        datasets.load()
    assert datasets.load("digits").name == "digits"


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(datasets.DatasetError, match=r"'cifar'.*digits, mnist") as caught:
        datasets.load("cifar")
    assert "NNKIT_DATASET" not in str(caught.value)
    assert isinstance(caught.value, RuntimeError)


def test_the_repr_is_one_line(digits):
    assert repr(digits) == "Dataset('digits': 1197 train, 200 val, 400 test)"


def test_a_changed_byte_is_noticed(tmp_path, monkeypatch):
    content = bytearray(datasets.DIGITS.read_bytes())
    content[700_000] ^= 1
    damaged = tmp_path / "digits.npz"
    damaged.write_bytes(content)
    monkeypatch.setattr(datasets, "DIGITS", damaged)
    with pytest.raises(datasets.DatasetError, match=r"SHA-256.*git checkout") as caught:
        datasets.load("digits")
    assert str(damaged) in str(caught.value)


def test_a_missing_file_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "DIGITS", tmp_path / "digits.npz")
    with pytest.raises(datasets.DatasetError, match="git checkout"):
        datasets.load("digits")


def test_loading_the_digits_imports_no_framework():
    code = (
        "import sys; from nnkit import datasets; datasets.load('digits');"
        "print([m for m in ('keras', 'tensorflow', 'sklearn', 'autograder') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


def test_load_time_is_shown():
    times = []
    for _ in range(5):
        start = time.perf_counter()
        datasets.load("digits")
        times.append(1e3 * (time.perf_counter() - start))
    print(f"load('digits'): {times[0]:.1f} ms, best of 5 {min(times):.1f} ms")


# MNIST


@pytest.fixture(scope="module")
def mnist_arrays():
    """Arrays of MNIST's shapes, each image marked by its number."""
    arrays = {key: np.zeros(shape, np.uint8) for key, shape in datasets.MNIST_SHAPES.items()}
    for split in ("train", "test"):
        number = np.arange(len(arrays[f"y_{split}"]))
        arrays[f"x_{split}"][:, 0, 0], arrays[f"x_{split}"][:, 0, 1] = number % 251, number // 251
        arrays[f"y_{split}"] = (number * 7 % 10).astype(np.uint8)
    return arrays


@pytest.fixture(scope="module")
def mnist_file(mnist_arrays, tmp_path_factory):
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez_compressed(path, **mnist_arrays)
    return path


def _assert_split(d, arrays):
    assert d.name == "mnist"
    np.testing.assert_array_equal(d.x_train, arrays["x_train"][:50_000])
    np.testing.assert_array_equal(d.y_train, arrays["y_train"][:50_000])
    np.testing.assert_array_equal(d.x_val, arrays["x_train"][50_000:])
    np.testing.assert_array_equal(d.y_val, arrays["y_train"][50_000:])
    np.testing.assert_array_equal(d.x_test, arrays["x_test"])
    np.testing.assert_array_equal(d.y_test, arrays["y_test"])
    assert d.x_val.dtype == np.uint8
    assert d.y_val.dtype == np.int64
    assert not d.x_train.flags.writeable


def _fake_keras(monkeypatch, load_data):
    """Stand in for Keras, whose import takes seconds."""
    mnist = types.SimpleNamespace(load_data=load_data)
    fakes = types.ModuleType("keras"), types.ModuleType("keras.datasets")
    fakes[1].mnist = mnist
    monkeypatch.setitem(sys.modules, "keras", fakes[0])
    monkeypatch.setitem(sys.modules, "keras.datasets", fakes[1])


def test_mnist_from_a_file_does_not_ask_keras(monkeypatch, mnist_arrays, mnist_file):
    def load_data():
        raise AssertionError("Keras was asked")

    _fake_keras(monkeypatch, load_data)
    monkeypatch.setenv("NNKIT_MNIST", str(mnist_file))
    monkeypatch.setenv("NNKIT_DATASET", "mnist")
    _assert_split(datasets.load(), mnist_arrays)


def test_mnist_through_keras(monkeypatch, mnist_arrays):
    a = {key: value.copy() for key, value in mnist_arrays.items()}
    loaded = (a["x_train"], a["y_train"]), (a["x_test"], a["y_test"])
    _fake_keras(monkeypatch, lambda: loaded)
    _assert_split(datasets.load("mnist"), mnist_arrays)


@pytest.mark.parametrize("error", [Exception("URL fetch failure"), OSError("no space left")])
def test_mnist_nowhere_names_all_three_ways(monkeypatch, error):
    def load_data():
        raise error

    _fake_keras(monkeypatch, load_data)
    with pytest.raises(datasets.DatasetError) as caught:
        datasets.load("mnist")
    assert all(way in str(caught.value) for way in (*THREE_WAYS, str(error)))


def test_mnist_without_keras_names_all_three_ways(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setitem(sys.modules, "keras.datasets", None)
    with pytest.raises(datasets.DatasetError) as caught:
        datasets.load("mnist")
    assert all(way in str(caught.value) for way in THREE_WAYS)


def test_a_missing_mnist_file_is_an_error_and_no_other_way_is_tried(monkeypatch, tmp_path):
    _fake_keras(monkeypatch, lambda: pytest.fail("Keras was asked"))
    monkeypatch.setenv("NNKIT_MNIST", str(tmp_path / "nowhere.npz"))
    with pytest.raises(datasets.DatasetError, match="which does not exist") as caught:
        datasets.load("mnist")
    assert all(part in str(caught.value) for part in (*THREE_WAYS, "nowhere.npz"))


def _write_text(path, arrays):
    path.write_text("not an archive")


def _write_nothing(path, arrays):
    path.write_bytes(b"")


def _write_folder(path, arrays):
    path.mkdir()


def _write_one_array(path, arrays):
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def _write_cut_off(path, arrays):
    np.savez(path, x_train=np.zeros((100, 28, 28)))
    path.write_bytes(path.read_bytes()[:5000])


def _write_damaged(path, arrays):
    np.savez_compressed(path, **arrays)
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)


def _write_without_tests(path, arrays):
    np.savez(path, x_train=arrays["x_test"], y_train=arrays["y_test"])


def _write_swapped(path, arrays):
    swapped = {"x_test": arrays["x_train"], "x_train": arrays["x_test"]}
    np.savez_compressed(path, **{**arrays, **swapped})


def _write_floats(path, arrays):
    np.savez_compressed(path, **{**arrays, "x_test": arrays["x_test"].astype(np.float32)})


def _write_pickles(path, arrays):
    np.savez_compressed(path, **{**arrays, "y_test": np.array([{}] * 10_000, dtype=object)})


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (_write_text, "cannot be read"),
        (_write_nothing, "cannot be read"),
        (_write_folder, "cannot be read"),
        (_write_cut_off, "cannot be read"),
        (_write_damaged, "cannot be read"),
        (_write_pickles, "cannot be read"),
        (_write_one_array, "lacks one of x_train"),
        (_write_without_tests, "lacks one of x_train"),
        (
            _write_swapped,
            r"x_train is uint8 \(10000, 28, 28\), but must be uint8 \(60000,",
        ),
        (_write_floats, "x_test is float32"),
    ],
)
def test_a_wrong_mnist_file_is_explained(monkeypatch, tmp_path, mnist_arrays, write, says):
    path = tmp_path / "wrong.npz"
    write(path, mnist_arrays)
    monkeypatch.setenv("NNKIT_MNIST", str(path))
    with pytest.raises(datasets.DatasetError, match=says) as caught:
        datasets.load("mnist")
    assert "wrong.npz, which is not MNIST" in str(caught.value)
    assert all(way in str(caught.value) for way in THREE_WAYS)


def test_real_mnist(monkeypatch):
    path = Path(MNIST)
    if not path.exists():
        pytest.skip("set NNKIT_MNIST to an mnist.npz to run this test")
    monkeypatch.setenv("NNKIT_MNIST", str(path))
    d = datasets.load("mnist")
    assert repr(d) == "Dataset('mnist': 50000 train, 10000 val, 10000 test)"
    assert d.y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert d.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert 0.12 < d.x_val.mean() / 255 < 0.14


@pytest.mark.slow
def test_real_keras_offline_names_all_three_ways(tmp_path):
    nowhere = "http://127.0.0.1:9"
    environment = {
        **os.environ,
        "KERAS_HOME": str(tmp_path),
        "https_proxy": nowhere,
        "HTTPS_PROXY": nowhere,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    environment.pop("NNKIT_MNIST", None)
    code = "from nnkit import datasets; datasets.load('mnist')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "DatasetError: Keras could not load MNIST" in done.stderr
    assert all(way in done.stderr for way in THREE_WAYS)


# Toy sets


@pytest.mark.parametrize("name", datasets.TOYS)
@pytest.mark.parametrize("n", [2, 7, 100])
def test_toy_sets_have_their_form(name, n):
    x, y = datasets.toy(name, n, seed=3)
    assert x.shape == (n, 2)
    assert x.dtype == np.float64
    assert np.isfinite(x).all()
    assert y.shape == (n,)
    assert y.dtype == np.int64
    assert y.sum() == n // 2
    assert set(y) == {0, 1}


@pytest.mark.parametrize("name", datasets.TOYS)
def test_a_seed_decides_the_points(name):
    first, again, other = (datasets.toy(name, 50, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("seed", range(5))
def test_a_perceptron_separates_separable_and_needs_its_bias(seed):
    x, y = datasets.toy("separable", 200, seed)
    assert _perceptron_mistakes(np.c_[x, np.ones(len(x))], y) == 0
    assert _perceptron_mistakes(x, y) > 0
    distance = x @ [0.6, 0.8] - 0.5
    np.testing.assert_array_equal(distance > 0, y == 1)
    assert np.abs(distance).min() >= 0.25 - 1e-12


def _perceptron_mistakes(x, y, epochs=300):
    """Mistakes in the last epoch of the perceptron's learning rule."""
    w = np.zeros(x.shape[1])
    mistakes = len(y)
    for _ in range(epochs):
        mistakes = 0
        for point, label in zip(x, y, strict=True):
            error = label - int(w @ point > 0)
            w += error * point
            mistakes += error != 0
        if mistakes == 0:
            break
    return mistakes


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["xor", "rings"])
def test_no_line_separates_xor_or_rings(name, seed):
    """The origin lies within the convex hull of both classes."""
    x, y = datasets.toy(name, 80, seed)
    for label in (0, 1):
        angles = np.sort(np.arctan2(x[y == label, 1], x[y == label, 0]))
        gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
        assert gaps.max() < np.pi


def test_xor_is_xor_of_the_signs_in_equal_quadrants():
    x, y = datasets.toy("xor", 80, seed=0)
    np.testing.assert_array_equal((x[:, 0] > 0) ^ (x[:, 1] > 0), y == 1)
    assert np.abs(x).min() >= 0.1
    quadrants = np.bincount(2 * (x[:, 0] > 0) + (x[:, 1] > 0))
    assert quadrants.tolist() == [20, 20, 20, 20]


@pytest.mark.parametrize("name", ["rings", "moons"])
def test_neighbours_can_tell_what_a_line_cannot(name):
    x, y = datasets.toy(name, 300, seed=0)
    x_new, y_new = datasets.toy(name, 300, seed=1)
    nearest = ((x_new[:, None] - x[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (y[nearest] == y_new).mean() > 0.98
    padded = np.c_[x, np.ones(len(x))]
    line = np.linalg.lstsq(padded, 2.0 * y - 1, rcond=None)[0]
    assert ((padded @ line > 0) == (y == 1)).mean() < 0.95


def test_toy_errors():
    with pytest.raises(datasets.DatasetError, match=r"'spiral'.*separable, xor, rings, moons"):
        datasets.toy("spiral", 10, 0)
    with pytest.raises(ValueError, match="n is 1"):
        datasets.toy("xor", 1, 0)
    with pytest.raises(TypeError, match="integer"):
        datasets.toy("xor", 10.5, 0)


# Shifts


def _shift_by_loops(images, dy, dx, fill):
    """Read every pixel from where it came, one at a time, for a batch (N, H, W)."""
    result = np.full_like(images, fill)
    for (n, row, column), _ in np.ndenumerate(images):
        if 0 <= row - dy < images.shape[1] and 0 <= column - dx < images.shape[2]:
            result[n, row, column] = images[n, row - dy, column - dx]
    return result


@given(
    shape=st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(1, 5)),
    dy=st.integers(-9, 9),
    dx=st.integers(-9, 9),
    fill=st.integers(0, 255),
    dtype=st.sampled_from([np.uint8, np.int64, np.float32, np.float64]),
    seed=st.integers(0, 1000),
)
@settings(deadline=None)
def test_shift_agrees_with_loops(shape, dy, dx, fill, dtype, seed):
    images = np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)
    before = images.copy()
    shifted = datasets.shift(images, dy, dx, fill)
    np.testing.assert_array_equal(shifted, _shift_by_loops(images, dy, dx, fill))
    assert shifted.dtype == dtype
    np.testing.assert_array_equal(images, before)
    assert not np.shares_memory(shifted, images)
    channels = datasets.shift(np.stack([images, images + 1], axis=-1), dy, dx, fill)
    np.testing.assert_array_equal(channels[..., 0], shifted)
    for image, expected in zip(images, shifted, strict=True):
        np.testing.assert_array_equal(datasets.shift(image, dy, dx, fill), expected)


@given(dy=st.integers(-12, 12), dx=st.integers(-12, 12))
@settings(deadline=None)
def test_shifting_there_and_back_loses_only_the_edge(dy, dx):
    images = np.arange(1, 2 * 9 * 7 + 1).reshape(2, 9, 7)
    back = datasets.shift(datasets.shift(images, dy, dx), -dy, -dx)
    kept = back != 0
    np.testing.assert_array_equal(back[kept], images[kept])
    assert kept.sum() == 2 * max(9 - abs(dy), 0) * max(7 - abs(dx), 0)


def test_positive_is_down_and_right():
    image = np.zeros((4, 5), np.uint8)
    image[1, 1] = 9
    assert np.argwhere(datasets.shift(image, 2, 1)).tolist() == [[3, 2]]
    assert np.argwhere(datasets.shift(image, -1, -1)).tolist() == [[0, 0]]
    assert not datasets.shift(image, -2, 0).any()
    assert (datasets.shift(image, 0, 5, fill=7) == 7).all()


def test_a_shift_by_nothing_is_a_copy(digits):
    images = digits.x_test[:3]
    shifted = datasets.shift(images, 0, 0)
    np.testing.assert_array_equal(shifted, images)
    assert shifted.flags.writeable


def test_numpy_integers_and_lists_are_welcome():
    assert datasets.shift([[1, 2], [3, 4]], np.int64(1), np.uint8(0)).tolist() == [[0, 0], [1, 2]]


@pytest.mark.parametrize(("dy", "dx"), [(1.0, 0), (0, 0.5), ("1", 0), (None, 1)])
def test_shift_moves_by_whole_pixels(dy, dx):
    with pytest.raises(TypeError, match="integers"):
        datasets.shift(np.zeros((3, 3)), dy, dx)


@pytest.mark.parametrize("shape", [(), (9,), (1, 2, 3, 4, 5)])
def test_shift_needs_images(shape):
    with pytest.raises(ValueError, match=r"\(N, H, W\)"):
        datasets.shift(np.zeros(shape), 1, 1)


@pytest.mark.parametrize("fill", [-1, 256, 0.5, float("nan")])
def test_fill_must_fit_the_dtype(fill):
    with pytest.raises(ValueError, match="fill="):
        datasets.shift(np.zeros((3, 3), np.uint8), 1, 1, fill)


def test_fill_may_be_anything_in_float_images():
    assert datasets.shift(np.ones((2, 1)), 1, 0, -0.5).tolist() == [[-0.5], [1.0]]
    assert np.isnan(datasets.shift(np.ones((2, 1)), 1, 0, float("nan"))[0, 0])


# What the digits are for


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_dense_network_learns_the_digits_and_fails_on_shifted_ones(digits, seed):
    predict = _train_dense(digits.x_train / 255, digits.y_train, seed)
    accuracy = (predict(digits.x_test / 255) == digits.y_test).mean()
    moved = datasets.shift(digits.x_test, -2, -2)
    shifted = (predict(moved / 255) == digits.y_test).mean()
    print(f"seed {seed}: {accuracy:.4f} on the test split, {shifted:.4f} two pixels up and left")
    assert accuracy >= 0.95
    assert shifted < 0.35


def _train_dense(images, labels, seed, epochs=30, eta=0.5, batch=10):
    """Train 784-30-10 (sigmoid, softmax, cross-entropy) by stochastic gradient descent."""
    rng = np.random.default_rng(seed)
    x, onehot = images.reshape(len(images), -1), np.eye(10)[labels]
    W1, b1 = rng.normal(0, 1 / 28, (30, 784)), np.zeros(30)
    W2, b2 = rng.normal(0, 30**-0.5, (10, 30)), np.zeros(10)

    def forward(x):
        a = 1 / (1 + np.exp(-(x @ W1.T + b1)))
        z = a @ W2.T + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        return a, p / p.sum(axis=1, keepdims=True)

    for _ in range(epochs):
        shuffled = rng.permutation(len(x))
        for chosen in np.split(shuffled, range(batch, len(x), batch)):
            a, p = forward(x[chosen])
            delta2 = (p - onehot[chosen]) / len(chosen)
            delta1 = delta2 @ W2 * a * (1 - a)
            W2 -= eta * delta2.T @ a
            b2 -= eta * delta2.sum(axis=0)
            W1 -= eta * delta1.T @ x[chosen]
            b1 -= eta * delta1.sum(axis=0)
    return lambda images: forward(images.reshape(len(images), -1))[1].argmax(axis=1)
