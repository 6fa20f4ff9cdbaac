"""The few environment variables of an exam's processes, and wiping the inherited ones."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from pathlib import Path

TEMPORARY = Path("/tmp")

# Results must not depend on the machine or on the number of workers: one thread everywhere, no
# GPU, no randomised hashes.
_FIXED = {
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "MPLBACKEND": "agg",
    # Drawing takes most of a notebook's time, and no test reads a picture.
    "NNKIT_FIGURES": "off",
}
# Whoever starts the proctor may choose other values of these. Not the data set (NNKIT_DATASET): the
# thresholds of the tests are for the embedded digits, and a file of MNIST lies outside the sandbox.
_CHOSEN = (*_FIXED, "TF_DETERMINISTIC_OPS")


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a candidate; of the proctor too, with a home of its own.

    A forked process shows the environment with which its parent was started in
    ``/proc/PID/environ``. So the proctor must be started with this one already.

    Parameters
    ----------
    home : Path
        Value of ``HOME``. Matplotlib's configuration goes to the temporary directory.
    """
    chosen = {name: os.environ[name] for name in _CHOSEN if name in os.environ}
    places = {
        "HOME": str(home),
        "PATH": os.pathsep.join([f"{sys.prefix}/bin", "/usr/bin", "/bin"]),
        "MPLCONFIGDIR": str(TEMPORARY / "matplotlib"),
        "TMPDIR": str(TEMPORARY),
    }
    return _FIXED | chosen | places


def scrub(home: Path) -> None:
    """Replace the environment of this process, in Python and in C, and wipe its first copy."""
    fresh = environment(home)
    os.environ.clear()
    _wipe_start()
    os.environ.update(fresh)
    tempfile.tempdir = None  # its place may have been chosen by the former environment


def _wipe_start() -> None:
    """Overwrite the strings with which the program was started, on top of its stack.

    The C library's ``environ`` no longer leads there, but ``/proc/self/environ`` shows them.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start, env_end: see proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
