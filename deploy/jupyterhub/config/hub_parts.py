"""Parts of ``jupyterhub_config.py``: who may log in, groups, roles, services, servers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub_settings import Course, Settings
from tornado.web import HTTPError

SPAWNERS = {
    "systemd": "systemdspawner.SystemdSpawner",
    "local": "jupyterhub.spawner.LocalProcessSpawner",
    "simple": "jupyterhub.spawner.SimpleLocalProcessSpawner",
}
# TensorFlow prints less, and computes the same numbers on all machines. The kernel python3 sets
# them too; these are for terminals and other kernels.
ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}


# What a user's server may ask the hub: about this user, and about nbgrader's courses.
SERVER_SCOPES = [
    "users:activity!user",
    "access:servers!server",
    "read:users:name!user",
    "read:users:groups!user",
    "list:services",
    "read:services",
]


def configure(c: Any, site: Settings, names: str) -> None:
    """Configure who may log in, the valid names, and what a user's server may ask the hub."""
    # Only the people of the courses; else all accounts of the machine could log in.
    c.Authenticator.allowed_users = site.people
    c.Authenticator.allow_existing_users = False
    c.Authenticator.allow_all = any(course.everyone for course in site.courses)
    c.Authenticator.username_pattern = rf"{names}\Z"  # the hub compares the start only
    # Blocking the graders would also remove the permissions that their services need.
    c.Authenticator.post_auth_hook = refuse_graders(site)
    c.JupyterHub.admin_access = False
    c.JupyterHub.load_groups = groups(site)
    c.Spawner.server_token_scopes = SERVER_SCOPES


def refuse_graders(site: Settings) -> Callable[..., dict[str, Any]]:
    """Return a hook that refuses a login as a grader, even if a login service gives that name."""
    graders = {course.grader for course in site.courses}

    def hook(_authenticator: Any, _handler: Any, who: dict[str, Any]) -> dict[str, Any]:
        if (name := who["name"]) in graders:
            message = f"The account {name} belongs to a course: nobody logs in as it."
            raise HTTPError(403, message, reason="Forbidden")  # else the hub shows it twice
        return who

    return hook


def groups(site: Settings) -> dict[str, dict[str, list[str]]]:
    """Return JupyterHub's groups, with the names that nbgrader expects."""
    found = {}
    for course in site.courses:
        found[f"formgrade-{course.name}"] = {"users": [course.grader, *course.instructors]}
        found[f"nbgrader-{course.name}"] = {"users": list(course.students)}
    return found


def roles(site: Settings) -> list[dict[str, Any]]:
    """Return JupyterHub's roles, with the fewest permissions that nbgrader needs."""
    found: list[dict[str, Any]] = [
        {
            "name": "idle-culler",
            "services": ["idle-culler"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        }
    ]
    for course in site.courses:
        found += _course_roles(course)
    return found


def _course_roles(course: Course) -> list[dict[str, Any]]:
    teachers, roster = f"formgrade-{course.name}", f"nbgrader-{course.name}"
    names = [course.name, *(f"{course.name}-{one}" for one in course.services)]
    opened = [f"access:services!service={name}" for name in names]
    return [
        {
            "name": teachers,
            "description": f"Instructors of {course.name}",
            "groups": [teachers],
            "scopes": [*opened, "list:services", f"read:services!service={course.name}"],
        },
        {
            # A service's token has no permissions by default; the formgrader needs these.
            "name": f"course-{course.name}",
            "description": f"The formgrader of {course.name}",
            "services": names,
            "scopes": [
                f"read:users:name!user={course.grader}",
                f"read:users:groups!user={course.grader}",
                f"list:groups!group={roster}",
                f"groups!group={roster}",
            ],
        },
    ]


def services(site: Settings, installation: Path) -> list[dict[str, Any]]:
    """Return the services that the hub runs in addition to the users' servers."""
    timeout = site.limits.idle_minutes * 60
    culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={timeout}"]
    found: list[dict[str, Any]] = [{"name": "idle-culler", "command": culler}]
    for course in site.courses:
        found.append(
            _as_grader(site, installation, course)
            | {
                "name": course.name,
                "command": [str(installation / "env/bin/jupyterhub-singleuser")],
                "url": f"http://127.0.0.1:{course.port}",
                "oauth_no_confirm": True,
            }
        )
        for name, extra in course.services.items():
            service = _as_grader(site, installation, course)
            service |= {"name": f"{course.name}-{name}", "command": list(extra.command)}
            if extra.port:
                service |= {"url": f"http://127.0.0.1:{extra.port}", "oauth_no_confirm": True}
            found.append(service)
    return found


def _as_grader(site: Settings, installation: Path, course: Course) -> dict[str, Any]:
    """Return the settings of a service that runs as a course's grader, in the course folder."""
    path = [
        installation / "env/bin",
        installation / "grading/bin",
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
    ]
    as_grader: dict[str, Any] = {
        "cwd": str(installation / "courses" / course.name),
        "environment": ENVIRONMENT
        | {
            "PATH": ":".join(map(str, path)),
            "JUPYTER_CONFIG_PATH": str(installation / "jupyter/grader"),
            "JUPYTER_PATH": str(installation / "jupyter/grader/share"),
            "JUPYTERHUB_DEFAULT_URL": "/lab?formgrader=true",
            "JUPYTERHUB_USER": course.grader,
        },
    }
    if site.hub.spawner == "simple":
        as_grader["environment"]["NNKIT_ONE_ACCOUNT"] = "1"
    else:
        as_grader["user"] = course.grader
    return as_grader


def command(site: Settings, installation: Path) -> list[str]:
    """Return the command of a user's server."""
    server = [str(installation / "env/bin/jupyterhub-singleuser")]
    if site.hub.spawner != "local":
        return server
    # Without systemd, the kernel limits an account's processes, and the memory of each process.
    size, unit = int(site.limits.memory[:-1]), site.limits.memory[-1]
    memory = size * {"M": 1024**2, "G": 1024**3}[unit]
    limits = [f"--nproc={site.limits.processes}", f"--data={memory}", "--core=0"]
    return ["prlimit", *limits, "--", *server]


def before_start(site: Settings, installation: Path) -> Callable[[Any], None]:
    """Return a hook that configures a server for the role of its user."""

    def hook(spawner: Any) -> None:
        name = spawner.user.name
        role = "instructor" if site.is_instructor(name) else "student"
        spawner.environment["JUPYTER_CONFIG_PATH"] = str(installation / "jupyter" / role)
        # For nnkit_warm, the extension of students' servers.
        spawner.environment["NNKIT_WARM"] = "1" if site.limits.warm else "0"
        if site.hub.spawner == "simple":  # else all users are the same student for nbgrader
            spawner.environment["NNKIT_STUDENT"] = name
        for course in site.courses:
            if course.everyone and name not in course.instructors:
                _enrol(spawner, f"nbgrader-{course.name}")

    return hook


def _enrol(spawner: Any, group_name: str) -> None:
    """Add a user to a group of the hub."""
    from jupyterhub.orm import Group

    group = Group.find(spawner.db, group_name)
    if spawner.user.orm_user not in group.users:
        group.users.append(spawner.user.orm_user)
        spawner.db.commit()
