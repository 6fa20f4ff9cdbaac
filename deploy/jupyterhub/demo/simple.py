"""The demonstration's hub without root: all users share the account that starts it.

Run by ``demo/hub.py``. It shows all pages, but does not separate the users.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

HUB = Path(__file__).resolve().parents[1]
CHECKOUT = HUB.parents[1]
sys.path[:0] = [str(HUB), str(HUB / "config")]

import hub_settings  # noqa: E402
import hub_toml  # noqa: E402
from install import command, courses  # noqa: E402
from install.environment import InstallError  # noqa: E402

from demo import inside  # noqa: E402


def set_up(installation: Path, plan: dict[str, Any]) -> None:
    """Prepare everything for the hub's start; keep the results of an earlier start."""
    command.install(installation, python=Path(sys.executable).resolve(), as_root=False)
    (installation / "hub/hub.toml").write_text(plan["hub.toml"], encoding="utf-8")
    for course in hub_toml.load(installation / "hub/hub.toml").courses:
        courses.prepare(installation, CHECKOUT, course.name)
        inside.release_all(installation, course.name)


def run(installation: Path) -> int:
    """Run the hub until a signal stops it; it stops all users' servers, too."""
    environment = {
        **os.environ,
        "PATH": f"{installation}/env/bin:{installation}/grading/bin:{os.environ['PATH']}",
        "NNKIT_HUB_CLEANUP": "1",
    }
    command = [
        str(installation / "env/bin/jupyterhub"),
        "-f",
        str(installation / "hub/jupyterhub_config.py"),
    ]
    with (installation / "hub/log").open("ab") as log:
        hub = subprocess.Popen(
            command,
            cwd=installation / "hub",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    asked = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: (asked.append(True), hub.terminate()))
    status = hub.wait()
    return 0 if asked else status or 1


def main() -> None:
    """Set up and run the hub: ``simple.py PLAN``."""
    plan = json.loads(sys.argv[1])
    installation = Path(plan["build"]) / "installation"
    try:
        set_up(installation, plan)
    except (InstallError, hub_settings.SettingsError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(str(error.cmd[0])).name} failed: see the messages above.")
    if not plan["setup_only"]:
        sys.exit(run(installation))


if __name__ == "__main__":
    main()
