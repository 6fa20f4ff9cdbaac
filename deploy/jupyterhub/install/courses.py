"""Create a course: its account, its folder, and its part of the exchange."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from install.environment import GRADERS, InstallError

# The initial contents of a course folder, which instructors may change afterwards.
_PARTS = ("nbgrader_config.py", "constraints.txt", "solutions")
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


def prepare(installation: Path, checkout: Path, name: str, grader: str | None = None) -> None:
    """Create what is missing of a course; keep everything that exists.

    Parameters
    ----------
    grader
        The account that owns the course. Default: the current account.

    Raises
    ------
    InstallError
        If the checkout's ``nbgrader_config.py`` does not set the course id in one line.
    """
    if grader:
        _account(grader)
    folder = installation / "courses" / name
    _mkdir(folder, 0o700)
    for part in _PARTS:
        if not (folder / part).exists():
            _copy(checkout / part, folder / part)
            if part == "nbgrader_config.py":
                _name_course(folder / part, name)
    exchange = installation / "exchange" / name
    for place, mode in {"": 0o755, "outbound": 0o755, "inbound": 0o3733, "feedback": 0o711}.items():
        _mkdir(exchange / place, mode)
    if grader:
        for place in (folder, exchange):
            _give(place, grader)


def _account(name: str) -> None:
    """Create a grader's account, which has no password."""
    if subprocess.run(["id", name], capture_output=True).returncode:
        comment = ["--comment", "nbgrader's grader"]
        _run("useradd", "--create-home", "--shell", "/bin/bash", *comment, "--user-group", name)
        _run("chmod", "700", _home(name))
    _run("usermod", "--append", "--groups", GRADERS, name)


def _home(name: str) -> str:
    return os.path.expanduser(f"~{name}")  # noqa: PTH111  (of another account)


def _mkdir(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_IGNORED)
    else:
        shutil.copy2(source, target)


def _name_course(config: Path, name: str) -> None:
    text = config.read_text(encoding="utf-8")
    pattern = r"^(c\.CourseDirectory\.course_id = ).*$"
    named, count = re.subn(pattern, rf'\g<1>"{name}"', text, flags=re.MULTILINE)
    if count != 1:
        raise InstallError(f"{config} must set c.CourseDirectory.course_id in one line.")
    config.write_text(named, encoding="utf-8")


def _give(folder: Path, owner: str) -> None:
    """Make a course's grader the owner of a folder; submissions keep their students as owners."""
    # Never the target of a link: the grader can make links there, and this runs as root.
    _run("chown", "--no-dereference", f"{owner}:{owner}", folder, *folder.iterdir())
    if (folder / "solutions").is_dir():
        _run("chown", "--recursive", "-P", f"{owner}:{owner}", folder / "solutions")


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)
