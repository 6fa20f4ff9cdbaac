"""A test of the real sandbox on this machine, for ``autograder doctor``."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.exam.limits import GIB, MIB, Limits
from autograder.exam.sandbox.allow_list import default_view
from autograder.exam.sandbox.errors import SandboxError
from autograder.exam.sandbox.selftest import attempts, honest
from autograder.exam.sandbox.selftest.trial import trial

# Small, so that they are reached quickly.
_TIGHT = Limits(memory_bytes=GIB, processes=8, scratch_bytes=4 * MIB)


@dataclass(frozen=True)
class Probe:
    """The result of one attempt.

    Attributes
    ----------
    what : str
        The expectation, as a sentence.
    ok : bool
        Whether it is met.
    detail : str
        What was found.
    """

    what: str
    ok: bool
    detail: str


def probe(course_dir: Path) -> list[Probe]:
    """Try to break out of the sandbox, and to work in it; takes about ten seconds.

    Parameters
    ----------
    course_dir : Path
        The course directory, in which a file is made and removed again.
    """
    results: list[Probe] = []
    with ExitStack() as stack:
        try:
            facts = {name: stack.enter_context(bait) for name, bait in _baits(course_dir).items()}
            facts |= _plain_facts(course_dir)
            facts = _flat(facts)
            environment = {"EXAM_TOKEN": facts["token"]}
            found = trial(attempts.attempt_all, facts, _TIGHT, environment)
            results += [Probe(what, got is None, got or "refused") for what, got in found]
        except (SandboxError, OSError) as error:
            results.append(Probe("the sandbox can be entered", False, str(error)))
            return results
    try:
        results += [Probe(*found) for found in trial(honest.do_all, {})]
    except SandboxError as error:
        results.append(Probe("honest work runs", False, str(error)))
    return results


def _baits(course_dir: Path) -> dict[str, Any]:
    """Return context managers that put things outside for a candidate to find."""
    return {
        "course_secret": _secret(course_dir),
        "home_secret": _secret(Path.home()),
        "temporary_secret": _secret(Path(tempfile.gettempdir())),
        "victim": _victim(),
        "listener": _listener(socket.AF_INET, ("127.0.0.1", 0)),
        "abstract_listener": _listener(socket.AF_UNIX, f"\0exam-{secrets.token_hex(8)}"),
        "file_listener": _socket_file(),
    }


def _plain_facts(course_dir: Path) -> dict[str, Any]:
    return {
        "course": str(course_dir),
        "home": str(Path.home()),
        "readable": [str(path) for path in default_view().readable],
        "memory_bytes": _TIGHT.memory_bytes,
        "tasks": _TIGHT.processes + 4 * (os.cpu_count() or 1) + 1,
        "disk_bytes": 3 * _TIGHT.scratch_bytes,
    }


def _flat(facts: dict[str, Any]) -> dict[str, Any]:
    """Replace sockets and processes by the facts that a candidate may know."""
    victim = facts["victim"]
    return {name: value for name, value in facts.items() if "listener" not in name} | {
        "victim": victim.pid,
        "token": victim.token,
        "port": facts["listener"].getsockname()[1],
        "abstract": facts["abstract_listener"].getsockname()[1:].decode(),
        "socket": facts["file_listener"].getsockname(),
    }


@contextmanager
def _secret(folder: Path) -> Iterator[str]:
    """Make a file that all users may read; use an existing file if the folder is not writable."""
    path = folder / f".autograder-doctor-{secrets.token_hex(4)}"
    try:
        path.write_text("secret")
        path.chmod(0o644)
        made = True
    except OSError:
        made, path = False, next((each for each in folder.glob("*") if each.is_file()), folder)
    try:
        yield str(path)
    finally:
        if made:
            path.unlink()


class _Victim(subprocess.Popen):
    token = ""


@contextmanager
def _victim() -> Iterator[_Victim]:
    """Start a process with a secret in its environment, in this process group."""
    token = secrets.token_hex(16)
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with _Victim(command, stdin=subprocess.PIPE, env={"TOKEN": token}) as process:
        process.token = token
        try:
            yield process
        finally:
            with suppress(OSError):
                process.kill()


@contextmanager
def _listener(family: int, address: Any) -> Iterator[socket.socket]:
    with socket.socket(family) as server:
        server.bind(address)
        server.listen()
        yield server


@contextmanager
def _socket_file() -> Iterator[socket.socket]:
    with (
        tempfile.TemporaryDirectory() as folder,
        _listener(socket.AF_UNIX, str(Path(folder) / "socket")) as server,
    ):
        yield server
