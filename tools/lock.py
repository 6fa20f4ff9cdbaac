"""Write ``constraints.txt`` and ``environment.yml``: an exact version of every package.

Run by ``make lock`` after the dependencies in ``pyproject.toml`` change, or to upgrade versions
(``make lock UPGRADE=1``). Needs the package index.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
HEADER = "# Every version, exact. Made by `make lock`; never edited by hand.\n"


def compile_extras(*extras: str, keep: str) -> list[str]:
    """Resolve the project with ``extras``, preferring the pins ``keep``; return its lines."""
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--no-header", "--no-annotate", "pyproject.toml"]
    for extra in extras:
        command += ["--extra", extra]
    command += ["-c", "-"] if keep else []
    done = subprocess.run(command, cwd=ROOT, input=keep, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.splitlines()


def name_of(line: str) -> str:
    """Return the package's name in a requirement line."""
    return re.split(r"[=\s;\[]", line, maxsplit=1)[0]


def constraints(keep: str) -> str:
    """Return the pins of the default environment and those that only the GPU extra needs."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    lines = compile_extras(*(extra for extra in extras if extra != "gpu"), keep=keep)
    # tensorflow and tensorflow-cpu exclude each other only when they are installed: a constraint
    # without a marker is right for both.
    lines = [re.sub(r"^(tensorflow==\S+).*", r"\1", line) for line in lines]
    known = {name_of(line) for line in lines}
    gpu = compile_extras("gpu", keep="\n".join(lines))
    lines += [line for line in gpu if name_of(line) not in known]
    return HEADER + "\n".join(sorted(lines)) + "\n"


def environment(pins: str) -> str:
    """Return the text of ``environment.yml``: direct dependencies with their pinned versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = project["dependencies"] + project["optional-dependencies"]["grading"]
    wanted = {name_of(re.sub(r"[><!~].*", "", line)) for line in direct} | {"tensorflow-cpu"}
    exact = [
        line.replace("python_full_version < '3.12'", "").rstrip(" ;")
        for line in pins.splitlines()
        if name_of(line) in wanted and ">= '3.12'" not in line
    ]
    lines = [
        "# The conda environment of students, instructors and the hub image.",
        "# Made by `make lock` from pyproject.toml and constraints.txt.",
        "name: nnkit",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python=3.11",
        "  - pip",
        "  - pip:",
        "      - -c constraints.txt",
        *(f"      - {line.split(' ;')[0]}" for line in exact),
        "      - -e .[grading]",
        "variables:",
        '  TF_CPP_MIN_LOG_LEVEL: "3"',
        '  TF_ENABLE_ONEDNN_OPTS: "0"',
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--upgrade", action="store_true", help="use the newest versions")
    options = arguments.parse_args()
    keep = "" if options.upgrade or not CONSTRAINTS.exists() else CONSTRAINTS.read_text("utf-8")
    pins = constraints(keep)
    CONSTRAINTS.write_text(pins, encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
