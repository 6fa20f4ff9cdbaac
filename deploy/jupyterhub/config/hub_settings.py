"""The settings of a hub and their checks; ``hub_toml.py`` reads them from ``hub.toml``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Strict, ValidationInfo, WrapValidator, model_validator
from settings_file import Section, SettingsError

__all__ = ["Course", "Hub", "Limits", "Login", "Settings", "SettingsError"]

# What useradd accepts, and what is safe in a shell, in a path and next to nbgrader's "+".
ACCOUNT = "[a-z][a-z0-9_.-]{0,30}"
COURSE = "[a-z0-9][a-z0-9-]{0,40}"
EVERYONE = ("*",)


def matching(pattern: str, message: str, text: str) -> str:
    """Return a text that matches a pattern; else raise ValueError with the message."""
    if not re.fullmatch(pattern, text):
        raise ValueError(message.format(text))
    return text


def _port(port: int) -> int:
    if not 1024 <= port <= 65535:
        raise ValueError(f"port {port}: take one from 1024 to 65535.")
    return port


def _roster(value: Any, names: Callable[[Any], tuple[str, ...]], info: ValidationInfo) -> Any:
    """Return the names of a list, or of a file with one name a line; or ``EVERYONE``."""
    if value == "*":
        return EVERYONE
    folder = info.context.get("folder")
    if isinstance(value, str) and folder:
        try:
            lines = (folder / value).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{folder / value} cannot be read: {error}.") from error
        value = [text for line in lines if (text := line.partition("#")[0].strip())]
    return names(value)


ROSTER = WrapValidator(_roster)
Port = Annotated[int, AfterValidator(_port)]
_account = partial(
    matching,
    ACCOUNT,
    '{!r} cannot be an account\'s name. Use small letters, digits, ".", "_" and "-", beginning '
    "with a letter, at most 31 characters.",
)
_course = partial(matching, COURSE, 'choose a name of small letters, digits and "-".')
_web = partial(matching, "https?://.*", 'it must begin with "https://" ("http://" for a trial).')
_size = partial(matching, "[1-9][0-9]*[MG]", 'it must be a size such as "3G" or "512M".')
Name = Annotated[str, AfterValidator(_account)]
CourseName = Annotated[str, AfterValidator(_course)]
# A repeated name counts once.
UNIQUE = AfterValidator(lambda names: tuple(dict.fromkeys(names)))
Names = Annotated[tuple[Name, ...], Strict(False), UNIQUE]
Positive = Field(gt=0)


class Hub(Section):
    """The section ``[hub]``: addresses, and the spawner."""

    address: Annotated[str, AfterValidator(_web)] = "http://127.0.0.1:8000"
    port: Port = 8000
    hub_port: Port = 8081
    proxy_port: Port = 8001
    spawner: Literal["systemd", "local", "simple"] = "systemd"
    admins: Names = ()


class Limits(Section):
    """The section ``[limits]``: the resources of one user's server."""

    memory: Annotated[str, AfterValidator(_size)] = "3G"
    cpus: Annotated[float, Positive] = 2.0
    processes: Annotated[int, Positive] = 400
    idle_minutes: Annotated[int, Positive] = 60
    starting: Annotated[int, Positive] = 4
    warm: bool = True


class Login(Section):
    """The section ``[login]``, with a section for the options of each method."""

    method: Literal["native", "oauth", "lti13", "dummy"] = "native"
    native: dict[str, Any] = Field({})
    oauth: dict[str, Any] = Field({})
    lti13: dict[str, Any] = Field({})
    dummy: dict[str, Any] = Field({})

    @property
    def options(self) -> dict[str, Any]:
        """What is written for the chosen method; ``hub_login.py`` checks it."""
        return getattr(self, self.method)


class CourseService(Section):
    """A further service of a course, which runs as its grader."""

    command: Annotated[tuple[str, ...], Strict(False)] = Field(
        description='a program: command must be a list of words, as in ["python", "-m", …]'
    )
    port: Port = 0


class Course(Section):
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
        Whether all who can log in, and do not teach the course, are its students.
    services
        Further services that run as the grader.
    """

    account: Name = Field("", alias="grader")
    port: Port = Field(description="a port of its own, as in port = 9001")
    instructors: Names = ()
    roster: Annotated[Names, ROSTER] = Field((), alias="students")
    services: dict[CourseName, CourseService] = Field({})
    _name: str = ""

    name = property(lambda self: self._name)
    grader = property(lambda self: self.account or f"grader-{self.name}")
    everyone = property(lambda self: self.roster == EVERYONE)
    students = property(lambda self: () if self.everyone else self.roster)

    @property
    def members(self) -> set[str]:
        """All people who may log in for this course."""
        return {*self.instructors, *self.students}

    @model_validator(mode="after")
    def _one_role_each(self) -> Course:
        for name in sorted({*self.instructors} & {*self.students}):
            raise ValueError(f"{name} is both instructor and student.")
        return self


def named(courses: dict[str, Course]) -> tuple[Course, ...]:
    """Give the courses their names, which are the keys of the table."""
    for name, course in courses.items():
        course._name = name
    return tuple(courses.values())


def _with_accounts(courses: tuple[Course, ...]) -> tuple[Course, ...]:
    for course in courses:  # also a default name, which is made from the course's
        _account(course.grader)
    return courses


class Settings(Section):
    """All of ``hub.toml``."""

    hub: Hub = Hub()
    login: Login = Login()
    limits: Limits = Limits()
    courses: Annotated[
        dict[CourseName, Course], AfterValidator(named), AfterValidator(_with_accounts)
    ] = ()

    @property
    def people(self) -> set[str]:
        """All people who may log in."""
        return set(self.hub.admins).union(*(course.members for course in self.courses))

    def is_instructor(self, name: str) -> bool:
        """Return whether an account is an instructor of any course."""
        return any(name in course.instructors for course in self.courses)

    @model_validator(mode="after")
    def _no_two_share(self) -> Settings:
        ports = [self.hub.port, self.hub.hub_port, self.hub.proxy_port]
        for course in self.courses:
            ports += [course.port, *(one.port for one in course.services.values())]
        graders = [course.grader for course in self.courses]
        for port in _repeated(filter(None, ports)):
            raise ValueError(f"port {port} is given twice: each needs its own.")
        for grader in _repeated(graders):
            raise ValueError(f"{grader} is the grader of two courses: give each its own.")
        for grader in sorted(self.people.intersection(graders)):
            raise ValueError(
                f"{grader} is a grader and a person: it is a course's own account, that nobody "
                "logs in as."
            )
        return self


def _repeated(values: Iterable[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]
