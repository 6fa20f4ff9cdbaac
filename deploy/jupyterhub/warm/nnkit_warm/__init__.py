"""Warm kernels: a student's server forks kernels from a process that has imported TensorFlow.

An extension of Jupyter Server, for those servers that have ``NNKIT_WARM=1`` in their environment.
Whenever it cannot give a warm kernel, the kernel starts cold, as everywhere else.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

VARIABLE = "NNKIT_WARM"
KERNEL = "python3"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nnkit_warm"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Say that this server has the extension; what it does, it does when the server is up."""


async def _start_jupyter_server_extension(app: Any) -> None:
    """Have the fork server started, once the Jupyter server listens and a processor is free."""
    if os.environ.get(VARIABLE) != "1" or not sys.platform.startswith("linux"):
        return
    starting = asyncio.create_task(_start(app))
    _tasks.add(starting)  # the loop alone would not keep it
    starting.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Task[None]] = set()


async def _start(app: Any) -> None:
    try:
        from nnkit_warm import idle, provisioner

        await idle.for_a_processor()
        provisioner.enable(app.kernel_spec_manager.get_kernel_spec(KERNEL))
    except Exception:
        app.log.exception("Kernels will start cold, since the fork server cannot be started.")
