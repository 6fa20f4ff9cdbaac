"""What kind of thing a remark tells: who reads it, and how urgently, depends on that."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """Kinds of remarks, the most urgent first; a person looks at those above ``LATE``."""

    UNGRADED = "ungraded"
    TAMPERED = "tampered"
    CRASHED = "crashed"
    REPAIRED = "repaired"
    OTHER = "other"
    LATE = "late"
    BY_HAND = "by hand"


@dataclass(frozen=True)
class Remark:
    """One remark of a submission."""

    text: str
    kind: Kind

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody should open the submission for it."""
        return self.kind not in (Kind.LATE, Kind.BY_HAND)


# What the conductor says of a candidate that sends what no honest one can.
_PROTOCOL = (
    r"it did not answer as agreed|not an? \w+|an array'?s? .*|array elements .*"
    r"|an unknown type .*|a (?:reference|time stamp) .* (?:is )?out of place|it crashed \(SIGSYS\)"
)
# The sentences are those of autograder.grading and autograder.exam, whole: a student can choose a
# cell's or file's name, but not what stands around it. The first that fits counts.
_SENTENCES: list[tuple[str, Kind]] = [
    (r"(?:scored 0: )?.* is a link that leads out of the submission(?:: .*)?", Kind.TAMPERED),
    (r"(?:scored 0|NOT GRADED): .*", Kind.UNGRADED),
    (r"the (?:points|grade|solution|locked|task) of cell '.*' had been .*", Kind.TAMPERED),
    (r"the \w+ of cell \S+ had been changed from .* was used", Kind.TAMPERED),
    (r"the grade id of cell '.*' had been changed to .*", Kind.TAMPERED),
    (r"the tag '.*' was taken off \w+ '.*'", Kind.TAMPERED),
    (rf"cell \d+(?: \(test\))?: the process .* was lost: (?:{_PROTOCOL})(?:; .*| when .*)?",
     Kind.TAMPERED),
    (r"cell \d+(?: \(test\))?: (?:the process|your code|the test|it) .*", Kind.CRASHED),
    (r"cell \d+: the test's own process was lost: .*", Kind.CRASHED),
    (r"cell \d+ ran out of time and was interrupted", Kind.CRASHED),
    (r"the time for the whole submission was up; .*", Kind.CRASHED),
    (r"the test'?s? (?:hung|own process) .*", Kind.CRASHED),
    (r"handed in late: .*", Kind.LATE),
    (r"a person set the score of '.*'; .*", Kind.BY_HAND),
    (r"cell '.*' had been split; .*", Kind.REPAIRED),
    (r"cell '.*' is there .*; the .* counts", Kind.REPAIRED),
    (r"the grade id of cell '.*' had been taken away; .*", Kind.REPAIRED),
    (r"cell '.*' is not one of this topic's and was not graded", Kind.REPAIRED),
    (r"(?:cell|test|answer) '.*' (?:was|is) missing.*", Kind.REPAIRED),
    (r"cells had been moved and were put back into their order", Kind.REPAIRED),
    (r".* was taken from .*\.ipynb", Kind.REPAIRED),
    (r".* had been saved as .*; it was read as such", Kind.REPAIRED),
    (r".* had the old notebook format .* and was converted", Kind.REPAIRED),
]  # fmt: skip
_KNOWN = [(re.compile(pattern, re.DOTALL), kind) for pattern, kind in _SENTENCES]
_EDITED = re.compile(r"cell '(.*)' had been edited; the released one was used", re.DOTALL)


def remark(text: str, tests: Collection[str] = ()) -> Remark:
    """Return a remark with its kind.

    Parameters
    ----------
    text
        A sentence that grading has left.
    tests
        Grade ids of the topic's tests. One that was edited is another thing than a given cell into
        which something slipped.
    """
    if edited := _EDITED.fullmatch(text):
        return Remark(text, Kind.TAMPERED if edited[1] in tests else Kind.REPAIRED)
    return Remark(text, next((kind for known, kind in _KNOWN if known.fullmatch(text)), Kind.OTHER))
