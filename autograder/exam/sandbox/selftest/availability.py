"""Whether the sandbox can be entered on this machine, and if not, how to fix it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.exam.sandbox import seccomp
from autograder.exam.sandbox.errors import SandboxError
from autograder.exam.sandbox.selftest.trial import trial

_SYSCTL = Path("/proc/sys")
# Setting, the value that forbids, what to set it to, and what it is.
_SETTINGS = (
    ("kernel.unprivileged_userns_clone", "0", "1", "user namespaces are for root only"),
    ("user.max_user_namespaces", "0", "15000", "user namespaces are switched off"),
    (
        "kernel.apparmor_restrict_unprivileged_userns",
        "1",
        "0",
        "AppArmor forbids user namespaces to ordinary users (Ubuntu 23.10 and later)",
    ),
)
_CONTAINER_REMEDY = (
    "start the container so that it may make user namespaces: with Docker or Podman, "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined, or --cap-add SYS_ADMIN; on Kubernetes, a "
    "securityContext with seccompProfile type Unconfined and procMount Unmasked"
)
_OFF = "or grade with --sandbox off, which trusts every submission and is noted in each record"


@dataclass(frozen=True)
class Availability:
    """Whether the sandbox is available.

    Attributes
    ----------
    ok : bool
        Whether it was entered just now.
    reason : str
        Why not; empty if it was.
    remedy : str
        What to do about it; empty if nothing needs to be done.
    details : tuple of str
        The properties of the sandbox on this machine.
    """

    ok: bool
    reason: str = ""
    remedy: str = ""
    details: tuple[str, ...] = ()


def available() -> Availability:
    """Try to enter the sandbox, in a separate process (about 0.2 s)."""
    if not sys.platform.startswith("linux"):
        return Availability(False, "the exam's sandbox needs Linux", f"grade on Linux, {_OFF}")
    try:
        found = trial(describe, {"modules": ["numpy", "nnkit"]}, seconds=60)
    except SandboxError as error:
        return Availability(False, str(error), f"{_remedy()}; {_OFF}")
    if found["missing"]:
        names = ", ".join(found["missing"])
        reason = f"an unprivileged user cannot import {names} from {sys.prefix}"
        return Availability(False, reason, f"chmod -R a+rX {sys.prefix} {sys.base_prefix}; {_OFF}")
    return Availability(True, details=_details(found))


def describe(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of the sandbox, from inside it."""
    missing = []
    for name in facts["modules"]:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    return {
        "uid": os.getuid(),
        "proc": Path("/proc/1").exists(),
        "missing": missing,
    }


def _details(found: Mapping[str, Any]) -> tuple[str, ...]:
    own = found["uid"] != os.getuid()
    proc = found["proc"]
    return (
        "user: each candidate has its own id"
        if own
        else "user: candidates run as you, without any rights, in their own namespace",
        "/proc: its own, with its own processes only"
        if proc
        else "/proc: only the candidate itself is in it; this container hides parts of its own",
        "system calls: filtered"
        if seccomp.supported()
        else f"system calls: not filtered on {os.uname().machine}",
    )


def _remedy() -> str:
    """Return the most probable remedy, from the kernel's settings."""
    for name, forbidding, allowing, what in _SETTINGS:
        place = _SYSCTL.joinpath(*name.split("."))
        if place.exists() and place.read_text().strip() == forbidding and os.geteuid() != 0:
            return f"{what}: as root, run sysctl -w {name}={allowing}"
    if _in_container():
        return _CONTAINER_REMEDY
    return "the sandbox needs Linux 4.7 or later with user, mount, process and network namespaces"


def _in_container() -> bool:
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"))
    return any(mark.exists() for mark in marks) or "KUBERNETES_SERVICE_HOST" in os.environ
