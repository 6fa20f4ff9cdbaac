"""Pods as KubeSpawner defines them, with the mounts of the kubelet, on this machine."""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "deploy/kubernetes"
HUB = ROOT / "deploy/jupyterhub/config"

COURSE = "neural-networks"
STRANGE = "cem.o-k_1@uni.example"
STUDENTS = ["ben", STRANGE, "eli", "fay"]
INSTALLATION = "/srv/nnkit"
ENTER = ["unshare", "--user", "--map-root-user", "--mount"]
# Each command in a separate process, as from a terminal, after common imports.
_COMMANDS = f"""
import os, shlex, sys
from nbgrader.apps import NbGraderApp

for line in sys.argv[1:]:
    pid = os.fork()
    if pid == 0:
        sys.argv = ["nbgrader", *shlex.split(line), "--Exchange.root={INSTALLATION}/exchange"]
        NbGraderApp.launch_instance()
        os._exit(0)
    if status := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        sys.exit(status)
"""


def site(**courses: Any) -> Any:
    """Return settings, by default of two courses."""
    import kube_settings

    named = {name.replace("_", "-"): entry for name, entry in courses.items()}
    usual = {
        COURSE: {"instructors": ["ada"], "students": STUDENTS},
        "statistics": {"instructors": ["ben"], "students": ["dia"]},
    }
    return kube_settings.parse({"courses": named or usual})


def spawner(name: str, settings: Any, **traits: Any) -> Any:
    """Return a KubeSpawner as the chart configures it, for a user in the groups of the roster."""
    kubespawner = pytest.importorskip("kubespawner")
    import hub_parts

    groups = [
        SimpleNamespace(name=group)
        for group, entry in hub_parts.groups(settings).items()
        if name in entry["users"]
    ]
    traits = {
        "image": "registry.example.org/nnkit-student:1",
        "cmd": ["jupyterhub-singleuser"],
        "uid": 1000,
        "fs_gid": 100,
        "allow_privilege_escalation": False,
        "volumes": [
            {"name": "volume-home", "persistentVolumeClaim": {"claimName": "claim-{user_server}"}}
        ],
        "volume_mounts": [{"name": "volume-home", "mountPath": "/home/jovyan"}],
        **traits,
    }
    user = SimpleNamespace(name=name, id=1, url=f"/user/{name}/", groups=groups)
    with patch("kubespawner.spawner.load_config"), patch("kubespawner.spawner.shared_client"):
        return kubespawner.KubeSpawner(_mock=True, user=user, **traits)


def started(made: Any, settings: Any) -> dict[str, Any]:
    """Run the hook before a start, and return the pod's manifest as it is sent."""
    from kube_pods import before_start
    from kubernetes_asyncio.client import ApiClient

    before_start(settings, "nnkit-exchange")(made)

    async def manifest() -> dict[str, Any]:
        async with ApiClient() as client:
            return client.sanitize_for_serialization(await made.get_pod_manifest())

    return asyncio.run(manifest())


def mounts(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the exchange mounts of the pod's container."""
    container = manifest["spec"]["containers"][0]
    return [one for one in container["volumeMounts"] if one["name"] == "nnkit-exchange"]


def can_mount() -> bool:
    """Return whether this machine lets the tests make mounts."""
    try:
        done = subprocess.run([*ENTER, "mount", "-t", "tmpfs", "x", "/srv"], capture_output=True)
    except FileNotFoundError:
        return False
    return done.returncode == 0


class Pod:
    """Runs commands with the mounts and the account of a pod.

    Parameters
    ----------
    volume
        The folder that replaces the volume.
    parts
        Volume mounts of a manifest.
    home
        The pod's home folder.
    variables
        The container's environment.
    """

    def __init__(
        self, volume: Path, parts: list[dict[str, Any]], home: Path, variables: dict[str, str]
    ) -> None:
        self.home = home
        home.mkdir(exist_ok=True)
        accounts = home.parent / "passwd"
        accounts.write_text(f"jovyan:x:0:0::{home}:/bin/sh\n")
        # As in the image, which lacks this module: it takes 3 s to import.
        slow = home.parent / "without"
        slow.mkdir(exist_ok=True)
        (slow / "rfc3987_syntax.py").write_text("raise ImportError")
        lines = ["set -e", "mount -t tmpfs pod /srv", f"mkdir -p {INSTALLATION}/exchange"]
        for part in parts:
            source = shlex.quote(f"{volume}/{part.get('subPath', '')}")
            place = shlex.quote(part["mountPath"])
            lines += [f"mkdir -p {place}", f"mount --bind {source} {place}"]
            if part.get("readOnly"):
                lines.append(f"mount -o remount,bind,ro {place}")
        lines += [
            # In a pod the volume is not mounted elsewhere.
            f"mount -t tmpfs none {shlex.quote(str(volume))}",
            f"mount --bind {shlex.quote(str(accounts))} /etc/passwd",
            f"cd {shlex.quote(str(home))}",
            'exec "$@"',
        ]
        self._enter = [*ENTER, "sh", "-c", "\n".join(lines), "pod"]
        self._variables = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONPATH": f"{slow}:{HERE}:{HUB}:{ROOT}",
            "HOME": str(home),
            **variables,
        }

    def run(self, *command: object, fails: bool = False) -> str:
        """Run a command; return its output."""
        words = [*self._enter, *map(str, command)]
        done = subprocess.run(words, env=self._variables, capture_output=True, text=True)
        said = done.stdout + done.stderr
        assert bool(done.returncode) == fails, said
        return said

    def nbgrader(self, *commands: str, fails: bool = False) -> str:
        """Run nbgrader commands one after the other, with the exchange of the pod."""
        return self.run(sys.executable, "-c", _COMMANDS, *commands, fails=fails)

    def python(self, code: str, fails: bool = False) -> str:
        """Run a few lines of Python, as a student can."""
        return self.run(sys.executable, "-c", code, fails=fails)
