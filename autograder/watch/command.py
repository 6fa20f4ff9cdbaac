"""Run the service until a signal stops it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from types import FrameType
from typing import Any

from autograder.course import Course
from autograder.course.sections import configured
from autograder.grading.engine import Engine
from autograder.grading.exam_engine import ExamEngine
from autograder.watch import notes
from autograder.watch.log import Sayer
from autograder.watch.service import Service
from autograder.watch.settings import GradeOnSubmit

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def watch(
    course: Course,
    topics: Sequence[str] = (),
    *,
    once: bool = False,
    jobs: int | None = None,
    sandbox: str | None = None,
    engine: Engine | None = None,
    sayer: Sayer | None = None,
) -> dict[str, Any]:
    """Grade new submissions in a course's exchange until a signal; return the summary for scripts.

    Parameters
    ----------
    topics
        Topics to watch. Default: those of the course's configuration.
        once
        Grade the submissions that are due and return.
        engine
        Runs a submission. Default: the exam, as the course configures it.

    Raises
    ------
    AutograderError
        If the course is watched already, or its configuration does not allow it.
    """
    chosen = configured(
        GradeOnSubmit, course.config, "watch setting", topics=list(topics) or None, jobs=jobs
    )
    engine = engine or ExamEngine.of(course.config, sandbox=sandbox)
    sayer = sayer or Sayer()
    with notes.alone(course):
        known = notes.Notes.read(notes.folder_of(course))
        if known.broken:
            sayer.say(known.broken)
        service = Service(course, chosen, engine, known, sayer)
        sayer.say(
            f"Watching {service.inbound.folder} for {', '.join(chosen.topics) or 'all topics'}."
        )
        # nbgrader changes to this folder and back for every page, which affects other threads.
        with chdir(course.root), _stopped_by_signals(service.stopped, sayer):
            _run_rounds(service, once, chosen.poll_seconds)
        sayer.say(f"Ended; {service.count['graded']} were graded.")
    return {
        **{what: service.count[what] for what in ("graded", "feedback", "left", "refused")},
        "waiting": service.waiting(),
        "complete": not service.troubled,
    }


def _run_rounds(service: Service, once: bool, poll_s: float) -> None:
    troubled = False
    while not service.stopped.is_set():
        did = service.round()
        troubled = troubled or service.troubled
        if did:
            continue
        if once:
            break
        service.stopped.wait(poll_s)
    service.troubled = troubled if once else service.troubled


@contextmanager
def _stopped_by_signals(stopped: threading.Event, sayer: Sayer) -> Iterator[None]:
    """Let a signal end the service after the exams in progress; a second one ends it at once."""

    def stop(number: int, _: FrameType | None) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt("Nothing was lost: the next start grades interrupted exams.")
        stopped.set()
        with suppress(RuntimeError):  # the signal interrupted another line's printing
            sayer.say(f"{signal.Signals(number).name}: ending after the exams in progress.")

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
