"""Set up, start, restart and stop a demonstration hub.

As root, every user has a real account in a namespace of the demonstration, which does not touch the
machine's accounts, /home and /srv. Otherwise all users share the account that starts it: this shows
the pages, but does not separate the users. The files are kept under build/hub/.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
COURSE = "neural-networks"
INSTRUCTOR = "ada"
START_S = 900
STOP_S = 120


class HubError(Exception):
    """The demonstration cannot be started; the message says why."""


@dataclass
class Demonstration:
    """A hub that is set up under the folder ``build``.

    Attributes
    ----------
    build
        The folder of its files.
    port
        The port of its web pages; it also uses the next three ports.
    students
        The number of students.
    extra
        Further lines of ``hub.toml``.
    """

    build: Path = ROOT / "build/hub"
    port: int = 8000
    students: int = 3
    extra: str = ""
    _process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """The address for the browser."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def real_accounts(self) -> bool:
        """Whether each user can have a real account."""
        return os.geteuid() == 0 and _namespaces()

    @property
    def log(self) -> Path:
        """The log file of the hub."""
        return self.build / "installation/hub/log"

    def home(self, name: str) -> Path:
        """Return a user's home folder, as seen from outside the namespace."""
        return self.build / "home" / name

    def people(self) -> dict[str, str]:
        """Return the password of each user, which is generated once."""
        self.build.mkdir(parents=True, exist_ok=True)
        file = self.build / "passwords.json"
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        names = [INSTRUCTOR, *(f"student-{number:02}" for number in range(1, self.students + 1))]
        if self.real_accounts:
            made = {name: known.get(name) or secrets.token_urlsafe(6) for name in names}
        else:
            shared = known.get("*") or secrets.token_urlsafe(8)
            made = {"*": shared} | dict.fromkeys(names, shared)
        file.touch(mode=0o600)
        file.write_text(json.dumps({**known, **made}, indent=1), encoding="utf-8")
        return {name: made[name] for name in names}

    def settings(self) -> str:
        """Return the demonstration's ``hub.toml``."""
        people = self.people()
        students = json.dumps([name for name in people if name != INSTRUCTOR])
        simple = f'method = "dummy"\n[login.dummy]\npassword = "{people[INSTRUCTOR]}"'
        return "\n".join(
            [
                "[hub]",
                f'address = "{self.address}"',
                f"port = {self.port}",
                f"hub_port = {self.port + 1}",
                f"proxy_port = {self.port + 2}",
                f'spawner = "{"local" if self.real_accounts else "simple"}"',
                "[login]",
                'method = "native"' if self.real_accounts else simple,
                f"[courses.{COURSE}]",
                f"port = {self.port + 3}",
                f'instructors = ["{INSTRUCTOR}"]',
                f"students = {students}",
                self.extra,
            ]
        )

    def clear(self) -> None:
        """Delete the users' work, the courses and the hub's state; keep the environment."""
        for name in ("home", "installation/courses", "installation/exchange", "installation/hub"):
            shutil.rmtree(self.build / name, ignore_errors=True)

    def start(self, *, setup_only: bool = False) -> None:
        """Set up what is missing, start the hub, and wait until it answers.

        Raises
        ------
        HubError
            If it does not start; the message ends with its log.
        """
        self._check_free()
        if not self.real_accounts and os.geteuid() == 0:
            raise HubError(
                "Root cannot create namespaces on this machine (it is probably a container): "
                "start the demonstration as an ordinary user."
            )
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        plan = {
            "build": str(self.build),
            "hub.toml": self.settings(),
            "people": self.people(),
            "setup_only": setup_only,
        }
        inside = HERE / ("inside.py" if self.real_accounts else "simple.py")
        command = [sys.executable, str(inside), json.dumps(plan)]
        if self.real_accounts:
            new = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL"]
            # If this process is killed, the hub ends with it.
            command = ["setpriv", "--pdeathsig", "KILL", "unshare", *new, *command]
        # Only this process gets Ctrl-C; it then stops the hub in order.
        self._process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        if setup_only:
            if self._process.wait():
                raise HubError("The hub could not be set up: see the messages above.")
            return
        self._await_answer()

    def _check_free(self) -> None:
        for port in range(self.port, self.port + 4):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                raise HubError(
                    f"Port {port} is in use: stop the program that uses it, or choose "
                    f"other ports with `make hub ARGS='--port {self.port + 100}'`."
                )

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self.answers():
                return
            time.sleep(0.2)
        said = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        self.stop()
        raise HubError(f"The hub did not start. The end of its log ({self.log}):\n{said}")

    def answers(self) -> bool:
        """Return whether the hub and the course's service answer."""
        with contextlib.suppress(OSError):
            service = f"{self.address}/services/{COURSE}/api"
            for url in (f"{self.address}/hub/health", service):
                urllib.request.urlopen(url, timeout=5).close()
            return True
        return False

    def restart(self) -> None:
        """Restart the hub and its services, but not the users' servers."""
        os.kill(self.inside_pid(), signal.SIGHUP)
        deadline = time.monotonic() + STOP_S
        while self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._await_answer()

    def wait(self) -> int:
        """Wait until it ends by itself; return its exit status."""
        return self._process.wait()

    def stop(self) -> None:
        """Stop the hub, and wait until all its processes have ended."""
        if self._process is None:
            return
        if self._process.poll() is None:
            os.kill(self.inside_pid(), signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_S)
        self._process.kill()
        self._process.wait()
        self._process = None

    def inside_pid(self) -> int:
        """Return the id of the namespace's first process, as seen from outside."""
        if not self.real_accounts:
            return self._process.pid
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return int(children.read_text().split()[0])

    def run_as(
        self, account: str, command: Sequence[str], **options
    ) -> subprocess.CompletedProcess:
        """Run a command as an account of the demonstration; needs real accounts."""
        enter = ["nsenter", "--target", str(self.inside_pid()), "--mount", "--pid"]
        become = ["runuser", "--user", account, "--", "env", f"HOME=/home/{account}", *command]
        if account == "root":
            become = list(command)
        options = {"capture_output": True, "text": True, "timeout": 300, **options}
        return subprocess.run([*enter, "--", *become], check=False, **options)


def _namespaces() -> bool:
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True)
    return done.returncode == 0
