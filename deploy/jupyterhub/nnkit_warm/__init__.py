"""Warm kernels: a student's server forks kernels from a process that has imported TensorFlow.

An extension of Jupyter Server, for those servers that have ``NNKIT_WARM=1`` in their environment.
Whenever it cannot give a warm kernel, the kernel starts cold, as everywhere else.
"""

from __future__ import annotations

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
    """Start the fork server, once the Jupyter server listens, so that it delays nobody's login."""
    if os.environ.get(VARIABLE) != "1" or not sys.platform.startswith("linux"):
        return
    try:
        from nnkit_warm import provisioner

        provisioner.enable(app.kernel_spec_manager.get_kernel_spec(KERNEL))
    except Exception:
        app.log.exception("Kernels will start cold, since the fork server cannot be started.")
