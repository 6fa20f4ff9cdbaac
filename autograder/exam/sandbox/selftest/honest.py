"""Work of an honest notebook, done inside the real sandbox."""

from __future__ import annotations

import getpass
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Need = Callable[[], str]
NEEDS: dict[str, Need] = {}


def _need(what: str) -> Callable[[Need], Need]:
    def register(function: Need) -> Need:
        NEEDS[what] = function
        return function

    return register


def do_all(_facts: Mapping[str, Any]) -> list[tuple[str, bool, str]]:
    """Do all work; return each one's sentence, whether it succeeded, and a detail."""
    results = []
    for what, function in NEEDS.items():
        start = time.perf_counter()
        try:
            detail, ok = function(), True
        except Exception as error:  # any exception is the finding
            detail, ok = f"{type(error).__name__}: {error}", False
        results.append((what, ok, f"{detail} ({time.perf_counter() - start:.1f} s)"))
    return results


@_need("TensorFlow computes")
def _tensorflow() -> str:
    import tensorflow as tf

    product = tf.linalg.matmul(tf.ones((2, 3)), tf.ones((3, 4)))
    compiled = tf.function(lambda x: tf.reduce_sum(x))(product)
    return f"TensorFlow {tf.__version__}, sum {float(compiled):g}"


@_need("Keras trains")
def _keras() -> str:
    import keras
    import numpy as np

    model = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    losses = model.fit(np.ones((16, 3)), np.ones(16), epochs=2, verbose=0).history["loss"]
    model.save("model.keras")
    return f"loss {losses[-1]:.2f}"


@_need("nnkit reads its data")
def _digits() -> str:
    from nnkit import datasets

    return f"{len(datasets.load('digits').x_train)} images"


@_need("figures are drawn")
def _figure() -> str:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots()
    axes.set_title("δ²")
    figure.savefig("figure.png")
    return f"{Path('figure.png').stat().st_size} bytes"


@_need("files can be written in the scratch directory")
def _scratch() -> str:
    Path("notes.txt").write_text("x")
    with tempfile.TemporaryFile() as stream:
        stream.write(b"x")
    return f"{Path.cwd()} and {tempfile.gettempdir()}"


@_need("commands and threads run")
def _processes() -> str:
    listing = subprocess.run(["ls", "/"], capture_output=True, text=True, check=True).stdout
    thread = threading.Thread(target=getpass.getuser)
    thread.start()
    thread.join()
    return f"ls / shows {' '.join(listing.split())}"
