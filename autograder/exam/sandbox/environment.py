"""Set the few environment variables of an exam's processes, and wipe the inherited ones."""

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
    # Drawing takes most of a notebook's time, and no test reads a figure.
    "NNKIT_FIGURES": "off",
}
# The starter of the proctor may set other values of these. Not of the data set (NNKIT_DATASET): the
# thresholds of the tests are for the embedded digits, and a file of MNIST is outside the sandbox.
_CHOSEN = (*_FIXED, "TF_DETERMINISTIC_OPS")


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a candidate, or of the proctor with another home.

    ``/proc/PID/environ`` of a forked process shows the environment with which its parent was
    started. So the proctor must already be started with this one.

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
    tempfile.tempdir = None  # the former environment may have set it


def _wipe_start() -> None:
    """Overwrite the environment strings with which the program was started, on top of its stack.

    The C library's ``environ`` no longer points to them, but ``/proc/self/environ`` shows them.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])  # env_start, env_end: see proc(5)
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
