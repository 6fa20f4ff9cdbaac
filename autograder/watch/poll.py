"""Find new submissions in the exchange, at low cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from autograder.course import Course
from autograder.watch import due_dates, exchange, queue
from autograder.watch.exchange import HandIn, Inbound, Pair
from autograder.watch.log import Sayer
from autograder.watch.notes import Notes
from autograder.watch.settings import GradeOnSubmit

_LOOK_ANYWAY_S = 60.0
_JUST_NOW_S = 2.0  # a folder's time of change may be too coarse to tell two changes apart


@dataclass
class Lookout:
    """Keeps the exchange's new submissions in memory, and no others.

    Attributes
    ----------
    due
        The gradebook's topics, with their due dates.
    found
        All submissions of each (student, topic) that has a new one.
    """

    course: Course
    settings: GradeOnSubmit
    notes: Notes
    sayer: Sayer
    clock: Callable[[], float] = time.time
    due: dict[str, datetime | None] = field(default_factory=dict)
    found: dict[Pair, list[HandIn]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inbound = Inbound.of(self.course)
        self._first_seen: dict[str, float] = {}
        self._looked, self._change = 0.0, 0

    def first_seen(self, handed_in: HandIn) -> float:
        """Return when a submission was seen for the first time, in seconds since 1970."""
        return self._first_seen.get(handed_in.name, self.clock())

    def forget(self, handed_in: HandIn) -> None:
        """Drop a processed submission, unless its student has a newer one."""
        pair = handed_in.pair
        if not self.any_new(pair, self.found.get(pair, [])):
            self.found.pop(pair, None)

    def look(self) -> None:
        """List the exchange if it may have changed, and update ``found``."""
        now, change = self.clock(), self.inbound.changed()
        quiet = change == self._change and now - self._change / 1e9 > _JUST_NOW_S
        if quiet and 0 <= now - self._looked < _LOOK_ANYWAY_S:
            return
        found: dict[Pair, list[HandIn]] = {}
        for each in self.inbound.look():
            if not self.settings.topics or each.topic in self.settings.topics:
                found.setdefault(each.pair, []).append(each)
        new = {pair: records for pair, records in found.items() if self.any_new(pair, records)}
        self.due = due_dates.due_dates(self.course) if new else self.due
        for topic in sorted({topic for _, topic in new} - set(self.due)):
            self.sayer.once(
                f"Somebody handed in {topic!r}, which the gradebook does not know: it waits until "
                f"you release it (autograder release {topic}), or is no topic of yours."
            )
        self.found = {pair: records for pair, records in new.items() if pair[1] in self.due}
        seen = {each.name for records in self.found.values() for each in records}
        self._first_seen = {name: self._first_seen.get(name, now) for name in seen}
        self._looked, self._change = now, change

    def _last(self, pair: Pair) -> datetime | None:
        """Return the time of the student's submission that was processed last, or None."""
        done = self.notes.about(pair).done
        last = exchange.read(self.inbound.folder, done) if done else None
        return last.time if last else None

    def any_new(self, pair: Pair, records: list[HandIn]) -> bool:
        """Return whether any of a student's submissions would replace the one processed last."""
        last = self._last(pair)
        return any(self.inbound.newer(each.time, last) for each in records)

    def first(self, pair: Pair) -> HandIn | None:
        """Return the student's submission that counts if it is new, else None."""
        last = self._last(pair)
        for each in self.inbound.in_order(self.found[pair], self.due.get(pair[1])):
            new = self.inbound.newer(each.time, last)
            why = self.inbound.foreign(each)
            if why is None:
                return each if new else None
            if new and why != exchange.GONE:
                self.sayer.once(f"{each.path} was not taken: it {why}.")
        return None

    def ready(self, pair: Pair) -> HandIn | None:
        """Return the student's new submission once it is complete and the pause over, else None."""
        now, pause = self.clock(), self.settings.pause_seconds
        each = self.first(pair)
        if each is None or not exchange.complete(each, now):
            return None
        return each if queue.rested(each, self.notes, pause, now) else None
