"""The examiner's requests to the candidate: look up names, call functions, run cells."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

from autograder.exam.limits import Limits
from autograder.exam.messages import (
    Begin,
    Compare,
    LookUp,
    Packed,
    Raised,
    Request,
    RunCell,
    Traced,
)
from autograder.exam.notebook.clean_outputs import cleaned
from autograder.exam.notebook.outputs import Output, error_output
from autograder.exam.processes.stopwatch import Deadline, Meter, Stopwatch, left
from autograder.exam.remote import remote_errors
from autograder.exam.remote.conversation import Conversation, Supervisor
from autograder.exam.remote.proxies import About, is_proxy
from autograder.exam.remote.readings import Readings
from autograder.exam.remote.references import References
from autograder.exam.remote.remote_errors import ExamFault, OutOfTime
from autograder.exam.remote.tracing import TracedConversation
from autograder.exam.wire import Caps
from nnkit.checks import words

START_S = 60.0


def stopped(deadline: Deadline) -> str:
    """Return the message of a test that ran out of time."""
    over = deadline.over if isinstance(deadline, Stopwatch) else None
    why = f": together with your code it {over}" if over else ""
    return f"the test took too long and was stopped{why}"


class CandidateClient:
    """Sends a test's requests to the candidate.

    Parameters
    ----------
    trace
        Receives each request with its answer, shortened. Default: no trace.

    Attributes
    ----------
    conversation
        The conversation with the current candidate.
    deadline
        The time by which the running cell and its requests must end.
    readings
        The values that the test has read since it last called student code.
    returned
        The kind of value that the last call of student code returned; None before the first call.
    asked
        Whether the test has looked up a name.
    source_of
        Finds the source code of a student's function.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        limits: Limits,
        meter: Meter | None = None,
        trace: Callable[[Traced], None] | None = None,
    ) -> None:
        self.limits = limits
        self.call_s = limits.call_s
        self.meter = meter or Meter()
        self.deadline: Deadline = float("inf")
        self.readings = Readings()
        self.returned: str | None = None
        self.asked = False
        self.source_of: Callable[[About], Any] = lambda _about: None
        caps = Caps(frame_bytes=limits.frame_bytes)
        self.references = references = References(self, caps, self._named)
        parts = (references.encoder, references.decoder, references.callbacks, self.readings)
        self.conversation = (
            Conversation(supervisor, caps, self.meter, *parts)
            if trace is None
            else TracedConversation(supervisor, caps, self.meter, *parts, report=trace)
        )

    def connect(self, sock: socket.socket) -> None:
        """Connect to a new candidate; references to objects of an earlier one become invalid.

        Raises
        ------
        ProcessEnded
            If it does not get ready.
        """
        self.conversation.connect(sock)
        self.references.epoch += 1
        self.readings.forget()
        answer, _ = self.conversation.ask(Begin(0), Stopwatch(self.meter, START_S))
        self.conversation.greeted = True
        if isinstance(answer, Raised):
            raise self.conversation.lost("it could not be prepared")

    def begin(self, seed: int, deadline: Deadline, call_s: float | None = None) -> None:
        """Start a test cell: its requests end by ``deadline``, earlier faults are forgotten.

        ``call_s`` is the limit of one call in seconds, if it is not the limit of all tests.
        """
        self.conversation.fault, self.deadline, self.returned = None, deadline, None
        self.call_s = call_s or self.limits.call_s
        self.references.callbacks.begin()
        self.readings.forget()
        self.conversation.begin_test()
        try:
            self.request(Begin(seed))
        except ExamFault:
            raise
        except Exception as error:
            why = f"it could not be prepared ({type(error).__name__})"
            raise self.conversation.lost(why) from None

    def end(self) -> None:
        """End a test cell: its functions can no longer be called."""
        self.references.callbacks.begin()

    def lookup(self, name: str) -> Any:
        """Return the value of a global name of the candidate; `KeyError` if there is no such name.

        It stays the same until student code is called: see `readings`.
        """
        return self.readings.once(self, ("name", name), lambda: self._named(name))

    def _named(self, name: str) -> Any:
        self.asked = True
        found, value = self.request(LookUp(name))
        if not found:
            raise KeyError(name)
        if is_proxy(value):
            value._nnkit_about.origin = name
        return value

    def run_cell(
        self, source: str, seed: int, known: dict[str, Packed], deadline: Deadline
    ) -> tuple[list[Output], bool]:
        """Run a cell in the candidate; return its outputs, and whether time ran out.

        ``known`` holds results that `nnkit.once` returns there without computing them.
        """
        self.conversation.fault, self.deadline = None, deadline
        answer, late = self.conversation.ask(RunCell(source, seed, known), deadline)
        with self.conversation.blamed():
            if isinstance(answer, Raised):
                error = remote_errors.rebuild(answer.description)
                return [error_output(type(error).__name__, str(error))], late
            return cleaned(answer.value["outputs"], self.limits.output_bytes), late

    def request(self, request: Request) -> Any:
        """Send a request; return the answer or raise the exception that it reports.

        Raises
        ------
        ExamFault
            If the candidate does not answer, or not in time.
        """
        outer = self.deadline
        if left(outer) <= 0:
            self.conversation.fault = self.conversation.fault or OutOfTime(stopped(outer))
            raise self.conversation.fault
        whole = outer if isinstance(outer, Stopwatch) else None
        self.deadline = watch = Stopwatch(self.meter, self.call_s, whole)
        try:
            answer, late = self.conversation.ask(request, watch)
        finally:
            self.deadline = outer
        if answer.printed:
            sys.stdout.write(answer.printed)
        if late:
            call = "in one call, it " if watch.over is watch else "in one test, it "
            fault = OutOfTime(f"your code took too long and was interrupted: {call}{watch.over}")
            self.conversation.fault = fault
            raise fault
        if isinstance(answer, Raised):
            error = remote_errors.rebuild(answer.description)
            # Any exception of a function of the notebook, or of its call, is the student's.
            called = request.calls and request.function._nnkit_about.origin is not None
            error.student_raised |= called
            raise error
        if request.calls:
            compared = isinstance(request, Compare)
            self.returned = words.kind(answer.value[0] if compared else answer.value)
        return answer.value

    def release(self, about: About) -> None:
        """Note that a proxy was deleted; the next request reports it to the candidate."""
        if about.epoch == self.references.epoch:
            self.conversation.released.append(about.ref)
