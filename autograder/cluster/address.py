"""The value of ``--dask``: a number of workers on this machine, or the address of a scheduler.

Anyone who can reach a scheduler can run code on its workers, and on the machine of anyone who uses
it. So a scheduler without TLS is used only on the loopback address, unless ``--insecure`` is given.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from distributed.security import Security

from autograder.cluster.settings import Cluster
from autograder.errors import AutograderError

_LOCAL = re.compile(r"local:(\d+)")
_REMOTE = re.compile(r"(?:(\w+)://)?(\[[0-9a-fA-F:.%]+\]|[\w.-]+):(\d+)/?")
_FORMS = "local:N, tls://HOST:PORT or tcp://HOST:PORT"


@dataclass(frozen=True)
class Place:
    """Where exams run: a scheduler's address, or a number of workers on this machine."""

    address: str
    workers: int = 0
    security: Security | None = None
    insecure: bool = False

    def trusts(self, address: str) -> bool:
        """Return whether the scheduler or worker at an address may be used."""
        if self.insecure or not self.address.startswith("tcp://"):
            return True
        found = _REMOTE.fullmatch(address)
        return on_loopback(found[2] if found else "")


def place(address: str, settings: Cluster) -> Place:
    """Return the place that an address names.

    Raises
    ------
    AutograderError
        If the address is invalid or not safe, or its certificates cannot be read.
    """
    if found := _LOCAL.fullmatch(address):
        if (workers := int(found[1])) < 1:
            raise AutograderError(f"--dask {address}: at least one worker is needed, as local:1.")
        return Place("", workers)
    found = _REMOTE.fullmatch(address)
    if not found or (found[1] or "tcp") not in ("tcp", "tls"):
        raise AutograderError(f"--dask {address} is not an address: give {_FORMS}.")
    protocol, host, port = found[1] or "tcp", found[2], found[3]
    if protocol == "tls":
        return Place(f"tls://{host}:{port}", security=_security(settings))
    if settings.tls_ca or settings.tls_cert or settings.tls_key:
        raise AutograderError(
            f"{address} does not use TLS, but certificates are given: use tls://{host}:{port}, "
            "or omit them."
        )
    if not settings.insecure and not on_loopback(host):
        raise AutograderError(unsafe(f"tcp://{host}:{port}"))
    return Place(f"tcp://{host}:{port}", insecure=settings.insecure)


def unsafe(address: str) -> str:
    """Return the message for an unsafe scheduler: why it is not used, and what to do."""
    return (
        f"The scheduler at {address} can be reached from other machines without TLS: anyone who "
        "reaches it can run code on every worker and read every submission. Give it certificates "
        "(docs/cluster.md) and use tls://…, or add --insecure if nobody else is on that network."
    )


def on_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's loopback address.

    Raises
    ------
    AutograderError
        If the host is unknown.
    """
    host = host.strip("[]")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise AutograderError(
            f"The host {host} is unknown ({error.strerror or error}): check its spelling."
        ) from None
    return all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)


def _security(settings: Cluster) -> Security:
    """Return the certificates from the settings, or those of Dask's own configuration."""
    given = {
        "tls_ca_file": settings.tls_ca,
        "tls_client_cert": settings.tls_cert,
        "tls_client_key": settings.tls_key,
    }
    named = {name: str(Path(path).expanduser()) for name, path in given.items() if path}
    security = Security(require_encryption=True, **named)
    for option, path in (
        ("--tls-ca", security.tls_ca_file),
        ("--tls-cert", security.tls_client_cert),
    ):
        if not path:
            raise AutograderError(
                f"TLS needs {option}: give it, or set it in c.Cluster of nbgrader_config.py or in "
                "Dask's configuration. docs/cluster.md says how to make certificates."
            )
    try:
        for path in filter(None, named.values()):
            with Path(path).open("rb"):
                pass
        security.get_connection_args("client")
    except OSError as error:
        where = getattr(error, "filename", None) or ", ".join(named.values())
        reason = error.strerror or str(error)
        raise AutograderError(f"The certificates cannot be used: {where}: {reason}.") from error
    return security
