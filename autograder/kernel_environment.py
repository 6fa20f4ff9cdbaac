"""Environment variables for the Jupyter kernels that we start, and a quiet terminal."""

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
# Messages that the kernel prints at every start.
_CHATTER = ("[IPKernelApp]",)


@contextlib.contextmanager
def environment(**more: str) -> Iterator[None]:
    """Set the kernels' environment variables in this context; those already set stay."""
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
    """Keep the output of this process and its kernels from the terminal.

    File descriptors are redirected, since kernels inherit them, so that only one thread may use
    this at a time. The context's value is a list; it holds the last lines written once the context
    ends.
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
    """Return the lines at the end of a file, without the kernel's own messages."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - size))
    lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if line and not line.startswith(_CHATTER)]
