"""Read ``hub.toml``, what a site decides about its hub, and say clearly what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from hub_settings import (
    ACCOUNT,
    COURSE,
    EVERYONE,
    METHODS,
    SIZE,
    SPAWNERS,
    Course,
    CourseService,
    Hub,
    Limits,
    Login,
    Settings,
    SettingsError,
)


def load(path: Path) -> Settings:
    """Read and check a ``hub.toml``.

    Raises
    ------
    SettingsError
        If it cannot be read, or an entry is unknown or wrong; it names the file and the entry.
    """
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")), path.parent)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error


def parse(table: dict[str, Any], folder: Path) -> Settings:
    """Check what a ``hub.toml`` holds; ``folder`` is where the files are that it names."""
    _known("the file", table, ("hub", "login", "limits", "courses"))
    settings = Settings(
        hub=_section("hub", table.get("hub", {}), Hub),
        login=_login(table.get("login", {})),
        limits=_section("limits", table.get("limits", {}), Limits),
        courses=tuple(
            _course(name, entry, folder)
            for name, entry in _table("courses", table.get("courses", {})).items()
        ),
    )
    _check(settings)
    return settings


def _known(where: str, table: dict[str, Any], names: Iterable[str]) -> None:
    unknown = sorted(set(table) - set(names))
    if unknown:
        raise SettingsError(
            f"{where} has the unknown entry {unknown[0]}: it may have {', '.join(names)}."
        )


def _table(where: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where} must be a section, as in [{where}].")
    return value


def _section(where: str, table: Any, kind: type) -> Any:
    """Make one of the dataclasses from a section, each value of the type of its default."""
    table = _table(where, table)
    known = {one.name: one.default for one in fields(kind)}
    _known(f"[{where}]", table, known)
    return kind(**{name: _like(f"{where}.{name}", table[name], known[name]) for name in table})


def _like(where: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return _names(where, value)
    wanted = (int, float) if isinstance(default, float) else type(default)
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool):
        kinds = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
        kind = kinds[type(default)]
        raise SettingsError(f"{where} must be {kind}, not {value!r}.")
    return value


def _names(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsError(f'{where} must be a list of names, as in ["ada", "ben"].')
    for name in value:
        _name(where, name)
    return tuple(dict.fromkeys(value))


def _name(where: str, name: str) -> str:
    if not ACCOUNT.fullmatch(name):
        raise SettingsError(
            f"{where}: {name!r} cannot be an account's name. Use small letters, digits, "
            '".", "_" and "-", beginning with a letter, at most 31 characters.'
        )
    return name


def _login(table: Any) -> Login:
    table = _table("login", table)
    _known("[login]", table, ("method", *METHODS))
    method = _one_of("login.method", table.get("method", "native"), METHODS)
    return Login(method, _table(f"login.{method}", table.get(method, {})))


def _one_of(where: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingsError(f"{where} is {value!r}: it may be {', '.join(allowed)}.")
    return value


def _course(name: str, table: Any, folder: Path) -> Course:
    where = f"courses.{name}"
    if not COURSE.fullmatch(name):
        raise SettingsError(f'[{where}]: name a course by small letters, digits and "-".')
    table = _table(where, table)
    _known(f"[{where}]", table, ("grader", "port", "instructors", "students", "services"))
    if "port" not in table:
        raise SettingsError(f"[{where}] needs a port of its own, as in port = 9001.")
    services = _table(f"{where}.services", table.get("services", {}))
    students = table.get("students", [])
    everyone = students == EVERYONE
    return Course(
        name=name,
        grader=_name(f"{where}.grader", str(table.get("grader", f"grader-{name}"))),
        port=_like(f"{where}.port", table["port"], 0),
        instructors=_names(f"{where}.instructors", table.get("instructors", [])),
        students=() if everyone else _roster(f"{where}.students", students, folder),
        everyone=everyone,
        services=tuple(_service(f"{where}.services", *item) for item in services.items()),
    )


def _roster(where: str, value: Any, folder: Path) -> tuple[str, ...]:
    """Return the names of a list, or of a file with one name a line."""
    if not isinstance(value, str):
        return _names(where, value)
    try:
        lines = (folder / value).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: {folder / value} cannot be read: {error}.") from error
    return _names(where, [text for line in lines if (text := line.partition("#")[0].strip())])


def _service(where: str, name: str, table: Any) -> CourseService:
    where = f"{where}.{name}"
    table = _table(where, table)
    _known(f"[{where}]", table, ("command", "port"))
    command = table.get("command")
    if not command or not isinstance(command, list) or not all(isinstance(w, str) for w in command):
        raise SettingsError(f'{where}.command must be a list of words, as in ["python", "-m", …].')
    if not COURSE.fullmatch(name):
        raise SettingsError(f'[{where}]: name a service by small letters, digits and "-".')
    return CourseService(name, tuple(command), _like(f"{where}.port", table.get("port", 0), 0))


def _check(settings: Settings) -> None:
    """Look for what is wrong between entries."""
    _one_of("hub.spawner", settings.hub.spawner, SPAWNERS)
    if not settings.hub.address.startswith(("https://", "http://")):
        raise SettingsError('hub.address must begin with "https://" (or "http://", for a trial).')
    if not SIZE.fullmatch(settings.limits.memory):
        raise SettingsError('limits.memory must be a size such as "3G" or "512M".')
    for name in ("cpus", "processes", "idle_minutes", "starting"):
        if getattr(settings.limits, name) <= 0:
            raise SettingsError(f"limits.{name} must be more than 0.")
    _check_ports(settings)
    graders = [course.grader for course in settings.courses]
    for grader in graders:
        if graders.count(grader) > 1:
            raise SettingsError(f"{grader} is the grader of two courses: give each its own.")
        if grader in settings.people:
            raise SettingsError(f"{grader} is a grader and a person: nobody logs in as a grader.")
    for course in settings.courses:
        for name in set(course.instructors) & set(course.students):
            raise SettingsError(f"{name} is both instructor and student of {course.name}.")


def _check_ports(settings: Settings) -> None:
    hub = settings.hub
    ports = [hub.port, hub.hub_port, hub.proxy_port]
    for course in settings.courses:
        ports += [course.port, *(one.port for one in course.services if one.port)]
    for port in ports:
        if not 1024 <= port <= 65535:
            raise SettingsError(f"port {port}: take one from 1024 to 65535.")
        if ports.count(port) > 1:
            raise SettingsError(f"port {port} is given twice: each needs its own.")
