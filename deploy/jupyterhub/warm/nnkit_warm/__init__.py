"""Warm kernels: a student's server forks kernels from a process that has imported TensorFlow.

An extension of Jupyter Server, active where the environment has ``NNKIT_WARM=1``. When it cannot
give a warm kernel, the kernel starts cold, as without the extension.
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
    """Tell the server that this is an extension; its work begins when the server has started."""


async def _start_jupyter_server_extension(app: Any) -> None:
    """Start the fork server when the Jupyter server has started and a processor is idle."""
    if os.environ.get(VARIABLE) != "1" or not sys.platform.startswith("linux"):
        return
    starting = asyncio.create_task(_start(app))
    _tasks.add(starting)  # the event loop keeps only a weak reference
    starting.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Task[None]] = set()


async def _start(app: Any) -> None:
    try:
        from nnkit_warm import idle, provisioner

        await idle.for_a_processor()
        provisioner.enable(app.kernel_spec_manager.get_kernel_spec(KERNEL))
    except Exception:
        app.log.exception("Kernels start cold: the fork server cannot be started.")
