"""Stop the examiner's own code, a given cell or a test, when its time is up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.exam.processes.stopwatch import Meter, Stopwatch
from autograder.exam.remote.candidate_client import stopped
from autograder.exam.remote.conversation import Conversation
from autograder.exam.remote.remote_errors import OutOfTime


@contextmanager
def alarm(talk: Conversation, meter: Meter, watch: Stopwatch) -> Iterator[None]:
    """Raise `OutOfTime` in what runs within this once ``watch`` is over; it is the fault then."""

    def ring(*_: object) -> None:
        # A message has a deadline of its own.
        if not talk.listening and watch.left() <= 0:
            talk.fault = OutOfTime(stopped(watch))
            raise talk.fault

    signal.signal(signal.SIGALRM, ring)
    # Raised again at each further look: a test may catch the first.
    every_s = min(meter.every_s, watch.limit_s / 4)
    signal.setitimer(signal.ITIMER_REAL, every_s, every_s)
    try:
        yield
    except OutOfTime:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
