"""The demonstration's hub with real accounts, in a mount and process namespace.

``demo/hub.py`` runs it as the first process of the namespace. Only the namespace sees its changes:
/etc with the demonstration's accounts, /home, /tmp, and the hub in /srv/nnkit. When it ends, all
processes that it started end too.
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
# Far from the ids of the machine's accounts, and the same at every start: files keep their owners.
FIRST_ID = 30_000
# The variables of the hub and of all servers, instead of those of the account that starts it.
ENVIRONMENT = {
    "PATH": f"{INSTALLATION}/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
}

sys.path[:0] = [str(HUB)]

from install import environment  # noqa: E402


def mount_folders(build: Path) -> None:
    """Mount the namespace's own folders; the checkout moves to ``/srv/checkout``."""
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
    if CHECKOUT.is_dir():  # not if it was under /home, which is now another folder
        _mount("-t", "tmpfs", "-o", "mode=755", "nnkit-demo", CHECKOUT)
    _mount("-t", "tmpfs", "-o", "mode=1777", "nnkit-demo", "/tmp")


def _mount(*arguments: object) -> None:
    _run("mount", *arguments)


def _keep_owners(source: Path, copy: Path) -> None:
    for path in (source, *source.rglob("*")):
        about = path.lstat()
        os.lchown(copy / path.relative_to(source), about.st_uid, about.st_gid)


def accounts(people: dict[str, str], graders: list[str]) -> None:
    """Create accounts in this namespace: users with passwords, graders without."""
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
    """Release all topics to the students, unless they are released already."""
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
    """Unmount the source tree, because students must not read the solutions."""
    os.chdir("/")
    _run("umount", "--lazy", MOVED)


def proxy_command(hub: dict[str, Any]) -> list[str]:
    """Return the systemd unit's command for the proxy, with other ports, as account nobody."""
    unit = HUB / "config/systemd/jupyterhub-proxy.service"
    line = re.search("^ExecStart=(.*)", unit.read_text("utf-8"), re.MULTILINE)[1]
    ports = {"8000": hub["port"], "8001": hub["proxy_port"], "8081": hub["hub_port"]}
    line = re.sub("|".join(ports), lambda found: str(ports[found[0]]), line)
    nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    return ["setpriv", *nobody, "--", *shlex.split(line)]


class Hub:
    """The hub's process: SIGHUP restarts it, SIGTERM and SIGINT stop it.

    The proxy is a separate process, as with systemd, and is started again when it ends: open pages
    keep their servers while the hub restarts.
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
        """Run until a signal stops it or it ends by itself; return its exit status."""
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
        """Wait for the hub, and reap all other processes that have ended, as process 1 must."""
        while True:
            pid, status = os.wait()
            if pid == self._process.pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                return self._process.returncode
            if pid == self._proxy.pid:
                time.sleep(1)
                self._proxy = self._start(self._proxy_command, cwd="/")


def _run(*command: object) -> None:
    """Run a command; show its output only if it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, sep="", flush=True)
        done.check_returncode()


def set_up(plan: dict[str, Any]) -> None:
    """Prepare everything for the hub's start; keep the results of an earlier start."""
    (INSTALLATION / "hub").mkdir(mode=0o700, parents=True, exist_ok=True)
    (INSTALLATION / "hub/hub.toml").write_text(plan["hub.toml"], encoding="utf-8")
    graders = {course: f"grader-{course}" for course in tomllib.loads(plan["hub.toml"])["courses"]}
    accounts(plan["people"], [*graders.values()])
    # The command that administrators run.
    subprocess.run([sys.executable, HUB / "install.py"], check=True)
    for course, grader in graders.items():
        release_all(INSTALLATION, course, as_user=grader)


def main() -> None:
    """Prepare the namespace, install, and run the hub: ``inside.py PLAN``."""
    plan = json.loads(sys.argv[1])
    os.umask(0o022)
    try:
        if CHECKOUT != MOVED:
            python = environment.common_python()
            mount_folders(Path(plan["build"]))
            os.chdir(MOVED)
            os.execv(
                python,
                [str(python), str(MOVED / Path(__file__).relative_to(CHECKOUT)), sys.argv[1]],
            )
        set_up(plan)
    except environment.InstallError as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{Path(str(error.cmd[0])).name} failed: see the messages above.")
    if not plan["setup_only"]:
        hub = Hub(INSTALLATION / "hub/log", proxy_command(tomllib.loads(plan["hub.toml"])["hub"]))
        hide_checkout()
        sys.exit(hub.run())


if __name__ == "__main__":
    main()
