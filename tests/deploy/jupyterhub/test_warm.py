"""A warm kernel is equivalent to a cold one; where it could not be, the kernel is cold."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nnkit_warm import provisioner
from nnkit_warm.client import ForkServer

from tests.support import PATIENCE_S, wait_for
from tests.support.hub.kernels import (
    FACTS,
    SPEAKING,
    Notebook,
    children,
    ended,
    environment,
    notebook,
    opened_by,
    said,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fork_server() -> Iterator[ForkServer]:
    """Make this process's kernels warm."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "environ", environment())
        server = provisioner.enable(KernelSpecManager().get_kernel_spec("python3"))
    yield server
    KernelProvisionerFactory.clear_instance()
    provisioner.WarmProvisioner.fork_server = None
    server.stop()


@contextmanager
def cold_notebook(tmp_path: Path) -> Iterator[Notebook]:
    server, provisioner.WarmProvisioner.fork_server = provisioner.WarmProvisioner.fork_server, None
    try:
        with notebook(tmp_path) as opened:
            yield opened
    finally:
        provisioner.WarmProvisioner.fork_server = server


@pytest.fixture(scope="module")
def warm(fork_server, tmp_path_factory) -> Iterator[Notebook]:
    with notebook(tmp_path_factory.mktemp("warm")) as opened:
        yield opened


def is_forked(opened: Notebook, server: ForkServer) -> bool:
    return opened.pid in children(server.process.pid)


def test_a_notebook_finds_what_it_finds_in_a_cold_kernel(fork_server, tmp_path):
    with notebook(tmp_path) as opened:
        assert is_forked(opened, fork_server)
        assert "tensorflow" in opened.value("list(__import__('sys').modules)")
        found, heard = json.loads(opened.printed(FACTS)), said(opened.run(SPEAKING))
    with cold_notebook(tmp_path) as opened:
        assert not is_forked(opened, fork_server)
        wanted, wanted_words = json.loads(opened.printed(FACTS)), said(opened.run(SPEAKING))
    both = {name: (found.get(name), wanted.get(name)) for name in {*found, *wanted}}
    assert {name: pair for name, pair in both.items() if pair[0] != pair[1]} == {}
    assert heard == wanted_words


def test_tensorflow_has_not_begun_and_computes(warm):
    code = "import tensorflow as tf; tf.config.threading.set_inter_op_parallelism_threads(1)"
    assert warm.run(code) == []
    assert (
        warm.printed("print(float(tf.reduce_sum(tf.matmul(tf.ones((9, 9)), tf.ones((9, 9))))))")
        == "729.0\n"
    )
    blas = "import numpy as np; a = np.ones((700, 700)); print((a @ a).sum() == 700**3)"
    assert warm.printed(blas) == "True\n"
    fit = (
        "import keras; m = keras.Sequential([keras.layers.Dense(1)]); m.compile('sgd', 'mse')\n"
        "h = m.fit(np.ones((8, 2)), np.ones(8), epochs=2, verbose=0); print(len(h.history['loss']))"
    )
    assert warm.printed(fit) == "2\n"


def test_two_kernels_draw_different_numbers(fork_server, tmp_path):
    draws = (
        "import random, secrets, uuid, numpy as np, keras, tensorflow as tf\n"
        "drawn = [random.random(), np.random.rand(), np.random.default_rng().random(),\n"
        "         float(keras.random.normal(())), float(tf.random.normal(())), uuid.uuid4().hex,\n"
        "         keras.layers.Dense(1).kernel_initializer.seed, secrets.randbits(60)]"
    )
    found = []
    for _ in range(2):
        with notebook(tmp_path) as opened:
            opened.run(draws)
            found.append(opened.value("drawn"))
    assert all(one != other for one, other in zip(*found, strict=True)), found


def test_an_interrupt_ends_the_cell_and_what_it_runs(warm):
    for code in (
        "import time\ntime.sleep(60)",
        "import subprocess\nsubprocess.run(['sleep', '60'])",
    ):
        # Displayed data is sent at once. Printed text waits in a buffer for a timer of the kernel,
        # which an interrupt may have prevented.
        # For a moment after an error, a kernel drops requests, unless this is disabled.
        identity = warm.client.execute(f"display('begun')\n{code}", stop_on_error=False)
        while warm.client.get_iopub_msg(timeout=PATIENCE_S)["msg_type"] != "display_data":
            pass
        warm.manager.interrupt_kernel()
        reply = warm.client.get_shell_msg(timeout=PATIENCE_S)
        assert reply["parent_header"]["msg_id"] == identity
        assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert warm.printed("print('goes on')") == "goes on\n"


def test_a_cell_can_ask_for_input(warm):
    def answer(message) -> None:
        warm.client.input(message["content"]["prompt"] + "Ben")

    shown = warm.run("print(input('I am '))", allow_stdin=True, stdin_hook=answer)
    assert shown == [("stdout", "I am Ben\n")]


def test_commands_run_and_leave_no_zombies(warm):
    assert warm.printed("!echo from a shell").strip() == "from a shell"
    assert warm.printed("!false\nprint(_exit_code)") == "1\n"
    code = "import subprocess; print(subprocess.run(['sh', '-c', 'exit 3']).returncode)"
    assert warm.printed(code) == "3\n"
    assert [pid for pid in children(warm.pid) if ended(pid)] == []


def test_figures_are_shown_and_have_the_style_of_who_asks_for_it(fork_server, tmp_path):
    draw = "import matplotlib.pyplot as plt\nfigure = plt.figure(); plt.plot([1, 2])"
    with notebook(tmp_path) as opened:
        assert "image/png" in dict(opened.run(draw))
        assert opened.value("[figure.number, plt.rcParams['axes.spines.top']]") == [1, True]
        opened.run("from nnkit import plots")
        assert opened.value("plt.rcParams['axes.spines.top']") is False


def test_a_restart_gives_a_fresh_process(fork_server, tmp_path):
    with notebook(tmp_path) as opened:
        first, ports = opened.pid, opened.manager.get_connection_info()
        opened.run(
            "kept = 1\nimport atexit, pathlib\n"
            "atexit.register(lambda: pathlib.Path('left').write_text('in good order'))"
        )
        opened.manager.restart_kernel()
        opened.client.wait_for_ready(timeout=PATIENCE_S)
        assert is_forked(opened, fork_server)
        assert opened.pid != first
        assert opened.manager.get_connection_info() == ports
        assert opened.printed("print('kept' in globals())") == "False\n"
        assert (tmp_path / "left").read_text() == "in good order"
        wait_for(lambda: first not in children(fork_server.process.pid), "it was not reaped")


@pytest.mark.parametrize(
    ("code", "status"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6)]
)
def test_how_a_kernel_died_is_known(fork_server, tmp_path, code, status):
    with notebook(tmp_path) as opened:
        process = opened.manager.provisioner.process
        assert opened.manager.is_alive()
        opened.client.execute(f"import os; {code}")
        assert process.wait() == status
        assert not opened.manager.is_alive()
        opened.manager.restart_kernel(now=True)
        opened.client.wait_for_ready(timeout=PATIENCE_S)
        assert is_forked(opened, fork_server)


def test_several_at_once_have_nothing_in_common(fork_server, tmp_path):
    async def open_three() -> list[AsyncKernelManager]:
        managers = [AsyncKernelManager(transport_encryption="required") for _ in range(3)]
        start = {"cwd": str(tmp_path), "env": environment()}
        await asyncio.gather(*(manager.start_kernel(**start) for manager in managers))
        pids = [manager.provisioner.pid for manager in managers]
        try:
            assert set(pids) <= set(children(fork_server.process.pid))
            for number, manager in enumerate(managers):
                client = manager.client()
                client.start_channels()
                await client.wait_for_ready(timeout=PATIENCE_S)
                await client.execute_interactive(f"mine = {number}", timeout=PATIENCE_S)
                client.stop_channels()
            assert len({os.getsid(pid) for pid in pids}) == 3
            opened = [{one for one in opened_by(pid) if "socket" in one} for pid in pids]
            assert opened[0]
            assert not opened[0] & opened[1] | opened[1] & opened[2] | opened[0] & opened[2]
            # Kernels that share an open font file would share its position, too.
            assert not any(place.endswith(".ttf") for pid in pids for place in opened_by(pid))
        finally:
            for manager in managers:
                await manager.shutdown_kernel(now=True)
        return pids

    assert len(set(asyncio.run(open_three()))) == 3


def test_a_kernel_that_must_differ_is_cold(fork_server, tmp_path):
    command = [*provisioner.PYTHON, *provisioner.LAUNCHER, "-f", "x.json"]
    same = {"env": dict(fork_server.environment), "cwd": str(tmp_path)}
    assert provisioner.why_cold(fork_server, command, same) is None
    session = {"JPY_SESSION_NAME": "x.ipynb", "NBGRADER_EXECUTION": "validate"}
    own = same | {"env": same["env"] | session}
    assert provisioner.why_cold(fork_server, command, own) is None
    for changed, reason in (
        ({"env": same["env"] | {"OMP_NUM_THREADS": "1"}}, "OMP_NUM_THREADS"),
        ({"env": {}}, "variable"),
        ({"stderr": subprocess.PIPE}, "stderr"),
    ):
        assert reason in provisioner.why_cold(fork_server, command, same | changed)
    assert "command" in provisioner.why_cold(fork_server, ["/usr/bin/python3", *command[1:]], same)
    assert "command" in provisioner.why_cold(fork_server, ["ir", "x.json"], same)
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\n", encoding="utf-8")
    with notebook(tmp_path) as opened:
        assert not is_forked(opened, fork_server)
        assert opened.value("__import__('matplotlib').rcParams['lines.linewidth']") == 9


def test_kernels_outlive_the_fork_server_and_others_start_cold(tmp_path, monkeypatch):
    spec = KernelSpecManager().get_kernel_spec("python3")
    server = ForkServer({**environment(), **spec.env})
    monkeypatch.setattr(provisioner.WarmProvisioner, "fork_server", server)
    # The request comes while the server imports: the kernel waits, and is warm.
    with notebook(tmp_path) as opened:
        assert is_forked(opened, server)
        server.process.kill()
        server.process.wait()
        assert opened.printed("print('goes on')") == "goes on\n"
        with notebook(tmp_path) as other:
            assert other.printed("print('cold')") == "cold\n"
        assert opened.manager.is_alive()
        process = opened.manager.provisioner.process
        opened.client.execute("import os; os._exit(3)")
        assert process.wait() is not None  # no process is left that knows its exit status
