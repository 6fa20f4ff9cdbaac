"""Drive JupyterLab in headless Chromium, as a student would by hand."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.support import PATIENCE_S, end, require, wait_for

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextlib.contextmanager
def jupyter_lab(folder: Path) -> Iterator[str]:
    """Serve a folder with JupyterLab on a free port of the loopback address; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    state = folder.parent / "jupyter-state"
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += [
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--notebook-dir={folder}",
    ]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--allow-root"]
    settings = state / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false"}', encoding="utf-8")
    with (state / "log").open("wb") as log:
        # nbgrader's extensions take the course from the folder that the server is started in.
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(url) or server.poll() is not None, "JupyterLab does not answer")
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab has ended:\n{(state / 'log').read_text()[-2000:]}")
        yield url
    finally:
        end(server)


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"{url}/api", timeout=PATIENCE_S).close()
        return True
    return False


@contextlib.contextmanager
def chromium(width: int = 1280, height: int = 900) -> Iterator:
    """Start a browser; yield a page that collects errors of the browser's console."""
    require(CHROMIUM is not None, "Chromium is not installed (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(1000 * PATIENCE_S)
        try:
            yield page
        finally:
            browser.close()


def open_notebook(page, url: str, name: str) -> None:
    """Open a notebook in a fresh workspace and wait for its kernel."""
    page.goto(f"{url}/lab/workspaces/{uuid.uuid4().hex}/tree/{name}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()


def run_all(page, timeout_s: int = 3 * PATIENCE_S) -> None:
    """Restart the kernel, run all cells, and return when the saved notebook shows that they ran."""
    _restart(page)
    server, _, place = page.url.partition("/lab/")
    name = place.partition("/tree/")[2]
    contents = f"/api/contents/{name}"
    deadline = time.monotonic() + timeout_s
    idle, busy_at = 0, time.monotonic()
    # The page keeps only those cells that are in view, so the server is asked.
    while True:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not come to its end")
        page.wait_for_timeout(500)
        sessions = [s for s in _get(server + "/api/sessions") if s["path"] == name]
        quiet = [s["kernel"]["execution_state"] for s in sessions] == ["idle"]
        if not quiet:
            idle, busy_at = 0, time.monotonic()
            continue
        idle += 1
        if idle >= 4:
            before = _get(server + contents)["last_modified"]
            page.keyboard.press("Control+s")
            page.wait_for_timeout(1500)
            saved = _get(server + contents)
            if saved["last_modified"] != before and _has_ended(saved["content"]):
                return
        if time.monotonic() - busy_at > 60:  # a busy machine's kernel may restart and lose the run
            _restart(page)
            idle, busy_at = 0, time.monotonic()


def _restart(page) -> None:
    page.locator("[data-jp-item-name=restart-and-run]").first.click()
    page.locator(".jp-Dialog .jp-mod-accept").click()


def _get(url: str):
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as reply:
        return json.load(reply)


def _has_ended(notebook: dict) -> bool:
    """Tell whether a run went through the last cell or stopped at an error.

    A cell with the tag "raises-exception" stops nothing. An idle kernel does not show the end: on a
    busy machine the page takes seconds between two cells.
    """
    code = [c for c in notebook["cells"] if c["cell_type"] == "code" and c["source"].strip()]
    stopping = [c for c in code if "raises-exception" not in c["metadata"].get("tags", [])]
    failed = any(output["output_type"] == "error" for c in stopping for output in c["outputs"])
    return failed or all(cell["execution_count"] is not None for cell in code)
