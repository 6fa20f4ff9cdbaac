"""Decide whether to send a score: only changed ones, and none over a change made in the LMS."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.exports.cells import number
from autograder.lti.ledger import Sent
from autograder.lti.services import There

#: Two scores count as equal if they differ by less: platforms round.
_SAME = 0.005


@dataclass(frozen=True)
class Score:
    """A student's score to send.

    Attributes
    ----------
    user
        The platform's id of the student.
    final
        Whether the grade is final.
        handed_in
        Whether there is a submission.
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
    """Send the score, record it as known, or neither, with a reason if that needs attention."""

    send: bool = False
    note: bool = False
    why_not: str = ""


SEND, NOTE, SAME = Decision(send=True), Decision(note=True), Decision()


def decide(
    new: Score, last: Sent | None, there: There | None, *, seen: bool, force: bool = False
) -> Decision:
    """Decide what to do with a score.

    Parameters
    ----------
    last
        The score that was sent last, if any.
        there
        The platform's score, if any.
        seen
        Whether the platform's scores could be read; if not, only ``last`` counts.
        force
        Also replace a score that was changed in the LMS.
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
    """Whether exactly this score was sent last."""
    return (new.given, new.maximum, new.final, new.comment) == (
        last.given,
        last.maximum,
        last.final,
        last.comment,
    )


def _equal(theirs: float | None, ours: float | None) -> bool:
    """Whether the platform's score equals ours; Moodle does not show a score of 0."""
    if ours is None:
        return theirs is None
    return abs((theirs or 0.0) - ours) < _SAME


def _conflict(theirs: float | None, mine: float | None) -> str:
    there = "no score" if theirs is None else number(theirs)
    if mine is None:
        return f"the LMS has {there}, which is not from here; --force replaces it"
    return f"changed in the LMS: {there} there, {number(mine)} was sent; --force replaces it"
