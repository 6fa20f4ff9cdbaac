"""A student's server has warm kernels where the site enables them, and ends all of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import hub_parts
import hub_toml
import pytest
from hub_settings import SettingsError
from nnkit_warm import idle

from tests.support import PATIENCE_S, wait_for
from tests.support.hub.kernels import children, ended

ROOT = Path(__file__).resolve().parents[3]
HUB = ROOT / "deploy/jupyterhub"
# Extensions that the tests do not need; without them a server starts sooner.
NBGRADER = ("assignment_list", "course_list", "formgrader", "validate_assignment")
UNNEEDED = ("jupyterlab", "jupyterlab_jupytext", "jupyter_lsp", "notebook")
UNNEEDED += tuple(f"nbgrader.server_extensions.{name}" for name in NBGRADER)


def test_a_site_can_turn_it_off(tmp_path):
    for text, wanted in {"": "1", "[limits]\nwarm = false": "0"}.items():
        site = hub_toml.parse(tomllib.loads(text), tmp_path)
        spawner = SimpleNamespace(user=SimpleNamespace(name="ben"), environment={})
        hub_parts.before_start(site, tmp_path)(spawner)
        assert spawner.environment["NNKIT_WARM"] == wanted
    for wrong in ('"yes"', "1"):
        with pytest.raises(SettingsError, match=r"limits\.warm must be true or false"):
            hub_toml.parse(tomllib.loads(f"[limits]\nwarm = {wrong}"), tmp_path)


def test_students_alone_have_it():
    for role in ("student", "instructor", "grader"):
        text = (HUB / f"config/jupyter/{role}/jupyter_server_config.json").read_text("utf-8")
        loaded = json.loads(text)["ServerApp"]["jpserver_extensions"]
        assert loaded.get("nnkit_warm", False) == (role == "student")


@pytest.mark.parametrize(
    ("at_work", "asked"),
    [
        ([0, 0], 2),  # at once
        ([9, 9, 0, 0], 4),
        ([0, 9, 0, 0], 4),  # twice in a row
        ([9] * 1000, None),  # it gives up
    ],
)
def test_it_waits_for_a_processor_that_has_nothing_to_do(monkeypatch, at_work, asked):
    left, slept = list(at_work), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(idle, "_at_work", lambda: left.pop(0))
    monkeypatch.setattr(idle.os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(idle.asyncio, "sleep", sleep)
    asyncio.run(idle.for_a_processor(patience_s=60))
    if asked:
        assert len(at_work) - len(left) == asked
    else:
        assert 60 <= sum(slept) < 65


def test_what_is_at_work_is_counted():
    before = idle._at_work()
    assert before >= 0
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    try:
        wait_for(lambda: idle._at_work() >= 8, "they are not counted")
    finally:
        for process in busy:
            process.kill()
            process.wait()


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[subprocess.Popen, Callable]]:
    """Start a Jupyter server like a student's; return it and a function for requests."""
    port, token = 18_490, "token"
    command = [sys.executable, "-m", "jupyter_server", f"--port={port}", "--allow-root"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={tmp_path}"]
    command += ["--KernelManager.transport_encryption=required", "--port-retries=0"]
    (tmp_path / "config").mkdir()
    loaded = {"nnkit_warm": True} | dict.fromkeys(UNNEEDED, False)
    extensions = {"ServerApp": {"jpserver_extensions": loaded}}
    (tmp_path / "config/jupyter_server_config.json").write_text(json.dumps(extensions))
    variables = {**os.environ, "NNKIT_WARM": "1", "PYTHONPATH": str(HUB / "warm")}
    variables["NNKIT_WARM_PATIENCE"] = "1"  # other tests are at work
    variables["JUPYTER_CONFIG_PATH"] = str(tmp_path / "config")

    def ask(path: str, data: dict | None = None):
        url = f"http://127.0.0.1:{port}/api/{path}"
        body = json.dumps(data).encode() if data is not None else None
        request = urllib.request.Request(url, body, {"Authorization": f"token {token}"})
        return json.load(urllib.request.urlopen(request, timeout=PATIENCE_S))

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--no-browser"], env=variables, stdout=log, stderr=log, cwd=tmp_path
        )
    try:
        wait_for(lambda: answers(ask), "it does not start")
        wait_for(lambda: children(process.pid), "it starts no fork server")
        yield process, ask
    finally:
        process.kill()
        process.wait()


def answers(ask: Callable) -> bool:
    with contextlib.suppress(OSError):
        return bool(ask("status"))
    return False


@pytest.mark.slow
def test_a_students_server_gives_warm_kernels_and_takes_them_with_it(server, tmp_path):
    process, ask = server
    forker, pid, _ = open_notebook(process, ask)
    assert "starts cold" not in (tmp_path / "log").read_text()
    process.terminate()
    process.wait(PATIENCE_S)
    wait_for(lambda: ended(forker) and ended(pid), "something outlived the server")


@pytest.mark.slow
def test_a_kernel_that_dies_is_replaced_and_none_outlives_a_killed_server(server):
    process, ask = server
    forker, pid, kernel = open_notebook(process, ask)
    os.kill(pid, signal.SIGKILL)  # Jupyter sees it and gives the notebook another
    wait_for(lambda: set(children(forker)) - {pid}, "it was not restarted")
    assert ask("kernels")[0]["id"] == kernel
    (second,) = set(children(forker)) - {pid}
    process.kill()
    process.wait(PATIENCE_S)
    wait_for(lambda: ended(forker) and ended(second), "something outlived the server")


def open_notebook(process: subprocess.Popen, ask: Callable) -> tuple[int, int, str]:
    """Return the process of the fork server, that of the kernel, and the kernel's id."""
    name = {"path": "x.ipynb", "type": "notebook", "name": "x", "kernel": {"name": "python3"}}
    kernel = ask("sessions", name)["kernel"]["id"]
    (forker,) = children(process.pid)
    (pid,) = children(forker)
    return forker, pid, kernel
