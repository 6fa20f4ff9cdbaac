"""Run cells in kernels without a page, and return their outputs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_client import KernelManager

from tests.support import PATIENCE_S

# What a cell can find out about its process.
FACTS = """
import asyncio, gc, json, locale, logging, multiprocessing, os, resource, signal, sys
import warnings
import matplotlib, matplotlib.pyplot as plt, numpy as np, tensorflow as tf, keras
shell = get_ipython()
facts = {
    "folder": os.getcwd(), "path": sys.path, "prefix": sys.prefix, "flags": str(sys.flags),
    "options": str(sys._xoptions), "main": sys.modules["__main__"] is shell.user_module,
    "arguments": [sys.argv[0], *sys.argv[1:2]], "python": sys.orig_argv[:-1],
    "name": __name__, "prompts": [sys.ps1, sys.ps2], "standard input": sys.__stdin__.read(),
    "streams": [type(s).__module__ for s in (sys.stdout, sys.stderr, sys.displayhook)],
    "environment": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"},
    "signals": {s.name: str(signal.getsignal(s)).partition(" at ")[0] for s in signal.Signals},
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "limits": [resource.getrlimit(n) for n in range(16)],
    "leads": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()],
    "mask": os.umask(0o022), "nice": os.nice(0), "locale": locale.setlocale(locale.LC_ALL),
    "garbage": [gc.isenabled(), gc.get_threshold()],
    "filters": sorted(str(f) for f in warnings.filters),
    "matplotlib": {k: str(v) for k, v in matplotlib.rcParams.items()},
    "backend": matplotlib.get_backend(), "figures": plt.get_fignums(),
    "displayhook": str(plt._REPL_DISPLAYHOOK),
    "events": sorted(str(e.__qualname__) for e in shell.events.callbacks["post_execute"]),
    "numpy": [str(np.get_printoptions()), str(np.geterr())],
    "keras": [keras.config.backend(), keras.config.floatx(), keras.config.image_data_format()],
    "handlers": {n or "root": [f"{h!r}{getattr(getattr(h, 'stream', None), 'name', '')}"
                               for h in logging.getLogger(n).handlers]
                 for n in ("", "tensorflow", "absl", "traitlets", "tornado", "matplotlib")},
    "levels": {n: logging.getLogger(n).getEffectiveLevel() for n in ("", "tensorflow", "absl")},
    "loop": type(asyncio.get_event_loop_policy()).__name__,
    "multiprocessing": multiprocessing.get_start_method(),
}
print(json.dumps(facts))
"""
# All ways in which a cell can print a warning.
SPEAKING = """
import logging, os, sys, warnings
import absl.logging, tensorflow as tf
logging.getLogger("mine").warning("by logging")
absl.logging.warning("by absl")
tf.get_logger().warning("by tensorflow")
warnings.warn("by warnings")
print("by print", file=sys.stderr)
"""


class Notebook:
    """A kernel with a client that runs cells."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def run(self, code: str, **options) -> list[tuple[str, str]]:
        """Run a cell; return its outputs: a stream or a MIME type, and the text."""
        seen: list[tuple[str, str]] = []

        def show(message) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                seen.append((content["name"], content["text"]))
            elif "data" in content:
                seen.extend(sorted(content["data"].items()))
            elif message["msg_type"] == "error":
                seen.append((content["ename"], content["evalue"]))

        # Else a kernel drops requests for a moment after an error.
        options |= {"stop_on_error": False, "timeout": PATIENCE_S}
        self.client.execute_interactive(code, output_hook=show, **options)
        return seen

    def printed(self, code: str) -> str:
        """Run a cell; return its printed text, which must be its only output."""
        shown = self.run(code)
        assert {kind for kind, _ in shown} <= {"stdout"}, shown
        return "".join(text for _, text in shown)

    def value(self, expression: str):
        """Return the value of an expression."""
        return json.loads(self.printed(f"import json; print(json.dumps({expression}))"))

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return self.manager.provisioner.pid


def environment() -> dict[str, str]:
    """Return this process's variables, without the one that pytest changes for each test."""
    return {name: v for name, v in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@contextmanager
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    """Open a notebook in a folder, over an encrypted transport."""
    manager = KernelManager(transport_encryption="required")
    manager.start_kernel(cwd=str(tmp_path), env=environment())
    try:
        opened = Notebook(manager)
        yield opened
        opened.client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ended(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def said(outputs: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return, for each stream, the lines, without times and numbers of processes."""
    streams = sorted({kind for kind, _ in outputs})
    texts = {kind: "".join(text for k, text in outputs if k == kind) for kind in streams}
    return [
        (kind, [line.split()[-3:] for line in text.splitlines()]) for kind, text in texts.items()
    ]


def opened_by(pid: int) -> set[str]:
    """Return what a process has open: paths, and sockets by number."""
    places = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        # A running kernel may close one while the others are read.
        with suppress(FileNotFoundError):
            places.add(str(descriptor.readlink()))
    return places
