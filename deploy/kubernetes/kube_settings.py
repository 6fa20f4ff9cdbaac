"""Read ``custom.nnkit`` of values.yaml: the courses, who teaches them and who takes them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from hub_settings import COURSE, EVERYONE, Course, Hub, Limits, Login, Settings, SettingsError

# A name is a folder of the exchange and a part of submissions' names, where nbgrader writes "+",
# and it is put into templates. With these letters it is the same everywhere, mail addresses
# included, and no two people share one.
PERSON = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?")
PORT = 8888
_KNOWN = ("instructors", "students")


def parse(table: Any) -> Settings:
    """Check what values.yaml says of the courses.

    Raises
    ------
    SettingsError
        Naming the entry, and what it may be.
    """
    where = "custom.nnkit.courses"
    courses = table.get("courses") if isinstance(table, dict) else None
    if not isinstance(courses, dict) or not courses:
        raise SettingsError(f"{where} names no course: see the example in values.yaml.")
    found = tuple(_course(f"{where}.{name}", name, entry) for name, entry in courses.items())
    site = Settings(Hub(), Login(), Limits(), found)
    for course in found:
        if course.grader in site.people:
            raise SettingsError(
                f"{where}: {course.grader} is a course's own account; no person can have it."
            )
    return site


def check_services(site: Settings, services: Collection[str]) -> None:
    """See that each course has its grader among the hub's services.

    Raises
    ------
    SettingsError
        If one has not: nobody could open it, and the hub would not say why.
    """
    for course in site.courses:
        if course.name not in services:
            raise SettingsError(
                f"The course {course.name} has no entry in hub.services of values.yaml: add one "
                "of the same name, with the url of its grader."
            )


def _course(where: str, name: Any, table: Any) -> Course:
    if not isinstance(name, str) or not COURSE.fullmatch(name):
        raise SettingsError(f'{where}: name a course by small letters, digits and "-".')
    table = {} if table is None else table
    if not isinstance(table, dict):
        raise SettingsError(f"{where} must have the entries {' and '.join(_KNOWN)}.")
    unknown = sorted(set(table) - set(_KNOWN))
    if unknown:
        raise SettingsError(f"{where} has the unknown entry {unknown[0]}: see values.yaml.")
    instructors = _names(f"{where}.instructors", table.get("instructors"))
    everyone = table.get("students") == EVERYONE
    students = () if everyone else _names(f"{where}.students", table.get("students"))
    both = sorted(set(instructors) & set(students))
    if both:
        raise SettingsError(f"{where}: {both[0]} is both instructor and student.")
    return Course(name, f"grader-{name}", PORT, instructors, students, everyone)


def _names(where: str, value: Any) -> tuple[str, ...]:
    value = [] if value is None else value
    if not isinstance(value, list):
        raise SettingsError(f'{where} must be a list of names (or "*", for students).')
    for name in value:
        if not isinstance(name, str) or not PERSON.fullmatch(name):
            raise SettingsError(
                f"{where}: {name!r} cannot be a name here. Use small letters, digits, "
                '".", "_", "-" and "@", at most 63; numbers need quotation marks.'
            )
    return tuple(dict.fromkeys(value))
