"""Watch a course's exchange: collect new submissions, grade them, release feedback."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from autograder.course import Course, student_names
from autograder.errors import AutograderError
from autograder.gradebook.records import Submission
from autograder.grading.engine import Engine
from autograder.grading.grade import grade
from autograder.grading.lock import Busy, grading_lock
from autograder.remarks import texts
from autograder.submissions.layout import HandedIn
from autograder.watch import collect, exchange, queue, release_feedback
from autograder.watch.exchange import HandIn, Pair
from autograder.watch.log import Sayer
from autograder.watch.notes import Notes
from autograder.watch.poll import Lookout
from autograder.watch.settings import GradeOnSubmit

BATCH = 8
_LONGEST_S = 900.0
_ALL = ""  # the key of an error of the whole course, among those of topics and students


@dataclass
class Service:
    """Grades one course on submit; used from one thread.

    Attributes
    ----------
    stopped
        Once it is set, no further exam begins.
    clock
        Seconds since 1970.
    count
        Submissions so far: "graded", "feedback" (released), "left" to a person, "refused".
    """

    course: Course
    settings: GradeOnSubmit
    engine: Engine
    notes: Notes
    sayer: Sayer = field(default_factory=Sayer)
    stopped: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.time
    count: Counter[str] = field(default_factory=Counter)
    troubled: bool = False

    def __post_init__(self) -> None:
        self.lookout = Lookout(self.course, self.settings, self.notes, self.sayer, self.clock)
        self.inbound = self.lookout.inbound
        self.pauses = queue.Pauses(4 * self.settings.poll_seconds, _LONGEST_S, self.clock)
        self._restore_interrupted()

    def round(self) -> bool:
        """Poll, and grade a batch of new submissions; return whether there was anything to do.

        An error is printed, and the work is tried again after growing pauses.
        """
        self.troubled = False
        try:
            return not self.pauses.waiting(_ALL) and self._round()
        except Busy as error:
            self.troubled = True
            self.sayer.once(str(error))
        except AutograderError as error:
            self._trouble(_ALL, str(error))
        except Exception as error:  # no error may end the service for a whole class
            self._trouble(_ALL, _unexpected(error))
        return False

    def waiting(self) -> int:
        """Return how many submissions wait to be processed."""
        return sum(self.lookout.first(pair) is not None for pair in self.lookout.found)

    def _round(self) -> bool:
        self.lookout.look()
        ready = self._ready()
        left = [each for each in ready if self._graded_by_another(each)]
        for each in left:
            self._end(each)
        if left:
            self.count["left"] += len(left)
            self.notes.keep()
        turns = queue.in_turn([each for each in ready if each not in left], self.notes)
        batch = [each for each in turns if each.topic == turns[0].topic][:BATCH]
        if batch:
            self._serve(batch[0].topic, {each.pair: each for each in batch})
        if _ALL in self.pauses.tries:
            self.pauses.over(_ALL)
            self.sayer.fixed()
        return bool(batch or left) and not self.stopped.is_set()

    def _trouble(self, what: str, text: str) -> None:
        self.pauses.later(what)
        self.troubled = True
        self.sayer.once(f"{text} The service tries again, after growing pauses.")

    def _ready(self) -> list[HandIn]:
        """Return the new submissions that can be graded now."""
        pairs = [
            pair
            for pair in self.lookout.found
            if not self.pauses.waiting(pair) and not self.pauses.waiting(pair[1])
        ]
        return [each for pair in pairs if (each := self.lookout.ready(pair))]

    def _graded_by_another(self, each: HandIn) -> bool:
        """Return whether a person graded this submission or a newer one before it was begun."""
        if self.notes.about(each.pair).begun == each.name:
            return False
        graded = collect.held(self.course.autograded_dir / each.student / each.topic)
        return not self.inbound.newer(each.time, graded) and self._is_collected(each)

    def _is_collected(self, each: HandIn) -> bool:
        """Return whether ``submitted/`` has this submission, or one that it would not replace."""
        collected = collect.held(collect.place(self.course, each))
        return not self.inbound.newer(each.time, collected)

    def _restore_interrupted(self) -> None:
        """Restore submissions whose copying was interrupted by the end of an earlier service."""
        for pair, note in self.notes.of.items():
            begun = exchange.read(self.inbound.folder, note.begun)
            if note.begun != note.done and begun and begun.pair == pair:
                with suppress(OSError):  # reported when it is collected again
                    collect.restore(self.course, begun)

    def _serve(self, topic: str, batch: dict[Pair, HandIn]) -> None:
        """Collect some submissions, grade them, and release feedback for each graded one."""
        collect.check_disk_space(self.course)
        self.notes.begin(list(batch.values()))
        with grading_lock(self.course, wait=False):
            taken = {pair for pair, each in batch.items() if self._take(each)}

        def wanted(entry: HandedIn) -> bool:
            pair = student_names.plain(entry.student), entry.topic
            return pair in taken and not self.stopped.is_set()

        def watch(topic: str, outcome: Submission) -> None:
            pair = student_names.plain(outcome.student), topic
            taken.discard(pair)
            self._close(batch[pair], outcome)

        try:
            grade(
                self.course,
                [topic] if taken else [],
                jobs=self.settings.jobs,
                engine=self.engine,
                only=wanted,
                watch=watch,
                wait=False,
            )
            self.pauses.over(topic)
            for pair in () if self.stopped.is_set() else sorted(taken):
                self._again(batch[pair], "it was not graded, for an unknown reason")
        except Busy:
            raise
        except AutograderError as error:
            self._trouble(topic, f"{topic}: {error}")
        except Exception as error:
            self._trouble(topic, f"{topic}: {_unexpected(error)}")
        self.notes.keep()

    def _take(self, each: HandIn) -> bool:
        """Collect a submission, unless one as new is there; return whether it can be graded."""
        if self._is_collected(each):
            return True
        due = self.lookout.due.get(each.topic)
        if why := exchange.backdated(each, due, self.lookout.first_seen(each)):
            self.sayer.once(f"{each.path} {why}.")
        try:
            for remark in collect.take(self.course, each, check_owner=self.inbound.check_owner):
                self.sayer.say(f"! {_who(each)}: {remark}")
            return True
        except collect.Refused as error:
            self.sayer.say(f"! {_who(each)}: not taken, since {error}: {each.path}")
            self.count["refused"] += 1
            self._end(each, self.clock())
        except AutograderError as error:
            self._again(each, str(error))
        except Exception as error:
            self._again(each, _unexpected(error))
        return False

    def _close(self, each: HandIn, outcome: Submission) -> None:
        """Release feedback for a grade, and record that the submission is processed."""
        exam = None if outcome.unchanged else self.clock()
        if exam is not None:
            self.notes.about(each.pair).exam = exam
        if not outcome.graded or not self._is_collected(each):
            self._again(each, "; ".join(texts(outcome.remarks)) or "another submission was graded")
            return
        given = self._give(each, outcome.student)
        if given is None:
            return
        self._end(each, exam)
        self.count["graded"] += 1
        most = sum(test.points for test in outcome.tests.values())
        self.sayer.say(f"{_who(each)}: {outcome.score:g} of {most:g} points; {given.value}")
        for remark in outcome.remarks:
            self.sayer.say(f"! {_who(each)}: {remark}")
        try:
            self.notes.keep()
        except AutograderError as error:  # the other exams go on, and no further batch begins
            self._trouble(_ALL, str(error))

    def _give(self, each: HandIn, student: str) -> release_feedback.Given | None:
        """Release feedback to a student; None if that has to be tried again."""
        what = self.settings.feedback
        try:
            given = release_feedback.give(
                self.course,
                each.topic,
                student,
                what,
                lambda line: self.sayer.say(f"! {line}"),
            )
        except AutograderError as error:
            self._again(each, f"it is graded, but has no feedback yet: {error}")
        except Exception as error:
            self._again(each, f"it is graded, but has no feedback yet: {_unexpected(error)}")
        else:
            self.count["feedback"] += given.released
            return given
        return None

    def _again(self, each: HandIn, why: str) -> None:
        """Try a submission again later."""
        self.troubled = True
        self.pauses.later(each.pair)
        ended = why.rstrip(".")
        self.sayer.once(f"! {_who(each)}: {ended}. The service tries again, after growing pauses.")

    def _end(self, each: HandIn, exam: float | None = None) -> None:
        """Record that a submission is processed, and forget it."""
        self.notes.end(each, exam)
        self.pauses.over(each.pair)
        self.lookout.forget(each)


def _who(each: HandIn) -> str:
    return f"{each.student}, {each.topic}"


def _unexpected(error: Exception) -> str:
    return f"There was an unexpected error ({type(error).__name__}: {error})."
