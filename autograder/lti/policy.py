"""Whether a score is sent: only what changed here, and nothing over what changed there."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.exports.cells import number
from autograder.lti.ledger import Sent
from autograder.lti.services import There

#: Two scores are the same where they differ by less; platforms round.
_SAME = 0.005


@dataclass(frozen=True)
class Score:
    """A student's score as it would be sent.

    Attributes
    ----------
    user
        The platform's id of the student.
    final
        The grade is settled.
    handed_in
        There is a submission.
    """

    student: str
    user: str
    given: float
    maximum: float
    final: bool = True
    handed_in: bool = True
    comment: str = ""


@dataclass(frozen=True)
class Decision:
    """What to do: send, or note as known, or neither, with the reason where that is a fault."""

    send: bool = False
    note: bool = False
    why_not: str = ""


SEND, NOTE, SAME = Decision(send=True), Decision(note=True), Decision()


def decide(
    new: Score, last: Sent | None, there: There | None, *, seen: bool, force: bool = False
) -> Decision:
    """Return what to do with a score.

    Parameters
    ----------
    last
        What was sent last, if anything.
    there
        What the platform has, if anything.
    seen
        The platform said what it has; without, only ``last`` can be known.
    force
        Also send over what was changed there.
    """
    changed = last is None or not _told(new, last)
    if not seen:
        return SEND if changed or force else SAME
    theirs = there.of(new.maximum) if there else None
    mine = last.given * new.maximum / last.maximum if last else None
    hidden = last is not None and not last.final and theirs is None
    if hidden or _equal(theirs, mine):
        return SEND if changed else SAME
    if new.final and _equal(theirs, new.given):
        return NOTE
    return SEND if force else Decision(why_not=_conflict(theirs, mine))


def _told(new: Score, last: Sent) -> bool:
    """Whether the platform was told just this."""
    return (new.given, new.maximum, new.final, new.comment) == (
        last.given,
        last.maximum,
        last.final,
        last.comment,
    )


def _equal(theirs: float | None, ours: float | None) -> bool:
    """Whether the platform has a score of ours; Moodle does not show one of 0."""
    if ours is None:
        return theirs is None
    return abs((theirs or 0.0) - ours) < _SAME


def _conflict(theirs: float | None, mine: float | None) -> str:
    there = "no score" if theirs is None else number(theirs)
    if mine is None:
        return f"the LMS has {there}, which is not from here; --force replaces it"
    return f"changed in the LMS: {there} there, {number(mine)} was sent; --force replaces it"
