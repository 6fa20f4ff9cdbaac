"""Install the Python environment, nnkit, the autograder, and the proxy."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GRADERS = "nnkit-graders"
EXTRAS = ("cpu", "grading", "hub", "cluster")
# jsonschema uses it for a format that no notebook has, and compiles its grammar for 1.6 s at the
# start of every server.
UNWANTED = ("rfc3987-syntax",)
HERE = Path(__file__).resolve().parents[1]
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


class InstallError(Exception):
    """The installation cannot continue; the message says how to fix it."""


def make(installation: Path, checkout: Path, python: Path | None = None) -> None:
    """Make ``env/`` from ``constraints.txt``, unless it is up to date.

    Raises
    ------
    InstallError
        If there is no Python that all accounts can run.
    """
    sys.path.insert(0, str(checkout / "tools"))
    import setup_env

    python = python or common_python()
    wanted = _requirements(checkout)
    with _unless_done(installation / "env/nnkit-environment", python, checkout, wanted) as needed:
        if not needed:
            return
        print(
            f"Setting up {installation / 'env'} (once; about 2 GB and a minute or two) …",
            flush=True,
        )
        # The environment links to the system's interpreter, which gets security updates.
        shutil.rmtree(installation / "env", ignore_errors=True)
        _run(python, "-m", "venv", "--without-pip", installation / "env")
        _install(installation, checkout, wanted)
        setup_env.register_kernel(installation / "env/bin/python")
        _readable(installation / "env")


def common_python() -> Path:
    """Return a Python, 3.11 or newer, that every account can run.

    Raises
    ------
    InstallError
        If there is none.
    """
    found = [sys.executable, *(shutil.which(f"python3.{n}", path="/usr/bin") for n in (11, 12, 13))]
    for name in filter(None, found):
        path = Path(name).resolve()
        if runs_for_all(path) and _version(path) >= (3, 11):
            return path
    raise InstallError(
        "Found no Python 3.11 or newer that all accounts of this machine can run: "
        "apt-get install python3 python3-venv, or name one with --python."
    )


def runs_for_all(path: Path) -> bool:
    """Return whether all accounts can reach and run a file."""
    others = (stat.S_IMODE(folder.stat().st_mode) & 0o001 for folder in (path, *path.parents))
    return all(others)


def _version(python: Path) -> tuple[int, int]:
    code = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    major, minor = map(int, (done.stdout or "0 0").split())
    return major, minor


def _requirements(checkout: Path) -> list[str]:
    """Return the dependencies of the notebooks, the grading and the hub."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    return project["dependencies"] + [one for extra in EXTRAS for one in optional[extra]]


def _install(installation: Path, checkout: Path, wanted: list[str]) -> None:
    """Install the pinned versions with uv, which gets a temporary environment if it is missing."""
    sys.path.insert(0, str(checkout / "tools"))
    import setup_env

    with tempfile.TemporaryDirectory() as temporary:
        uv = shutil.which("uv") or checkout / ".venv/bin/uv"
        if not Path(uv).exists():
            _run(sys.executable, "-m", "venv", temporary)
            _run(f"{temporary}/bin/python", "-m", "pip", "install", "-q", setup_env.pinned("uv"))
            uv = f"{temporary}/bin/uv"
        listed = Path(temporary, "requirements.txt")
        listed.write_text("\n".join(wanted), encoding="utf-8")
        pip = [
            uv,
            "pip",
            "install",
            "--python",
            installation / "env/bin/python",
            "--compile-bytecode",
        ]
        _run(*pip, "-q", "-c", checkout / "constraints.txt", "-r", listed)
        _run(uv, "pip", "uninstall", "-q", "--python", installation / "env/bin/python", *UNWANTED)


def packages(installation: Path, checkout: Path, *, as_root: bool) -> None:
    """Install nnkit into the environment, and the autograder where only graders can read it."""
    site = next((installation / "env/lib").glob("python3.*/site-packages"))
    _replace(checkout / "nnkit", site / "nnkit")
    _replace(HERE / "warm/nnkit_warm", site / "nnkit_warm")
    shutil.copy2(HERE / "config/nnkit_exchange.py", site / "nnkit_exchange.py")
    grading = installation / "grading"
    (grading / "bin").mkdir(parents=True, exist_ok=True)
    _replace(checkout / "autograder", grading / "lib/autograder")
    command = grading / "bin/autograder"
    command.write_text(
        f"#!{installation}/env/bin/python\nfrom autograder.cli import main\n\nmain()\n",
        encoding="utf-8",
    )
    command.chmod(0o755)
    compiling = [installation / "env/bin/python", "-m", "compileall", "-q", "-j", "1"]
    compiled = ("nnkit", "nnkit_warm", "nnkit_exchange.py")
    _run(*compiling, *(site / name for name in compiled), grading / "lib")
    # Python ignores a folder of its path that it cannot read: for all accounts except the graders.
    (site / "nnkit-grading.pth").write_text(f"{grading}/lib\n", encoding="utf-8")
    _readable(site / "nnkit")
    _readable(site / "nnkit_warm")
    if as_root:
        _run("groupadd", "--force", "--system", GRADERS)
        shutil.chown(grading, "root", GRADERS)
        grading.chmod(0o750)


def node(installation: Path, proxy: Path) -> None:
    """Install the proxy and MathJax, at the versions of ``package-lock.json``.

    Raises
    ------
    InstallError
        If there is no npm.
    """
    folder = installation / "node"
    files = [proxy / "package.json", proxy / "package-lock.json"]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    with _unless_done(folder / "nnkit-node", text) as needed:
        if not needed:
            return
        if shutil.which("npm") is None or shutil.which("node") is None:
            raise InstallError(
                "The hub's proxy needs npm and node 18 or newer: apt-get install nodejs npm."
            )
        folder.mkdir(exist_ok=True)
        for path in files:
            shutil.copy2(path, folder / path.name)
        _run("npm", "ci", "--omit=dev", "--silent", "--no-audit", "--no-fund", cwd=folder)
        _readable(folder)


@contextmanager
def _unless_done(stamp: Path, *inputs: object) -> Iterator[bool]:
    """Yield whether a step is needed for these inputs; afterwards record that it is done."""
    text = "\n".join(map(str, inputs))
    for one in inputs:
        if isinstance(one, Path) and (one / "constraints.txt").is_file():
            text += (one / "constraints.txt").read_text(encoding="utf-8")
    wanted = hashlib.sha256(f"{text}{UNWANTED}".encode()).hexdigest()
    needed = not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted
    if needed:
        stamp.unlink(missing_ok=True)
    yield needed
    if needed:
        stamp.write_text(wanted, encoding="utf-8")


def _replace(source: Path, target: Path) -> None:
    """Replace a package by a copy of another; links in it become files."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=_IGNORED)


def _readable(folder: Path) -> None:
    """Let all accounts read a folder, with any umask."""
    subprocess.run(["chmod", "-R", "a+rX", str(folder)], check=True)


def _run(*command: object, cwd: Path | None = None) -> None:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([str(word) for word in command], check=True, cwd=cwd, env=kept)
