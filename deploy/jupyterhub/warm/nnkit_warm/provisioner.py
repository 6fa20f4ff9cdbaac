"""The provisioner: gives Jupyter a forked kernel where it is equivalent to a cold one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from string import Template
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets.log import get_logger

from nnkit_warm.client import PYTHON, ForkServer

NAME = "nnkit-warm"
# Each kernel has its own; nbgrader's "Validate" sets the last two. A library may have read any
# other variable when it was imported.
OWN_VARIABLES = {"JPY_SESSION_NAME", "JPY_PARENT_PID", "NBGRADER_EXECUTION", "NBGRADER_VALIDATING"}
LAUNCHER = ("-m", "ipykernel_launcher")


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by the fork server where possible, and otherwise as a LocalProvisioner."""

    fork_server: ForkServer | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; return how to connect to it."""
        server = WarmProvisioner.fork_server
        reason = "there is no fork server" if server is None else why_cold(server, cmd, kwargs)
        if reason is None:
            environment = kwargs["env"] | {"JPY_PARENT_PID": str(os.getpid())}
            cwd = kwargs.get("cwd") or Path.cwd()
            try:
                self.process = await asyncio.to_thread(server.fork, cmd, cwd, environment)
            except OSError as error:
                reason = f"the fork server gave none: {error}"
            else:
                self.pid = self.pgid = self.process.pid
                self.cwd = cwd
                return self.connection_info
        get_logger().info("A kernel starts cold: %s.", reason)
        return await super().launch_kernel(cmd, **kwargs)


def why_cold(server: ForkServer, cmd: list[str], kwargs: Mapping[str, Any]) -> str | None:
    """Return how a forked kernel would differ from the requested one, or None.

    Parameters
    ----------
    server
        The fork server.
    cmd
        The kernel's command.
    kwargs
        The arguments with which Jupyter starts it.
    """
    python, launcher = list(cmd[: len(PYTHON)]), list(cmd[len(PYTHON) :][: len(LAUNCHER)])
    if python != list(PYTHON) or launcher != list(LAUNCHER):
        return f"its command is {' '.join(map(str, cmd))}"
    unknown = {name for name, value in kwargs.items() if value is not None}
    unknown -= {"env", "cwd", "kernel_id"}
    if unknown:
        return f"it is to be started with {', '.join(sorted(unknown))}"
    if Path(kwargs.get("cwd") or ".", "matplotlibrc").exists():
        return "its folder has settings for Matplotlib"
    ours, theirs = server.environment, kwargs["env"]
    for name in sorted({*ours, *theirs} - OWN_VARIABLES):
        if ours.get(name) != theirs.get(name):
            return f"the variable {name} is its own"
    return None


def enable(spec: KernelSpec) -> ForkServer:
    """Start the fork server, and let this process request all kernels from it from now on.

    Parameters
    ----------
    spec
        The kernel's specification; its variables are set while the libraries are imported.

    Returns
    -------
    ForkServer
        It is still importing; a kernel that is requested now waits for it.
    """
    environment = dict(os.environ)
    environment |= {k: Template(v).safe_substitute(os.environ) for k, v in spec.env.items()}
    server = WarmProvisioner.fork_server = ForkServer(environment)
    group = KernelProvisionerFactory.GROUP_NAME
    point = EntryPoint(NAME, f"{__name__}:{WarmProvisioner.__name__}", group)
    KernelProvisionerFactory.provisioners[NAME] = point
    KernelProvisionerFactory.instance().default_provisioner_name = NAME
    return server
