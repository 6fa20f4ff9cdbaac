"""The files that describe the environment say one thing."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=!~;\s]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def pins() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition("==")
            found.setdefault(name, set()).add(rest.split(";")[0].strip())
    return found


def requirements(*extras: str) -> list[str]:
    optional = PROJECT["optional-dependencies"]
    return PROJECT["dependencies"] + [r for extra in extras for r in optional[extra]]


def test_every_constraint_is_exact():
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.match(r"^[a-z0-9._-]+==[0-9][^\s;]*( ; .+)?$", line), line


def test_every_dependency_of_every_extra_is_pinned():
    known = pins()
    missing = [
        r for r in requirements(*PROJECT["optional-dependencies"]) if name_of(r) not in known
    ]
    assert missing == []


def test_conda_environment_is_in_step():
    spec = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert f"python=={sys.version_info[0]}.11".replace("==", "=") in spec["dependencies"]
    [pip] = [part["pip"] for part in spec["dependencies"] if isinstance(part, dict)]
    exact = dict(line.split("==") for line in pip if "==" in line)
    known = pins()
    for name, version in exact.items():
        assert version in known[name], f"{name}: run `make lock`"
    wanted = {name_of(r) for r in requirements("cpu", "grading")} - {"tensorflow"}
    assert set(exact) == wanted
    assert "-c constraints.txt" in pip


def test_kernel_variables_are_the_same_everywhere():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from setup_env import KERNEL_ENVIRONMENT
    finally:
        sys.path.pop(0)
    spec = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert spec["variables"] == KERNEL_ENVIRONMENT
    kernel = Path(sys.prefix) / "share/jupyter/kernels/python3/kernel.json"
    assert KERNEL_ENVIRONMENT.items() <= json.loads(kernel.read_text("utf-8"))["env"].items()


def test_installed_versions_are_the_pinned_ones():
    known = pins()
    for requirement in requirements("grading", "dev"):
        name = name_of(requirement)
        assert metadata.version(name) in known[name], name


@pytest.mark.parametrize("module", ["numpy", "keras", "tensorflow", "nbgrader"])
def test_bytecode_is_compiled_at_install(module):
    spec = __import__("importlib.util", fromlist=["util"]).find_spec(module)
    folder = Path(spec.origin).parent
    sources = [p for p in folder.glob("*.py") if p.stat().st_size]
    for source in sources:
        assert list((folder / "__pycache__").glob(f"{source.stem}.*.pyc")), source


def test_scikit_learn_stays_out_of_the_environment():
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.version("scikit-learn")


@pytest.mark.slow
def test_importing_tensorflow_after_nnkit_says_nothing():
    code = "import nnkit, tensorflow as tf; tf.constant(1) + 1"
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == ""
