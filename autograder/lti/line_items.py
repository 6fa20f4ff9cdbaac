"""Find a topic's line item on the platform, or create it."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.errors import AutograderError
from autograder.exports.grades import TopicGrades
from autograder.lti import services
from autograder.lti.platform import Platform
from autograder.lti.services import LineItem
from autograder.lti.settings import Settings, Topic


def find(settings: Settings, topic: str, items: Sequence[LineItem]) -> LineItem | None:
    """Find a topic's line item: named in the settings, made by this tool, or by its label.

    Raises
    ------
    AutograderError
        If several match.
    """
    named = settings.topics.get(topic, Topic())
    if named.line_item:
        same = (item for item in items if item.url == named.line_item)
        return next(same, LineItem(named.line_item))
    ways = (
        [item for item in items if (item.resource_id, item.tag) == (topic, services.TAG)],
        [item for item in items if item.resource_id == topic],
        [item for item in items if item.label == (named.label or topic)],
    )
    found = next(filter(None, ways), [])
    if len(found) > 1:
        urls = " or ".join(f'"{item.url}"' for item in found)
        raise AutograderError(
            f"the LMS has {len(found)} line items for {topic}: choose one in {settings.path}, "
            f"below [topics.{topic}], as line_item = {urls}."
        )
    return found[0] if found else None


def make(platform: Platform, topic: TopicGrades) -> LineItem:
    """Create a line item for a topic.

    Raises
    ------
    AutograderError
        If the platform or the settings do not allow it.
    """
    settings = platform.settings
    label = settings.topics.get(topic.topic, Topic()).label or topic.topic
    if not settings.create_line_items:
        raise AutograderError(
            f"the LMS has no line item {label}, and create_line_items is off: make it there."
        )
    if services.ITEMS not in platform.scopes:
        raise AutograderError(
            f"the LMS has no line item {label}, and does not let this tool make one: make it "
            "there, or give the tool the permission to manage columns."
        )
    try:
        return services.create(platform, topic.topic, label, topic.max_score)
    except AutograderError:
        # The line item may exist although the answer was lost.
        if made := find(settings, topic.topic, services.line_items(platform)):
            return made
        raise
