"""The order of exams: a pause for each student, and fair turns."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from autograder.watch.exchange import HandIn
from autograder.watch.notes import Notes


@dataclass
class Pauses:
    """Pauses before a failed task is tried again; each pause doubles.

    Attributes
    ----------
    first, longest
        Seconds.
    """

    first: float
    longest: float
    clock: Callable[[], float] = time.time
    tries: dict[Hashable, tuple[int, float]] = field(default_factory=dict)

    def later(self, key: Hashable) -> float:
        """Record a failure; return the seconds until the next attempt."""
        count = self.tries.get(key, (0, 0.0))[0]
        pause = min(self.first * 2.0 ** min(count, 30), self.longest)
        self.tries[key] = (count + 1, self.clock() + pause)
        return pause

    def waiting(self, key: Hashable) -> bool:
        """Return whether it is too early for another attempt."""
        return self.clock() < self.tries.get(key, (0, 0.0))[1]

    def over(self, key: Hashable) -> None:
        """Forget the failures after a success."""
        self.tries.pop(key, None)


def rested(handed_in: HandIn, notes: Notes, pause_s: float, now: float) -> bool:
    """Return whether a student's last exam of this topic ended at least a pause ago.

    After a clock is set back, nobody waits for longer than the pause.
    """
    since = now - notes.about(handed_in.pair).exam
    return since >= pause_s or since < 0


def in_turn(handed_in: Iterable[HandIn], notes: Notes) -> list[HandIn]:
    """Return submissions in the order of their exams.

    The first one of each student comes before any student's second. Among these, students whose
    last exam was earlier come first, then submissions that were handed in earlier.
    """
    exams: dict[str, float] = defaultdict(float)
    for (student, _), note in notes.of.items():
        exams[student] = max(exams[student], note.exam)
    rank: dict[str, int] = defaultdict(int)
    placed = []
    for each in sorted(handed_in, key=lambda each: (each.time, each.pair)):
        placed.append(((rank[each.student], exams[each.student], each.time, each.pair), each))
        rank[each.student] += 1
    return [each for _, each in sorted(placed, key=lambda pair: pair[0])]
