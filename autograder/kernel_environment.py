"""What every Jupyter kernel that we start needs: its variables, and a quiet terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

# TensorFlow's start-up messages go to stderr, which nbgrader scores as a failure; oneDNN would
# make numbers differ between machines.
KERNEL_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
# The kernel says this of itself at every start.
_CHATTER = ("[IPKernelApp]",)


@contextlib.contextmanager
def environment(**more: str) -> Iterator[None]:
    """Set the kernels' variables for a while; what the caller has set already stays."""
    wanted = {**KERNEL_ENVIRONMENT, **more}
    added = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep from the terminal what this process and its kernels write there.

    File descriptors are redirected, since kernels inherit them: not for two threads at once. The
    value is a list that holds the last lines written, once the context is left.
    """
    lines: list[str] = []
    with tempfile.TemporaryFile() as kept, contextlib.ExitStack() as stack:
        stack.callback(lambda: lines.extend(_last_lines(kept)))
        for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
            stream.flush()
            saved = os.dup(number)
            os.dup2(kept.fileno(), number)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, number)
            stack.callback(stream.flush)
        yield lines


def _last_lines(file: BinaryIO, size: int = 10_000) -> list[str]:
    """Return the lines at the end of a file, without the kernel's chatter."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - size))
    lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line and not line.startswith(_CHATTER)]
