"""What a site decides about its hub; ``hub_toml.py`` reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

SPAWNERS = ("systemd", "local", "simple")
METHODS = ("native", "oauth", "lti13", "dummy")
# What useradd takes, and what neither a shell, a path nor nbgrader's "+" stumbles over.
EVERYONE = "*"
ACCOUNT = re.compile(r"[a-z][a-z0-9_.-]{0,30}")
COURSE = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
SIZE = re.compile(r"[1-9][0-9]*[MG]")


class SettingsError(Exception):
    """Something in ``hub.toml`` that its author can mend."""


@dataclass(frozen=True)
class Hub:
    """The section ``[hub]``: addresses, and how servers are started."""

    address: str = "http://127.0.0.1:8000"
    port: int = 8000
    hub_port: int = 8081
    proxy_port: int = 8001
    spawner: str = "systemd"
    admins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """The section ``[limits]``: what one person's server may take."""

    memory: str = "3G"
    cpus: float = 2.0
    processes: int = 400
    idle_minutes: int = 60
    starting: int = 4
    warm: bool = True


@dataclass(frozen=True)
class CourseService:
    """A further service of a course, which runs as its grader."""

    name: str
    command: tuple[str, ...]
    port: int = 0


@dataclass(frozen=True)
class Course:
    """A section ``[courses.NAME]``.

    Attributes
    ----------
    name
        nbgrader's course id, and the name of the folder.
    grader
        The account that owns the course folder and runs its formgrader.
    port
        Where the course's service listens, on the loopback address.
    instructors, students
        Names of accounts.
    everyone
        Whether whoever can log in, and does not teach it, is a student of the course.
    services
        Further services that run as the grader.
    """

    name: str
    grader: str
    port: int
    instructors: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    everyone: bool = False
    services: tuple[CourseService, ...] = ()

    @property
    def members(self) -> set[str]:
        """Everybody who may log in for this course."""
        return {*self.instructors, *self.students}


@dataclass(frozen=True)
class Login:
    """The section ``[login]`` with the sub-section of its method."""

    method: str = "native"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """All of ``hub.toml``."""

    hub: Hub
    login: Login
    limits: Limits
    courses: tuple[Course, ...]

    @property
    def people(self) -> set[str]:
        """Everybody who may log in."""
        return set(self.hub.admins).union(*(course.members for course in self.courses))

    def is_instructor(self, name: str) -> bool:
        """Tell whether an account teaches any course."""
        return any(name in course.instructors for course in self.courses)
