"""The demonstration's hub, inside a mount and process namespace of its own.

Run by ``demo/hub.py`` as the first process of the namespace. All that it changes on the machine
is seen in here alone: /etc with the made-up accounts, /home, /tmp, and the hub in /srv/nnkit.
When it ends, so does every process that it started, and nothing of it is left.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

HUB = Path(__file__).resolve().parents[1]
CHECKOUT = HUB.parents[1]
INSTALLATION = Path("/srv/nnkit")
MOVED = Path("/srv/checkout")
STOP_S = 90
# Far from those of real accounts, and the same at every start, so that files keep their owners.
FIRST_ID = 30_000
# Whose variables the hub and everybody's servers inherit: no others of whoever starts it.
ENVIRONMENT = {
    "PATH": f"{INSTALLATION}/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
}

sys.path[:0] = [str(HUB)]

from install import environment  # noqa: E402


def furnish(build: Path) -> None:
    """Mount what the namespace has of its own; the checkout moves to ``/srv/checkout``."""
    _mount("-t", "tmpfs", "-o", "mode=755", "nnkit-demo", "/srv")
    shutil.copytree("/etc", "/srv/etc", symlinks=True)
    _keep_owners(Path("/etc"), Path("/srv/etc"))
    places = {
        CHECKOUT: MOVED,
        build / "installation": INSTALLATION,
        Path("/srv/etc"): Path("/etc"),
        build / "home": Path("/home"),
    }
    for source, place in places.items():
        source.mkdir(parents=True, exist_ok=True)
        place.mkdir(exist_ok=True)
        _mount("--bind", source, place)
    if CHECKOUT.is_dir():  # it is not, where it lay under /home
        _mount("-t", "tmpfs", "-o", "mode=755", "nnkit-demo", CHECKOUT)
    _mount("-t", "tmpfs", "-o", "mode=1777", "nnkit-demo", "/tmp")


def _mount(*arguments: object) -> None:
    _run("mount", *arguments)


def _keep_owners(source: Path, copy: Path) -> None:
    for path in (source, *source.rglob("*")):
        about = path.lstat()
        os.lchown(copy / path.relative_to(source), about.st_uid, about.st_gid)


def accounts(people: dict[str, str], graders: list[str]) -> None:
    """Make real accounts of this namespace: people with passwords, graders without."""
    for number, name in enumerate([*graders, *people], start=FIRST_ID):
        _run("groupadd", "--gid", number, name)
        ids = ["--uid", number, "--gid", number]
        _run("useradd", *ids, "--create-home", "--shell", "/bin/bash", name)
        Path("/home", name).chmod(0o700)
    lines = "".join(f"{name}:{password}\n" for name, password in people.items())
    subprocess.run(
        ["chpasswd", "--crypt-method", "SHA512", "--sha-rounds", "1000"],
        input=lines,
        text=True,
        check=True,
    )


def release_all(installation: Path, course: str, as_user: str = "") -> None:
    """Release every topic to the students, unless that was done."""
    released = installation / "exchange" / course / "outbound"
    topics = {path.name for path in (CHECKOUT / "assignments").iterdir() if path.is_dir()}
    if topics <= {path.name for path in released.iterdir()}:
        return
    print("Releasing the topics (once) …", flush=True)
    code = (
        "from autograder.course import Course\n"
        "from autograder.topics.release import release\n"
        "course = Course.find()\n"
        "for path in release(course):\n"
        "    done = course.api.release_assignment(path.parent.name)\n"
        "    assert done['success'], done\n"
    )
    python = [str(installation / "env/bin/python"), "-c", code]
    prefix = ["runuser", "-u", as_user, "--"] if as_user else []
    environment = {**ENVIRONMENT, "HOME": f"/home/{as_user}"} if as_user else dict(os.environ)
    folder = installation / "courses" / course
    subprocess.run([*prefix, *python], check=True, cwd=folder, env=environment)


def hide_checkout() -> None:
    """Leave the source tree, whose solutions anybody on this machine could read."""
    os.chdir("/")
    _run("umount", "--lazy", MOVED)


def proxy_command(hub: dict[str, Any]) -> list[str]:
    """Return how the systemd unit starts the proxy, with the demonstration's ports, as nobody."""
    unit = HUB / "config/systemd/jupyterhub-proxy.service"
    line = re.search("^ExecStart=(.*)", unit.read_text("utf-8"), re.MULTILINE)[1]
    ports = {"8000": hub["port"], "8001": hub["proxy_port"], "8081": hub["hub_port"]}
    line = re.sub("|".join(ports), lambda found: str(ports[found[0]]), line)
    nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    return ["setpriv", *nobody, "--", *shlex.split(line)]


class Hub:
    """The hub's process, restarted when SIGHUP asks for it and stopped by SIGTERM or SIGINT.

    The proxy is a process of its own, as with systemd, and is started again whenever it ends:
    nobody's page loses its server when the hub is restarted.
    """

    def __init__(self, log: Path, proxy: list[str]) -> None:
        self._log = log.open("ab", buffering=0)
        name, token = (INSTALLATION / "hub/proxy-token").read_text("ascii").strip().split("=")
        self._environment = {**ENVIRONMENT, name: token}
        self._proxy_command = proxy
        self._proxy = self._start(proxy, cwd="/")
        self._asked: str = ""
        for number, wish in {
            signal.SIGTERM: "stop",
            signal.SIGINT: "stop",
            signal.SIGHUP: "restart",
        }.items():
            signal.signal(number, lambda *_, wish=wish: self._ask(wish))

    def _ask(self, wish: str) -> None:
        self._asked = wish
        self._process.terminate()

    def run(self) -> int:
        """Run until it is asked to stop, or ends by itself; return its exit status."""
        while True:
            self._asked = ""
            self._process = self._start(
                [
                    INSTALLATION / "env/bin/jupyterhub",
                    "-f",
                    INSTALLATION / "hub/jupyterhub_config.py",
                ],
                cwd=INSTALLATION / "hub",
            )
            status = self._wait()
            if self._asked != "restart":
                return 0 if self._asked else status or 1

    def _start(self, command: list[object], cwd: str | Path) -> subprocess.Popen:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _wait(self) -> int:
        """Wait for the hub, and take leave of all others' ended processes, as process 1 must."""
        while True:
            pid, status = os.wait()
            if pid == self._process.pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                return self._process.returncode
            if pid == self._proxy.pid:
                time.sleep(1)
                self._proxy = self._start(self._proxy_command, cwd="/")


def _run(*command: object) -> None:
    """Run a command; show what it says only if it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", flush=True)
        done.check_returncode()


def set_up(plan: dict[str, Any]) -> None:
    """Do all that comes before the hub's start; what an earlier start did is kept."""
    (INSTALLATION / "hub").mkdir(mode=0o700, parents=True, exist_ok=True)
    (INSTALLATION / "hub/hub.toml").write_text(plan["hub.toml"], encoding="utf-8")
    graders = {course: f"grader-{course}" for course in tomllib.loads(plan["hub.toml"])["courses"]}
    accounts(plan["people"], [*graders.values()])
    # As an administrator does it.
    subprocess.run([sys.executable, HUB / "install.py"], check=True)
    for course, grader in graders.items():
        release_all(INSTALLATION, course, as_user=grader)


def main() -> None:
    """Furnish the namespace, install, and run the hub: ``inside.py PLAN``."""
    plan = json.loads(sys.argv[1])
    os.umask(0o022)
    try:
        if CHECKOUT != MOVED:
            python = environment.common_python()
            furnish(Path(plan["build"]))
            os.chdir(MOVED)
            os.execv(
                python,
                [str(python), str(MOVED / Path(__file__).relative_to(CHECKOUT)), sys.argv[1]],
            )
        set_up(plan)
    except environment.InstallError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(str(error.cmd[0])).name} failed: the lines above say why.")
    if not plan["setup_only"]:
        hub = Hub(INSTALLATION / "hub/log", proxy_command(tomllib.loads(plan["hub.toml"])["hub"]))
        hide_checkout()
        sys.exit(hub.run())


if __name__ == "__main__":
    main()
