"""Mount only a user's own part of the exchange in the user's pod."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hub_parts
from hub_settings import Settings
from kube_settings import PERSON

# Its folder in the image, where sys.prefix is INSTALLATION/env.
INSTALLATION = Path("/srv/nnkit")
VOLUME = "nnkit-exchange"
PLACES = "nnkit-places"
# In addition to the chart's: account 1000, group 100, no privilege escalation.
POD = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
    # Else each start of a pod checks all files of the exchange.
    "fsGroupChangePolicy": "OnRootMismatch",
}
CONTAINER = {"capabilities": {"drop": ["ALL"]}}
_PLACES_CONTEXT = {"runAsUser": 1000, "allowPrivilegeEscalation": False, **CONTAINER}


class Part(NamedTuple):
    """A folder of the volume, its path in the pod, and whether the pod may write to it."""

    folder: str
    path: str
    writable: bool


class NoServerError(Exception):
    """A user who cannot have a server; JupyterHub shows the message on the page."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.jupyterhub_message = message


def before_start(site: Settings, claim: str) -> Callable[[Any], None]:
    """Return a hook that configures a pod for its user.

    Parameters
    ----------
    claim
        The PersistentVolumeClaim of the exchange.
    """
    role = hub_parts.before_start(site, INSTALLATION)

    def hook(spawner: Any) -> None:
        name = spawner.user.name
        if not re.fullmatch(PERSON, name):
            raise NoServerError(f"The name {name!r} cannot be used here: ask your instructor.")
        role(spawner)
        groups = {group.name for group in spawner.user.groups}
        parts = [part for course in site.courses for part in _parts(course.name, name, groups)]
        _mount(spawner, claim, parts)

    return hook


def _parts(course: str, name: str, groups: set[str]) -> Iterator[Part]:
    """Yield the parts of a course's exchange for a user; the hub's groups decide."""
    place = INSTALLATION / "exchange" / course
    student = f"nbgrader-{course}" in groups
    if student or f"formgrade-{course}" in groups:
        yield Part(f"{course}/outbound", f"{place}/outbound", writable=False)
    if student:
        yield Part(f"{course}/incoming/{name}", f"{place}/inbound", writable=True)
        yield Part(f"{course}/feedback/{name}", f"{place}/feedback", writable=False)


def _mount(spawner: Any, claim: str, parts: list[Part]) -> None:
    """Mount the parts in the pod, in place of those of an earlier start."""
    volumes, mounts = _others(spawner.volumes, VOLUME), _others(spawner.volume_mounts, VOLUME)
    first = _others(spawner.init_containers, PLACES)
    if parts:
        volumes.append({"name": VOLUME, "persistentVolumeClaim": {"claimName": claim}})
        mounts += [
            {"name": VOLUME, "mountPath": p.path, "subPath": p.folder, "readOnly": not p.writable}
            for p in parts
        ]
        first.append(_places(spawner, [p.folder for p in parts]))
    spawner.volumes, spawner.volume_mounts, spawner.init_containers = volumes, mounts, first


def _others(entries: Any, name: str) -> list[dict[str, Any]]:
    """Return the entries with other names; the chart has a list or a mapping."""
    values = entries.values() if isinstance(entries, dict) else entries
    return [entry for entry in values if entry["name"] != name]


def _places(spawner: Any, folders: list[str]) -> dict[str, Any]:
    """Return a container that creates the folders; else the kubelet does, with owner root.

    It mounts the whole volume, but runs before the student's container, and no student code.
    """
    return {
        "name": PLACES,
        "image": spawner.image,
        "command": ["mkdir", "-p", "--", *(f"/exchange/{folder}" for folder in folders)],
        "volumeMounts": [{"name": VOLUME, "mountPath": "/exchange"}],
        "securityContext": _PLACES_CONTEXT,
        "resources": {"limits": {"cpu": "200m", "memory": "64Mi"}},
    }
