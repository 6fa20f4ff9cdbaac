"""Who may not log in, whatever a login provider says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_settings import Settings
from tornado.web import HTTPError


def refuse_graders(site: Settings) -> Callable[..., dict[str, Any]]:
    """Return the hook after logging in that keeps people out of the courses' own accounts."""
    graders = {course.grader for course in site.courses}

    def hook(_authenticator: Any, _handler: Any, model: dict[str, Any]) -> dict[str, Any]:
        if (name := model["name"]) in graders:
            raise HTTPError(403, f"The account {name} belongs to a course: log in as yourself.")
        return model

    return hook
