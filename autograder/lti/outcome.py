"""Options for sending grades, and the outcome for each topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.lti.services import LineItem


@dataclass
class Outcome:
    """The outcome for one topic.

    Attributes
    ----------
    item
        The topic's line item; None if there is none (yet).
        made
        Whether the line item is new, or would be in a dry run.
        sent
        The score of each student whose score was sent, or would be in a dry run.
        before
        The LMS's earlier score of each, on the gradebook's scale; None if it had none.
        same
        Students whose score the LMS has already.
        absent
        Students who handed in nothing and are sent nothing.
        not_sent
        Students whose grade was not sent, with the reason.
    """

    topic: str
    maximum: float
    item: LineItem | None = None
    made: bool = False
    sent: dict[str, float] = field(default_factory=dict)
    before: dict[str, float | None] = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    not_sent: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the summary for scripts."""
        return {
            "max": self.maximum,
            "line_item": self.item.url if self.item else None,
            "line_item_made": self.made,
            "sent": self.sent,
            "unchanged": self.same,
            "not_handed_in": self.absent,
            "not_sent": dict(sorted(self.not_sent.items())),
            "remarks": self.remarks,
        }


@dataclass(frozen=True)
class Wishes:
    """Options of ``autograder lti send``."""

    dry_run: bool = False
    force: bool = False
    provisional: bool = False


def complete(outcomes: Iterable[Outcome]) -> bool:
    """Whether everybody's grade is in the LMS, or would be."""
    return not any(outcome.not_sent for outcome in outcomes)
