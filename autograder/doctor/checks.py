"""The doctor's checks: each examines one part of this machine and returns a finding."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError

FIX_SETUP = "run `make environment`, or `pip install -c constraints.txt -e .[cpu,grading]`"
FIX_KERNEL = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
FIX_SANDBOX = "grade on another machine, or with --sandbox off if you trust the class; report this"
NEEDED = (
    "numpy",
    "keras",
    "msgpack",
    "nbgrader",
    "nbclient",
    "jupytext",
    "jwt",
    "ipykernel",
    "matplotlib",
    "nh3",
    "rapidfuzz",
    "requests",
    "rich",
)
TENSORFLOW = ("tensorflow-cpu", "tensorflow")
GIB = 1024**3


@dataclass(frozen=True)
class Finding:
    """The result of one check: ``state`` is ok, warn (works, but …) or fail (does not work)."""

    name: str
    state: str
    found: str
    remedy: str = ""


def python() -> Finding:
    """Check the interpreter's version."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 (the autograder may be run from its folder)
        return Finding(
            "Python", "fail", found, "install Python 3.11 or newer, then run `make environment`"
        )
    return Finding("Python", "ok", found)


def packages() -> Finding:
    """Check that the packages that grading imports are installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if importlib.util.find_spec("tensorflow") is None:
        missing.append("tensorflow")
    if missing:
        return Finding("packages", "fail", f"missing: {', '.join(missing)}", FIX_SETUP)
    return Finding("packages", "ok", "all that grading needs")


def pinned(constraints: Path | None) -> Finding:
    """Compare the installed versions with those that the course was tested with."""
    name = "pinned versions"
    if constraints is None:
        return Finding(name, "warn", "no constraints.txt here", "run this in the course folder")
    wanted: dict[str, set[str]] = {}
    for line in constraints.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", line):
            wanted.setdefault(match[1], set()).add(match[2])
    other = [
        f"{package} {version} (not {' or '.join(sorted(wanted[package]))})"
        for package in wanted
        if (version := _version(package)) is not None and version not in wanted[package]
    ]
    if other:
        return Finding(name, "warn", f"differ: {', '.join(other)}", FIX_SETUP)
    return Finding(name, "ok", "as in constraints.txt")


def tensorflow() -> Finding:
    """Measure the import of TensorFlow in a new process, and how much of it is compiled."""
    code = "import time; s = time.perf_counter(); import tensorflow; print(time.perf_counter() - s)"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=300
    )
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it crashed"])[-1]
        return Finding("TensorFlow", "fail", f"import fails: {last}", FIX_SETUP)
    seconds = float(run.stdout.split()[-1])
    version = next(filter(None, map(_version, TENSORFLOW)), "")
    fraction = _compiled_fraction(Path(sysconfig.get_path("purelib")) / "tensorflow")
    found = f"{version}, imported in {seconds:.1f} s, {fraction:.0%} of its bytecode compiled"
    if fraction < 0.9:
        remedy = f"{sys.executable} -m compileall -q {sysconfig.get_path('purelib')}"
        return Finding("TensorFlow", "warn", found, f"halve the import: {remedy}")
    return Finding("TensorFlow", "ok", found)


def scikit_learn() -> Finding:
    """Check for scikit-learn, which Keras imports if it is installed."""
    version = _version("scikit-learn")
    if version:
        return Finding(
            "scikit-learn",
            "warn",
            f"{version} is installed, which makes every `import keras` slower",
            "pip uninstall scikit-learn",
        )
    return Finding("scikit-learn", "ok", "not installed, so `import keras` is quick")


def alembic() -> Finding:
    """Check for the command that nbgrader runs when it creates a gradebook."""
    if path := shutil.which("alembic"):
        return Finding("alembic", "ok", path)
    scripts = sysconfig.get_path("scripts")
    if path := shutil.which("alembic", path=scripts):
        return Finding(
            "alembic",
            "warn",
            f"{path}, not on PATH: the autograder finds it, nbgrader's commands do not",
            f'export PATH="{scripts}:$PATH"',
        )
    return Finding(
        "alembic", "fail", "not installed: nbgrader cannot create a gradebook", FIX_SETUP
    )


def kernel() -> Finding:
    """Check the kernel ``python3`` and the variables that silence TensorFlow."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from autograder.kernel_environment import KERNEL_ENVIRONMENT

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "fail", "there is no kernel `python3`", FIX_KERNEL)
    if shutil.which(spec.argv[0]) is None:
        return Finding("kernel", "fail", f"it runs {spec.argv[0]}, which does not exist", FIX_SETUP)
    if not Path(shutil.which(spec.argv[0])).is_relative_to(sys.prefix):
        found = f"python3 runs {spec.argv[0]}, of another environment than this"
        return Finding("kernel", "warn", found, FIX_KERNEL)
    values = {name: spec.env.get(name, os.environ.get(name)) for name in KERNEL_ENVIRONMENT}
    unset = [f"{k}={v}" for k, v in KERNEL_ENVIRONMENT.items() if values[k] != v]
    if unset:
        remedy = f'add {", ".join(unset)} to "env" in {spec.resource_dir}/kernel.json'
        return Finding("kernel", "warn", "python3, but TensorFlow prints in notebooks", remedy)
    return Finding("kernel", "ok", f"python3 in {spec.resource_dir}")


def gradebook(course_folder: Path | None) -> Finding:
    """Check that the gradebook's folder can be written to."""
    from autograder.course import Course

    try:
        course = Course.find(root=course_folder) if course_folder else Course.find()
    except AutograderError as error:
        return Finding("gradebook", "warn", str(error), "run this in the course folder")
    if not course.db_url.startswith("sqlite:///"):
        with course.gradebook():
            return Finding("gradebook", "ok", "the database answers")
    file = Path(course.db_url.removeprefix("sqlite:///"))
    places = [file.parent, *([file] if file.exists() else [])]
    closed = [str(place) for place in places if not os.access(place, os.W_OK)]
    if closed:
        remedy = f"chmod u+w {' '.join(closed)}"
        return Finding("gradebook", "fail", f"not writable: {', '.join(closed)}", remedy)
    return Finding("gradebook", "ok", f"{file} can be written")


def disk(folder: Path) -> Finding:
    """Check the free space for the course and for the scratch copies."""
    places = {Path(folder).resolve(), Path(tempfile.gettempdir())}
    free = {place: shutil.disk_usage(place).free / GIB for place in places if place.exists()}
    found = ", ".join(f"{size:.0f} GiB free in {place}" for place, size in sorted(free.items()))
    if min(free.values()) < 2:
        return Finding("disk", "warn", found, "free some space: a class of 100 needs about 2 GiB")
    return Finding("disk", "ok", found)


def memory() -> Finding:
    """Check the memory that is available now."""
    file = Path("/proc/meminfo")
    if not file.exists():
        return Finding("memory", "warn", "unknown", "nothing to do: only Linux has /proc/meminfo")
    lines = file.read_text(encoding="ascii").splitlines()
    values = {line.split(":")[0]: int(line.split()[1]) / 1024**2 for line in lines}
    available = values.get("MemAvailable", 0.0)
    found = f"{available:.1f} GiB available, {os.cpu_count()} processors"
    if available < 2:
        remedy = "close programs, or grade with --jobs 1: a TensorFlow notebook takes 0.7 GiB"
        return Finding("memory", "warn", found, remedy)
    return Finding("memory", "ok", found)


def control_groups() -> Finding:
    """Check whether the kernel counts all memory of a candidate."""
    from autograder.exam.sandbox import cgroup

    if remedy := cgroup.remedy():
        found = "memory is counted for each process: page tables, sockets and locks by estimate"
        return Finding("control groups", "warn", found, remedy)
    found = "the kernel counts all memory of each candidate, its own allocations included"
    return Finding("control groups", "ok", found)


def sandbox() -> Finding:
    """Enter the sandbox in a separate process."""
    from autograder.exam.sandbox import available

    found = available()
    if found.ok:
        return Finding("sandbox", "ok", "; ".join(found.details) or "can be entered")
    return Finding("sandbox", "fail", found.reason, found.remedy)


def sandbox_holds(course_folder: Path) -> list[Finding]:
    """Try from inside the sandbox to break out of it, and to work as a student does."""
    from autograder.exam.sandbox import probe

    return [
        Finding(f"sandbox: {found.what}", "ok", found.detail)
        if found.ok
        else Finding(f"sandbox: {found.what}", "fail", found.detail, FIX_SANDBOX)
        for found in probe(course_folder)
    ]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _compiled_fraction(folder: Path, sample: int = 400) -> float:
    """Return the fraction of a package's modules with bytecode, from the first ``sample`` files."""
    sources = [path for path, _ in zip(folder.rglob("*.py"), range(sample), strict=False)]
    compiled = [Path(importlib.util.cache_from_source(str(path))).exists() for path in sources]
    return sum(compiled) / max(1, len(compiled))
