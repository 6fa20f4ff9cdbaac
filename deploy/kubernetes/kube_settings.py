"""Read ``custom.nnkit`` of values.yaml: the courses, their instructors and students."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Annotated, Any, ClassVar

import hub_settings
from hub_settings import ROSTER, UNIQUE, CourseName, Settings, SettingsError, matching, named
from pydantic import AfterValidator, Field, Strict
from settings_file import check

# A name is a folder of the exchange, a part of submissions' names next to nbgrader's "+", and is
# inserted into templates. These letters need no escaping there, allow mail addresses, and keep
# the names of two people different.
PERSON = "[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?"
_person = partial(
    matching,
    PERSON,
    '{!r} cannot be a name here. Use small letters, digits, ".", "_", "-" and "@", at most 63.',
)
Names = Annotated[tuple[Annotated[str, AfterValidator(_person)], ...], Strict(False), UNIQUE]


class Course(hub_settings.Course):
    """An entry of ``custom.nnkit.courses``; its grader is a service of the chart."""

    account: ClassVar[str] = ""
    port: ClassVar[int] = 0
    services: ClassVar[dict[str, Any]] = {}
    instructors: Names = ()
    roster: Annotated[Names, ROSTER] = Field((), alias="students")


class Site(Settings):
    """The courses; the settings of the hub itself are elsewhere in values.yaml."""

    courses: Annotated[dict[CourseName, Course], AfterValidator(named)] = ()


def parse(table: Any) -> Settings:
    """Check the courses of values.yaml.

    Raises
    ------
    SettingsError
        Naming each wrong entry and its valid values.
    """
    courses = table.get("courses") if isinstance(table, dict) else None
    if not isinstance(courses, dict) or not courses:
        raise SettingsError("custom.nnkit.courses names no course: see the example in values.yaml.")
    return check({"courses": courses}, Site, root="custom.nnkit", hint="see values.yaml")


def check_services(site: Settings, services: Collection[str]) -> None:
    """Check that each course has its grader among the hub's services.

    Raises
    ------
    SettingsError
        If a course has none; it could not be opened, without an error message.
    """
    for course in site.courses:
        if course.name not in services:
            raise SettingsError(
                f"The course {course.name} has no entry in hub.services of values.yaml: add one "
                "of the same name, with the url of its grader."
            )
