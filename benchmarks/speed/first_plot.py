"""Measure the time to a notebook's first plot, and memory, with cold and with warm kernels.

Cold and warm kernels alternate in one run, so that the ratio is fair on a busy machine. Prints a
table and writes ``build/bench/first_plot.json``; run by ``make first-plot``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
WARM = ROOT / "deploy/jupyterhub/warm"
sys.path.insert(0, str(WARM))

from nnkit_warm import client, provisioner  # noqa: E402

OUT = ROOT / "build/bench/first_plot.json"
PATIENCE_S = 120
KINDS = ("cold", "warm")
SPEC = {"name": "python3", "display_name": "Python 3"}
IMPORTS = """\
import numpy as np
import matplotlib.pyplot as plt
import tensorflow as tf
import keras
from nnkit import checks, datasets, plots
"""
PLOT = """\
data = datasets.load("digits")
figure, axes = plots.figure("The first digit")
axes.imshow(data.x_train[0]);
"""


def main() -> None:
    """Measure, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--browser", action="store_true", help="in JupyterLab and Chromium, too")
    options = arguments.parse_args()
    memory = {"cold": measure_memory("cold")}  # before another process can share pages
    server = provisioner.enable(KernelSpecManager().get_kernel_spec("python3"))
    found: dict[str, dict[str, list[float]]] = {kind: {} for kind in KINDS}
    began = time.perf_counter()
    with kernel("warm"):
        print(f"The fork server is ready after {time.perf_counter() - began:.1f} s.")
    for _ in range(options.rounds):
        for kind in KINDS:
            for step, seconds in steps(kind).items():
                found[kind].setdefault(step, []).append(seconds)
    memory["warm"] = measure_memory("warm", server.process.pid)
    if options.browser:
        for kind in KINDS * options.rounds:
            found[kind].setdefault("in JupyterLab", []).append(in_browser(kind))
    medians = {k: {s: statistics.median(v) for s, v in found[k].items()} for k in KINDS}
    show(medians, memory)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    told = {"seconds": found, "median s": medians, "PSS MiB": memory}
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


@contextmanager
def kernel(kind: str) -> Iterator[tuple[KernelManager, Any]]:
    """Start a cold or warm kernel with an encrypted transport; yield it and its client."""
    server = provisioner.WarmProvisioner.fork_server
    if kind == "cold":
        provisioner.WarmProvisioner.fork_server = None
    manager = KernelManager(transport_encryption="required")
    manager.start_kernel()
    provisioner.WarmProvisioner.fork_server = server
    try:
        if isinstance(manager.provisioner.process, client.Forked) != (kind == "warm"):
            sys.exit(f"A kernel that should be {kind} is not.")
        talk = manager.blocking_client()
        talk.start_channels()
        talk.wait_for_ready(timeout=PATIENCE_S)
        yield manager, talk
        talk.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)


def run(talk: Any, code: str) -> None:
    """Run a cell; exit if it fails."""
    reply = talk.execute_interactive(code, output_hook=lambda _: None, timeout=PATIENCE_S)
    if reply["content"]["status"] != "ok":
        sys.exit(f"A cell failed: {reply['content']}")


def steps(kind: str) -> dict[str, float]:
    """Return the seconds of each step to the first plot."""
    times = [time.perf_counter()]
    with kernel(kind) as (_, talk):
        times.append(time.perf_counter())
        for code in (IMPORTS, PLOT):
            run(talk, code)
            times.append(time.perf_counter())
    taken = [later - earlier for earlier, later in itertools.pairwise(times)]
    return {"kernel": taken[0], "imports": taken[1], "plot": taken[2], "all": times[-1] - times[0]}


def measure_memory(kind: str, *base: int) -> dict[str, dict[str, int]]:
    """Return the memory in MiB of no kernel, and of one and three kernels that drew a plot."""
    found = {"without a kernel": proportional(base)}
    with ExitStack() as opened:
        kernels: list[int] = []
        for number in (1, 2, 3):
            manager, talk = opened.enter_context(kernel(kind))
            run(talk, IMPORTS)
            run(talk, PLOT)
            kernels.append(manager.provisioner.pid)
            if number != 2:
                found[f"with {number}"] = proportional([*base, *kernels])
    return found


def proportional(pids: Sequence[int]) -> dict[str, int]:
    """Return the memory of processes in MiB: PSS, and its anonymous part, which is no file."""
    total = {"Pss": 0, "Pss_Anon": 0}
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in total:
                total[name] += int(value.split()[0])
    return {name: round(kib / 1024) for name, kib in total.items()}


def in_browser(kind: str) -> float:
    """Return the seconds from opening a notebook in JupyterLab to its first plot in the page."""
    sys.path.insert(0, str(ROOT))
    from tests.support import lab

    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        place = Path(folder, "work")
        place.mkdir()
        for name, sources in {"earlier": ["1"], "first": [IMPORTS, PLOT]}.items():
            notebook = nbformat.v4.new_notebook(metadata={"kernelspec": SPEC})
            notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
            nbformat.write(notebook, place / f"{name}.ipynb")
        settings = Path(folder, "extension")
        settings.mkdir()
        extension = {"ServerApp": {"jpserver_extensions": {"nnkit_warm": True}}}
        (settings / "jupyter_server_config.json").write_text(json.dumps(extension), "utf-8")
        variables = {
            "NNKIT_WARM": "1" if kind == "warm" else "0",
            "PYTHONPATH": str(WARM),
            "JUPYTER_CONFIG_PATH": str(settings),
        }
        opened.enter_context(patch.dict(os.environ, variables))
        url = opened.enter_context(lab.jupyter_lab(place))
        page = opened.enter_context(lab.chromium())
        # Now the fork server is ready, and the browser has JupyterLab's page.
        lab.open_notebook(page, url, "earlier.ipynb")
        began = time.perf_counter()
        lab.open_notebook(page, url, "first.ipynb")
        # A page that has just connected to its kernel may lose a request to run a cell.
        while not page.locator(".jp-OutputArea img").count():
            if page.locator(".jp-CodeCell .jp-InputPrompt").first.inner_text() == "[ ]:":
                page.locator(".jp-CodeCell .cm-content").first.click()
                for _ in (IMPORTS, PLOT):
                    page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(20)
        return time.perf_counter() - began


def show(medians: dict[str, dict[str, float]], memory: dict[str, dict[str, dict]]) -> None:
    """Print both tables."""
    table = Table("step, median", "cold", "warm", "warm / cold")
    for step, cold in medians["cold"].items():
        warm = medians["warm"][step]
        table.add_row(step, f"{cold:.2f} s", f"{warm:.2f} s", f"{warm / cold:.2f}")
    for what, cold in memory["cold"].items():
        warm = memory["warm"][what]
        texts = (f"{one['Pss']} ({one['Pss_Anon']})" for one in (cold, warm))
        table.add_row(f"MiB {what} (anonymous)", *texts, "")
    Console().print(table)


if __name__ == "__main__":
    main()
