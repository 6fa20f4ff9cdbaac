"""What ``--dask`` names: workers on this machine, or a scheduler that may be trusted.

Whoever reaches a scheduler runs code on its workers and with the rights of whoever uses it. So
one without TLS is used on the loopback address alone, unless a person says otherwise.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from distributed.security import Security

from autograder.dask.settings import Cluster
from autograder.errors import AutograderError

_LOCAL = re.compile(r"local:(\d+)")
_REMOTE = re.compile(r"(?:(\w+)://)?(\[[0-9a-fA-F:.%]+\]|[\w.-]+):(\d+)/?")
_FORMS = "local:N, tls://HOST:PORT or tcp://HOST:PORT"


@dataclass(frozen=True)
class Place:
    """Where grading takes place: a scheduler's address, or so many workers on this machine."""

    address: str
    workers: int = 0
    security: Security | None = None
    insecure: bool = False


def place(address: str, settings: Cluster) -> Place:
    """Return the place that an address names.

    Raises
    ------
    AutograderError
        If it names none, its certificates cannot be read, or it is not safe.
    """
    if found := _LOCAL.fullmatch(address):
        if (workers := int(found[1])) < 1:
            raise AutograderError(f"--dask {address}: at least one worker is needed, as local:1.")
        return Place("", workers)
    found = _REMOTE.fullmatch(address)
    if not found or (found[1] or "tcp") not in ("tcp", "tls"):
        raise AutograderError(f"--dask {address} is no address: give {_FORMS}.")
    protocol, host, port = found[1] or "tcp", found[2], found[3]
    if protocol == "tls":
        return Place(f"tls://{host}:{port}", security=_security(settings))
    if settings.tls_ca or settings.tls_cert or settings.tls_key:
        raise AutograderError(
            f"{address} does not use TLS, but certificates are named: give tls://{host}:{port}, "
            "or leave them out."
        )
    if not settings.insecure and not on_loopback(host):
        raise AutograderError(unsafe(f"tcp://{host}:{port}"))
    return Place(f"tcp://{host}:{port}", insecure=settings.insecure)


def unsafe(address: str) -> str:
    """Say why a scheduler is not used."""
    return (
        f"The scheduler at {address} can be reached from other machines without TLS, and whoever "
        "reaches it runs code on every worker and reads every submission. Give it certificates "
        "(docs/cluster.md) and name it as tls://…, or add --insecure if nobody else is on that "
        "network."
    )


def on_loopback(host: str) -> bool:
    """Say whether a name leads to this machine alone.

    Raises
    ------
    AutograderError
        If nothing of that name is known.
    """
    host = host.strip("[]")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise AutograderError(
            f"Nothing is known of the host {host} ({error.strerror or error}): is it spelled right?"
        ) from None
    return all(ipaddress.ip_address(one.partition("%")[0]).is_loopback for one in found)


def host_of(address: str) -> str:
    """Return the host in an address such as ``tcp://HOST:PORT``."""
    found = _REMOTE.fullmatch(address)
    return found[2] if found else ""


def _security(settings: Cluster) -> Security:
    """Return the certificates that are named, or those of Dask's own configuration."""
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
                f"TLS needs {option}: name it, or set it in c.Cluster of nbgrader_config.py or in "
                "Dask's configuration. docs/cluster.md says how certificates are made."
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
