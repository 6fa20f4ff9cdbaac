"""An upgrade installs the same files as before, and leaves no old module that is imported."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from install import command, environment

HUB = Path(__file__).resolve().parents[3] / "deploy/jupyterhub"
# What the units, a running hub and docs/administrators.md name.
HUB_FILES = {
    "backup.py",
    "hub.toml",
    "hub_login.py",
    "hub_parts.py",
    "hub_settings.py",
    "hub_toml.py",
    "jupyterhub_config.py",
    "lti_launch.py",
    "proxy-token",
    "settings_file.py",
    "templates",
}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a hub's folder with modules and settings of an earlier version."""
    site = tmp_path / "env/lib/python3.11/site-packages"
    for folder in (site / "nnkit_warm", tmp_path / "grading/lib/autograder", tmp_path / "hub"):
        folder.mkdir(parents=True)
        (folder / "room.py").write_text("raise ImportError('old')", encoding="utf-8")
    (tmp_path / "hub/room.py").rename(tmp_path / "hub/hub_parts.py")
    (tmp_path / "hub/hub.toml").write_text("# mine\n", encoding="utf-8")
    (tmp_path / "env/bin").mkdir()
    (tmp_path / "env/bin/python").symlink_to(sys.executable)
    return tmp_path


def test_an_upgrade_replaces_code_and_keeps_settings_and_names(installed, monkeypatch):
    monkeypatch.setattr(environment, "_run", lambda *_, **__: None)  # compiles everything
    environment.packages(installed, command.CHECKOUT, as_root=False)
    command.configure(installed)
    assert {path.name for path in (installed / "hub").iterdir()} == HUB_FILES
    assert not [path for path in (installed / "hub").rglob("*") if path.is_symlink()]
    assert (installed / "hub/hub.toml").read_text("utf-8") == "# mine\n"
    assert not list(installed.rglob("room.py"))
    (site,) = (installed / "env/lib").glob("*/site-packages")
    assert (site / "nnkit_exchange.py").is_file()
    code = "import backup, hub_login, hub_parts, hub_toml; print(hub_parts.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=installed / "hub", capture_output=True, text=True
    )
    assert done.stdout.strip() == str(installed / "hub/hub_parts.py"), done.stderr


def test_the_jupyter_configuration_is_where_servers_look_for_it(installed):
    command.configure(installed)
    for name in ("nbgrader_config.py", "jupyter_server_config.py"):
        assert (installed / "env/etc/jupyter" / name).is_file()
    for role in ("student", "instructor", "grader"):
        assert (installed / "jupyter" / role / "jupyter_server_config.json").is_file()


@pytest.mark.parametrize("option", ["--folder", "--house"])
def test_the_documented_command_needs_only_the_standard_library(option, tmp_path):
    """The interpreter of a fresh machine has no site-packages; it may run from any folder."""
    line = [sys.executable, "-S", HUB / "install.py", "courses", option, tmp_path]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    wanted = "There is no hub in" if os.geteuid() == 0 else "needs root"
    assert done.returncode == 1
    assert wanted in done.stderr
