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
def alarm(conversation: Conversation, meter: Meter, watch: Stopwatch) -> Iterator[None]:
    """Raise `OutOfTime` in the body when ``watch`` is over, and note it as the fault."""

    def ring(*_: object) -> None:
        # Waiting for a message has its own deadline.
        if not conversation.listening and watch.left() <= 0:
            conversation.fault = OutOfTime(stopped(watch))
            raise conversation.fault

    signal.signal(signal.SIGALRM, ring)
    # Raised again at each later tick: a test may catch the first.
    every_s = min(meter.every_s, watch.limit_s / 4)
    signal.setitimer(signal.ITIMER_REAL, every_s, every_s)
    try:
        yield
    except OutOfTime:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
