"""Make the virtual environment: pinned versions, compiled bytecode, a registered kernel.

Needs only Python. It installs with uv, which downloads and unpacks in parallel, and falls back to
pip if uv is not available or cannot reach the package index (uv does not read pip's configuration).
A stamp in the environment makes a second run a no-op.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INPUTS = ("pyproject.toml", "constraints.txt", "tools/setup_env.py")

# Every kernel's variables: TensorFlow prints nothing on stderr (nbgrader would score such a cell
# 0) and computes the same numbers on every machine.
KERNEL_ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}


def fingerprint(extras: str) -> str:
    """Return a hash of everything that determines the environment."""
    digest = hashlib.sha256(f"{extras}\n{sys.version}\n{ROOT}\n".encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def pinned(package: str) -> str:
    """Return ``package==version`` from the constraints."""
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(package)}==\S+", text, re.MULTILINE)
    return found.group(0) if found else package


def run(*command: str | Path) -> bool:
    """Run a command and show its output; return whether it succeeded."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run([str(part) for part in command], env=environment).returncode == 0


def install(python: Path, extras: str) -> None:
    """Install the project, editable, with the versions of ``constraints.txt``."""
    wanted = ["-c", ROOT / "constraints.txt", "-e", f"{ROOT}[{extras}]"]
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    if run(*pip, "install", "-q", pinned("uv")):
        uv = python.parent / ("uv.exe" if os.name == "nt" else "uv")
        if run(uv, "pip", "install", "--python", python, "--compile-bytecode", *wanted):
            return
        print("uv could not install the environment; trying pip, which is slower.", flush=True)
    if not run(*pip, "install", "--compile", *wanted):
        sys.exit(
            "The environment could not be installed. Is the package index reachable? "
            "The lines above say what failed; fix it and run the same command again."
        )


def register_kernel(python: Path) -> None:
    """Register the kernel ``python3`` inside the environment, with its variables set."""
    if not run(python, "-m", "ipykernel", "install", "--sys-prefix", "--name", "python3"):
        sys.exit("The Jupyter kernel could not be registered: see the message above.")
    path = python.parent.parent / "share/jupyter/kernels/python3/kernel.json"
    spec = json.loads(path.read_text(encoding="utf-8"))
    spec["display_name"] = "Python 3"
    spec["env"] = {**spec.get("env", {}), **KERNEL_ENVIRONMENT}
    path.write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Create or update the environment, unless it is up to date."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--venv", type=Path, default=ROOT / ".venv")
    arguments.add_argument("--extras", default="cpu,grading,dev")
    options = arguments.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036  (a message for an older Python)
        sys.exit(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: "
            "install it and run `make PYTHON=python3.11 …`."
        )
    stamp = options.venv / "nnkit-environment"
    wanted = fingerprint(options.extras)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print(f"Setting up {options.venv} (once; about 2 GB and a minute or two) …", flush=True)
    stamp.unlink(missing_ok=True)
    # A copy of the interpreter fails if Python is a shim; a link does not.
    venv.EnvBuilder(with_pip=True, symlinks=os.name != "nt", upgrade_deps=False).create(
        options.venv
    )
    folder = "Scripts" if os.name == "nt" else "bin"
    python = options.venv / folder / ("python.exe" if os.name == "nt" else "python")
    install(python, options.extras)
    register_kernel(python)
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
