"""`autograder doctor` finds what is missing and names the remedy."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from autograder.doctor import checks, command
from autograder.doctor.checks import Finding
from autograder.exam import sandbox


def versions(monkeypatch: pytest.MonkeyPatch, **found: str) -> None:
    """Pretend that only these packages are installed."""

    def version(name: str) -> str:
        if name not in found:
            raise importlib.metadata.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(importlib.metadata, "version", version)


def ran(
    monkeypatch: pytest.MonkeyPatch, returncode: int, stdout: str = "", stderr: str = ""
) -> None:
    """Pretend that every command ends so."""
    result = SimpleNamespace(returncode=returncode, stdout=stdout, stderr=stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: result)


def test_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.python().state == "ok"
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    assert checks.python().state == "fail"


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.packages().state == "ok"
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "nbclient" else find(name)
    )
    finding = checks.packages()
    assert (finding.state, finding.found) == ("fail", "missing: nbclient")
    assert "make environment" in finding.remedy


def test_pinned_versions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    file.write_text(
        "# exact\nnumpy==2.0 ; python_version < '3.12'\nnumpy==2.1 ; x\nkeras==3.0\nabsent==1\n",
        encoding="utf-8",
    )
    versions(monkeypatch, numpy="2.1", keras="3.0")
    assert checks.pinned(file).state == "ok"
    versions(monkeypatch, numpy="2.2", keras="3.0")
    finding = checks.pinned(file)
    assert finding.state == "warn"
    assert "numpy 2.2 (not 2.0 or 2.1)" in finding.found
    assert "keras" not in finding.found
    assert checks.pinned(None).state == "warn"


def test_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    ran(monkeypatch, 0, "noise 4.25\n")
    monkeypatch.setattr(checks, "_compiled_fraction", lambda _: 1.0)
    finding = checks.tensorflow()
    assert finding.state == "ok"
    assert "4.2 s" in finding.found
    monkeypatch.setattr(checks, "_compiled_fraction", lambda _: 0.1)
    assert "compileall" in checks.tensorflow().remedy
    ran(monkeypatch, 1, "", "Traceback\nImportError: no libcudart\n")
    finding = checks.tensorflow()
    assert finding.state == "fail"
    assert "no libcudart" in finding.found


def test_compiled_fraction(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
    assert checks._compiled_fraction(tmp_path) == 0.0
    cached = Path(importlib.util.cache_from_source(str(tmp_path / "a.py")))
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_bytes(b"")
    assert checks._compiled_fraction(tmp_path) == 0.5


def test_scikit_learn_slows_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    versions(monkeypatch)
    assert checks.scikit_learn().state == "ok"
    versions(monkeypatch, **{"scikit-learn": "1.5"})
    assert "pip uninstall" in checks.scikit_learn().remedy


def test_alembic(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {None: "/usr/bin/alembic"}
    monkeypatch.setattr(shutil, "which", lambda _, path=None: places.get(path))
    assert checks.alembic().state == "ok"
    places.clear()
    assert checks.alembic().state == "fail"
    monkeypatch.setattr(shutil, "which", lambda _, path=None: path and f"{path}/alembic")
    finding = checks.alembic()
    assert finding.state == "warn"
    assert finding.remedy.startswith("export PATH=")


def kernelspec(monkeypatch: pytest.MonkeyPatch, argv0: str, env: dict[str, str]) -> None:
    spec = SimpleNamespace(argv=[argv0], env=env, resource_dir="/kernels/python3")
    monkeypatch.setattr(
        "jupyter_client.kernelspec.KernelSpecManager.get_kernel_spec", lambda *_: spec
    )


def test_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    full = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    for name in full:
        monkeypatch.delenv(name, raising=False)
    kernelspec(monkeypatch, sys.executable, full)
    assert checks.kernel().state == "ok"
    kernelspec(monkeypatch, sys.executable, {"TF_CPP_MIN_LOG_LEVEL": "3"})
    assert "TF_ENABLE_ONEDNN_OPTS=0" in checks.kernel().remedy
    kernelspec(monkeypatch, "/nowhere/python", full)
    assert checks.kernel().state == "fail"
    kernelspec(monkeypatch, "/bin/sh", full)
    assert "another environment" in checks.kernel().found


def test_gradebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert checks.gradebook(tmp_path).state == "warn"
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    assert checks.gradebook(tmp_path).state == "ok"
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "chmod" in checks.gradebook(tmp_path).remedy


def test_disk_and_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * checks.GIB))
    assert checks.disk(tmp_path).state == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=checks.GIB))
    assert checks.disk(tmp_path).state == "warn"
    for kilobytes, state in ((8 * 1024**2, "ok"), (1024**2, "warn")):
        text = f"MemTotal: 9 kB\nMemAvailable: {kilobytes} kB\n"
        monkeypatch.setattr(Path, "read_text", lambda *_, text=text, **__: text)
        assert checks.memory().state == state


def test_a_sandbox_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    found = sandbox.Availability(False, "user namespaces are switched off", "sysctl -w a=1")
    monkeypatch.setattr(sandbox, "available", lambda: found)
    finding = checks.sandbox()
    assert (finding.state, finding.found) == ("fail", "user namespaces are switched off")
    assert finding.remedy == "sysctl -w a=1"


def test_the_sandbox_is_tried_unless_in_a_hurry(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("python", "packages", "tensorflow", "scikit_learn", "alembic", "kernel"):
        monkeypatch.setattr(checks, name, lambda: Finding("x", "ok", "fine"))
    tried = [sandbox.Probe("no way out", True, "refused"), sandbox.Probe("dark", False, "read it")]
    monkeypatch.setattr(sandbox, "available", lambda: sandbox.Availability(True, details=("a",)))
    monkeypatch.setattr(sandbox, "probe", lambda folder: tried if folder == tmp_path else [])
    last = command.examine(tmp_path)[-3:]
    assert [(finding.name, finding.state) for finding in last] == [
        ("sandbox", "ok"), ("sandbox: no way out", "ok"), ("sandbox: dark", "fail"),
    ]  # fmt: skip
    assert "read it" in last[-1].found
    assert command.examine(tmp_path, quick=True)[-1].name == "sandbox"


@pytest.mark.slow
def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall_over() -> Finding:
        raise OSError("no /proc here")

    for name in ("python", "packages", "tensorflow", "scikit_learn", "alembic", "kernel"):
        monkeypatch.setattr(checks, name, lambda: Finding("x", "ok", "fine"))
    monkeypatch.setattr(checks, "memory", fall_over)
    findings = command.examine()
    assert [f for f in findings if f.state == "fail" and "no /proc here" in f.found]
    assert not command.healthy(findings)


def test_the_table_and_the_json() -> None:
    findings = [Finding("a", "ok", "good"), Finding("b", "warn", "so-so", "mend b")]
    console = Console(width=100)
    with console.capture() as capture:
        command.show(console, findings)
    assert "✓" in capture.get()
    assert "→ mend b" in capture.get()
    assert command.healthy(findings)
    assert command.to_json(findings) == {
        "a": {"state": "ok", "found": "good", "remedy": None},
        "b": {"state": "warn", "found": "so-so", "remedy": "mend b"},
    }
