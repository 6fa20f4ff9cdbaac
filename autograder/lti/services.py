"""The platform's services: line items, results, scores (AGS 2.0) and members (NRPS 2.0)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.lti import addresses
from autograder.lti.platform import Platform
from autograder.lti.transport import PlatformError

_AGS = "https://purl.imsglobal.org/spec/lti-ags/scope"
ITEMS = f"{_AGS}/lineitem"
ITEMS_READ = f"{_AGS}/lineitem.readonly"
RESULTS = f"{_AGS}/result.readonly"
SCORES = f"{_AGS}/score"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
_ITEM_LIST = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_RESULT_LIST = "application/vnd.ims.lis.v2.resultcontainer+json"
_SCORE = "application/vnd.ims.lis.v1.score+json"
_MEMBER_LIST = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

#: Marks the line items that this tool made.
TAG = "autograder"
_PAGE = "100"


@dataclass(frozen=True)
class LineItem:
    """A column of the platform's gradebook."""

    url: str
    label: str = ""
    maximum: float | None = None
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True)
class There:
    """The platform's score for a student; ``score`` is None if it has none."""

    score: float | None = None
    maximum: float = 1.0

    def of(self, most: float) -> float | None:
        """Return the score on another scale."""
        return None if self.score is None else self.score / self.maximum * most


def line_items(platform: Platform) -> list[LineItem]:
    """Return the line items that this tool may see.

    Raises
    ------
    PlatformError
        If the platform does not list them.
    """
    url = addresses.asking(platform.settings.line_items_url, limit=_PAGE)
    return [_line_item(one) for one in _each(platform, url, _ITEM_LIST) if one.get("id")]


def create(platform: Platform, topic: str, label: str, maximum: float) -> LineItem:
    """Create a line item.

    Raises
    ------
    PlatformError
        If the platform refuses, or it is unknown whether it created the line item.
    """
    data = {"label": label, "scoreMaximum": maximum, "resourceId": topic, "tag": TAG}
    url = platform.settings.line_items_url
    made = platform.post(url, data, _ITEM, once=True).json()
    if not isinstance(made, dict) or not made.get("id"):
        raise PlatformError(f"{url} made a line item for {topic} without saying where it is.")
    return _line_item({**data, **made})


def results(platform: Platform, item: str, user: str | None = None) -> dict[str, There]:
    """Return the platform's scores by its id of the student; only one student's if one is named.

    Raises
    ------
    PlatformError
        If the platform does not list them.
    """
    more = {"limit": _PAGE} if user is None else {"user_id": user}
    url = addresses.asking(addresses.below(item, "results"), **more)
    return {
        str(one["userId"]): There(number(one.get("resultScore")), _most(one))
        for one in _each(platform, url, _RESULT_LIST)
        if one.get("userId") is not None
    }


def post(platform: Platform, item: str, score: Mapping[str, Any]) -> None:
    """Send a score.

    Raises
    ------
    PlatformError
        If the platform does not accept it.
    """
    platform.post(addresses.below(item, "scores"), score, _SCORE)


def members(platform: Platform) -> list[dict[str, Any]]:
    """Return the learners of the course, as the platform describes them.

    Raises
    ------
    PlatformError
        If the platform does not list them.
    """
    url = addresses.asking(platform.settings.memberships_url, limit=_PAGE)
    return [
        one
        for one in _each(platform, url, _MEMBER_LIST, "members")
        if one.get("user_id") is not None and _learns(one)
    ]


def _learns(member: Mapping[str, Any]) -> bool:
    """Whether a member is a learner, by the long or the short name of the role.

    Canvas' test student, for an instructor's own view, has the role of a learner but is nobody.
    """
    roles = member.get("roles")
    names = {str(role).rpartition("#")[2] for role in roles} if isinstance(roles, list) else set()
    gone = member.get("status", "Active") in ("Inactive", "Deleted")
    return "Learner" in names and "TestUser" not in names and not gone


def _each(platform: Platform, url: str, kind: str, within: str = "") -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of all pages."""
    for page in platform.pages(url, kind):
        listed = page.get(within) if within and isinstance(page, dict) else page
        if not isinstance(listed, list):
            raise PlatformError(f"{url} answered with no list: check that the address is right.")
        yield from (one for one in listed if isinstance(one, dict))


def _line_item(data: Mapping[str, Any]) -> LineItem:
    return LineItem(
        str(data["id"]),
        str(data.get("label") or ""),
        number(data.get("scoreMaximum")),
        str(data.get("resourceId") or ""),
        str(data.get("tag") or ""),
    )


def _most(result: Mapping[str, Any]) -> float:
    """Return a result's maximum; the default is 1 (AGS 2.0, 3.3)."""
    most = number(result.get("resultMaximum"))
    return most if most and most > 0 else 1.0


def number(value: Any) -> float | None:
    """Return a finite number, which may be given as text; None for anything else."""
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
