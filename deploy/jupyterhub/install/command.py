"""Install or upgrade the hub: environment, proxy, configuration, exchange, courses.

Run it as root from a checkout, once at first and after every change or upgrade. It keeps
gradebooks, submissions, the exchange and hub.toml::

    python3 deploy/jupyterhub/install.py            # everything, in /srv/nnkit
    python3 deploy/jupyterhub/install.py courses    # only the courses of hub.toml

Needs only Python, node and npm.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from install import courses, environment

HERE = Path(__file__).resolve().parents[1]
CHECKOUT = HERE.parents[1]
CONFIG = HERE / "config"

CONFIGURATION = (
    "jupyterhub_config.py",
    "hub_settings.py",
    "hub_toml.py",
    "settings_file.py",
    "hub_parts.py",
    "hub_login.py",
    "lti_launch.py",
)
# Run by the Python of the environment, which has pydantic.
COURSES = """
import sys
from pathlib import Path
from install import command
command.prepare_courses(Path(sys.argv[1]))
"""


def install(installation: Path, *, python: Path | None = None, as_root: bool) -> None:
    """Install or upgrade everything except the courses.

    Parameters
    ----------
    installation
        The folder of the installation.
    python
        The Python of the environment, which all accounts must be able to run. Default: the first
        that is found.
    as_root
        Whether to set owners and permissions, which only root can do.
    """
    installation.mkdir(parents=True, exist_ok=True)
    if as_root:
        installation.chmod(0o755)
    environment.make(installation, CHECKOUT, python)
    environment.packages(installation, CHECKOUT, as_root=as_root)
    environment.node(installation, HERE / "install/proxy")
    configure(installation)
    exchange = installation / "exchange"
    exchange.mkdir(exist_ok=True)
    # All accounts may add files, as nbgrader requires; only the owner of a file may rename it.
    exchange.chmod(0o1777)


def configure(installation: Path) -> None:
    """Copy the configuration of the hub and of Jupyter; keep an existing hub.toml."""
    shutil.copytree(CONFIG / "jupyter", installation / "jupyter", dirs_exist_ok=True)
    for name in ("nbgrader_config.py", "jupyter_server_config.py"):
        target = installation / "env/etc/jupyter" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (installation / "jupyter" / name).replace(target)
    hub = installation / "hub"
    hub.mkdir(exist_ok=True)
    # It contains the hub's cookie secret, tokens and database.
    hub.chmod(0o700)
    for name in CONFIGURATION:
        shutil.copy2(CONFIG / name, hub / name)
    shutil.copy2(HERE / "install/backup.py", hub / "backup.py")
    shutil.copytree(CONFIG / "templates", hub / "templates", dirs_exist_ok=True)
    token = hub / "proxy-token"
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(f"CONFIGPROXY_AUTH_TOKEN={secrets.token_hex(32)}\n", encoding="ascii")
    if not (hub / "hub.toml").exists():
        shutil.copy2(CONFIG / "hub.toml", hub / "hub.toml")
        print(f"Edit the settings of your hub in {hub / 'hub.toml'}.")


def prepare_courses(installation: Path) -> None:
    """Prepare the courses of hub.toml; needs pydantic, which the environment has."""
    sys.path.insert(0, str(CONFIG))
    import hub_toml
    from settings_file import SettingsError

    try:
        for course in hub_toml.load(installation / "hub/hub.toml").courses:
            courses.prepare(installation, CHECKOUT, course.name, course.grader)
    except (SettingsError, environment.InstallError) as error:
        sys.exit(str(error))


def main() -> None:
    """Run the command line."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("what", nargs="?", choices=("all", "courses"), default="all")
    arguments.add_argument("--folder", "--house", type=Path, default=Path("/srv/nnkit"))
    arguments.add_argument("--python", type=Path, help="a Python that all accounts can run")
    options = arguments.parse_args()
    if os.geteuid() != 0:
        sys.exit("Installing the hub needs root: run this with sudo.")
    os.umask(0o022)
    installation = options.folder.resolve()
    try:
        if options.what == "all":
            install(installation, python=options.python, as_root=True)
        elif not (installation / "env").exists():
            sys.exit(f"There is no hub in {installation} yet: run this without `courses` first.")
        python = installation / "env/bin/python"
        sys.exit(subprocess.run([python, "-c", COURSES, installation], cwd=HERE).returncode)
    except environment.InstallError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"This command failed: {' '.join(map(str, error.cmd))}\nSee its messages above.")
