"""The demonstration's hub where there are no accounts to give: everybody is who starts it.

Run by ``tools/hub.py``. It shows every page and keeps nobody apart.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT / "deploy/jupyterhub"), str(CHECKOUT / "tools")]

import house_courses  # noqa: E402
import house_environment  # noqa: E402
import hub_inside  # noqa: E402
import hub_settings  # noqa: E402
import hub_toml  # noqa: E402
import install  # noqa: E402


def set_up(house: Path, plan: dict[str, Any]) -> None:
    """Do all that comes before the hub's start; what an earlier start did is kept."""
    install.install(house, python=Path(sys.executable).resolve(), as_root=False)
    (house / "hub/hub.toml").write_text(plan["hub.toml"], encoding="utf-8")
    for course in hub_toml.load(house / "hub/hub.toml").courses:
        house_courses.prepare(house, CHECKOUT, course.name)
        hub_inside.release_all(house, course.name)


def run(house: Path) -> int:
    """Run the hub until it is asked to stop; it stops everybody's server with it."""
    environment = {
        **os.environ,
        "PATH": f"{house}/env/bin:{house}/grading/bin:{os.environ['PATH']}",
        "NNKIT_HUB_CLEANUP": "1",
    }
    command = [str(house / "env/bin/jupyterhub"), "-f", str(house / "hub/jupyterhub_config.py")]
    with (house / "hub/log").open("ab") as log:
        hub = subprocess.Popen(
            command,
            cwd=house / "hub",
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
    """Set up and run the hub: ``hub_simple.py PLAN``."""
    plan = json.loads(sys.argv[1])
    house = Path(plan["build"]) / "house"
    try:
        set_up(house, plan)
    except (house_environment.InstallError, hub_settings.SettingsError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(str(error.cmd[0])).name} failed: the lines above say why.")
    if not plan["setup_only"]:
        sys.exit(run(house))


if __name__ == "__main__":
    main()
