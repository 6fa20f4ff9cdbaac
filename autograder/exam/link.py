"""The examiner's side of its conversation with the candidate: one question at a time.

Every wait has a stopwatch. A candidate that exceeds it is interrupted, and ended if that does not
help; one that breaks the protocol is ended. Nothing it sends can do more than give a wrong answer.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from autograder.exam import kin, raising, replies, type_names
from autograder.exam.arrays import exactly
from autograder.exam.callbacks import Callbacks
from autograder.exam.channel import Channel, Closed
from autograder.exam.cleaning import cleaned
from autograder.exam.handles import About, is_handle
from autograder.exam.kinds import handle_class
from autograder.exam.limits import Limits
from autograder.exam.objects import Ability
from autograder.exam.outputs import Output, error_output
from autograder.exam.passing import pass_on
from autograder.exam.raising import ExamFault, OutOfTime, ProcessEnded
from autograder.exam.readings import Readings
from autograder.exam.replies import WITHOUT_VALUES, Answer, Call
from autograder.exam.stopwatch import Deadline, Meter, Stopwatch, left
from autograder.exam.wire import Caps, Decoder, Encoder, Ref, WireError
from autograder.remark import Kind
from nnkit.checks import words

START_S = 60.0
GRACE_S = 2.0
MAX_REQUESTS = 200_000
_ALL = Ability(sum(Ability))
_CALLS = ("call", "compare", "guarded")
_FORBIDDEN = kin.crashed(signal.SIGSYS)


def stopped(deadline: Deadline) -> str:
    """Say why a test ends here."""
    over = deadline.over if isinstance(deadline, Stopwatch) else None
    why = f": together with your code it {over}" if over else ""
    return f"the test took too long and was stopped{why}"


class Supervisor(Protocol):
    """Who can reach the candidate's process: the conductor."""

    def interrupt(self) -> None:
        """Send it SIGINT."""
        ...

    def ended(self, greeted: bool) -> str:
        """End it, and say how it ended: "" where nobody but us is the cause.

        ``greeted``: whether it had been ready, so that student code may have run in it.
        """
        ...


class Link:
    """Requests to the candidate, and the functions of the test that it may call meanwhile."""

    def __init__(self, supervisor: Supervisor, limits: Limits, meter: Meter | None = None) -> None:
        self.supervisor = supervisor
        self.limits = limits
        self.call_s = limits.call_s
        self.meter = meter or Meter()
        self.channel: Channel | None = None
        self.epoch = 0
        self.fault: ExamFault | None = None
        self.given: set[str] = set()
        self.returned: str | None = None
        self.asked = False  # for anything that a test could use
        self.own_words: frozenset[str] = frozenset()
        self.source_of: Callable[[About], Any] = lambda _about: None
        self.deadline: Deadline = float("inf")
        self.listening = False
        self.readings = Readings()
        caps = Caps(frame_bytes=limits.frame_bytes)
        self._encoder = Encoder(caps, self._foreign)
        self._decoder = Decoder(caps, {"handle": self._handle, "yours": self._yours})
        self._plain_decoder = Decoder(caps, plain=True)
        self._caps = caps
        self._number = 0
        self._released: list[int] = []
        self._callbacks = Callbacks(self._encoder)
        self._greeted = False

    @property
    def alive(self) -> bool:
        """Whether there is a candidate to talk to, as far as is known."""
        return self.channel is not None

    def connect(self, sock: socket.socket) -> None:
        """Talk to a new candidate; references to the objects of a former one are void.

        Raises
        ------
        ProcessEnded
            If it does not get ready.
        """
        self.channel = Channel(sock, self._caps)
        self.epoch += 1
        self._released.clear()
        self.readings.forget()
        self._greeted = False
        answer, _ = self._converse("begin", [0], Stopwatch(self.meter, START_S))
        self._greeted = True
        if not answer.ok:
            raise self.lost("it could not be prepared")

    def begin(self, seed: int, deadline: Deadline, call_s: float | None = None) -> None:
        """Start a test cell: its requests end by ``deadline``, earlier faults are forgotten.

        ``call_s`` is what one of them may take, where that is not the limit of all tests.
        """
        self.fault, self.deadline, self.returned = None, deadline, None
        self.call_s = call_s or self.limits.call_s
        self._callbacks.begin()
        self.readings.forget()
        self._number -= self._number % MAX_REQUESTS
        self._number += MAX_REQUESTS
        try:
            self.request("begin", [seed])
        except ExamFault:
            raise
        except Exception as error:
            raise self.lost(f"it could not be prepared ({type(error).__name__})") from None

    def end(self) -> None:
        """End a test cell: its functions answer no more."""
        self._callbacks.begin()

    def lookup(self, name: str) -> Any:
        """Return what the candidate's namespace holds; `KeyError` if there is no such name.

        The same until student code is called: see `readings`.
        """
        return self.readings.once(self, ("name", name), lambda: self._named(name))

    def _named(self, name: str) -> Any:
        self.asked = True
        found, value = self.request("name", [name])
        if not found:
            raise KeyError(name)
        if is_handle(value):
            value._nnkit_about.origin = name
        return value

    def run_cell(
        self, source: str, seed: int, known: dict[str, list[Any]], deadline: Deadline
    ) -> tuple[list[Output], bool]:
        """Run a cell of the notebook over there; return its outputs, and whether time ran out.

        ``known`` is what `nnkit.once` returns there without computing it.
        """
        self.fault, self.deadline = None, deadline
        answer, late = self._converse("cell", [source, seed, known], deadline)
        with self._blamed():
            if answer.ok:
                return cleaned(answer.content["outputs"], self.limits.output_bytes), late
            error = raising.rebuild(answer.content)
            return [error_output(type(error).__name__, str(error))], late

    def request(self, operation: str, arguments: list[Any]) -> Any:
        """Ask the candidate; return its answer or raise the exception that it reports.

        Raises
        ------
        ExamFault
            If it does not answer in time or at all.
        """
        outer = self.deadline
        if left(outer) <= 0:
            self.fault = self.fault or OutOfTime(stopped(outer))
            raise self.fault
        whole = outer if isinstance(outer, Stopwatch) else None
        self.deadline = watch = Stopwatch(self.meter, self.call_s, whole)
        try:
            answer, late = self._converse(operation, arguments, watch)
        finally:
            self.deadline = outer
        if answer.printed:
            sys.stdout.write(answer.printed)
        if late:
            call = "in one call, it " if watch.over is watch else "in one test, it "
            self.fault = OutOfTime(
                f"your code took too long and was interrupted: {call}{watch.over}"
            )
            raise self.fault
        if not answer.ok:
            error = raising.rebuild(answer.content)
            # Whatever a function of the notebook ends with, its call included, is the student's.
            called = operation in _CALLS and arguments[0]._nnkit_about.origin is not None
            error.student_raised |= called
            raise error
        if operation in _CALLS:
            self.returned = _returned(operation, answer.content)
        return answer.content

    def release(self, about: About) -> None:
        """Note that nobody holds a handle any more; the next request tells it."""
        if about.epoch == self.epoch:
            self._released.append(about.ref)

    def _converse(
        self, operation: str, arguments: list[Any], deadline: Deadline
    ) -> tuple[Answer, bool]:
        """Send a request and return the answer, and whether it came only after an interrupt."""
        if self.channel is None:
            raise self.fault or ProcessEnded("the process that runs your code has ended")
        self._number += 1
        number = self._number
        if number % MAX_REQUESTS == MAX_REQUESTS - 1:
            raise self.lost("the test asked it too often")
        released, self._released = self._released, []
        try:
            parts = self._encoder.encode([number, operation, arguments, released])
        except WireError as error:
            raise TypeError(f"a test cannot hand this to student code: {error}") from None
        try:
            try:
                with self._blamed(), self._listen():
                    if self.channel.pending():
                        raise Closed("it spoke out of turn or is gone")
                    self.channel.send(parts, deadline)
                return self._hear(number, operation, deadline), False
            except TimeoutError:
                return self._interrupt(number, operation), True
        except BaseException:
            self.lost("the test was stopped")
            raise

    def _interrupt(self, number: int, operation: str) -> Answer:
        """Interrupt the candidate and wait a little for its answer."""
        if self.channel is None or self.channel.broken:
            raise self.lost("it ran out of time")
        self.supervisor.interrupt()
        try:
            return self._hear(number, operation, Stopwatch(self.meter, GRACE_S), hurry=True)
        except TimeoutError:
            raise self.lost("it ran out of time and could not be interrupted") from None

    def _hear(self, number: int, operation: str, deadline: Deadline, hurry: bool = False) -> Answer:
        """Return the answer to a request; serve the candidate's own calls until then."""
        decoder = self._plain_decoder if operation in WITHOUT_VALUES else self._decoder
        while True:
            channel = self.channel
            if channel is None:
                raise self.fault or ProcessEnded("the process that runs your code has ended")
            with self._blamed(), self._listen():
                parts = channel.receive(deadline)
                message = replies.read(decoder.decode(parts), number, operation)
            if isinstance(message, Answer):
                return message
            answer = self._call(message, hurry or left(deadline) <= 0)
            with self._blamed(), self._listen():
                channel.send(self._encoder.encode([number, *answer]), deadline)

    @contextlib.contextmanager
    def _blamed(self) -> Iterator[None]:
        """Let whatever goes wrong with what the candidate sent be its end, and never ours.

        All that is received is read within this, before a test sees any of it.
        """
        try:
            yield
        except (ExamFault, TimeoutError):
            raise
        except WireError as error:
            raise self._broken(error) from None
        except (MemoryError, RecursionError) as error:  # an honest test may come to these limits
            raise self.lost(f"what it sent is too large to be read ({_name(error)})") from None
        except Exception as error:
            why = f"what it sent cannot be read ({_name(error)})"
            raise self.lost(why, kind=Kind.TAMPERED) from None

    @contextlib.contextmanager
    def _listen(self) -> Iterator[None]:
        """Mark that a message is on its way: what happens now ends by its own deadline."""
        self.listening = True
        try:
            yield
        finally:
            self.listening = False

    def _call(self, call: Call, late: bool) -> list[Any]:
        """Call a function of the test's for the candidate."""
        self.readings.forget()
        try:
            if late:
                raise TimeoutError("time is up")
            return ["result", self._callbacks.call(call.function, call.args, call.kwargs)]
        except Exception as error:
            if isinstance(error, ExamFault) and self.channel is None:
                raise
            return ["raise", {**raising.describe(error), "trace": []}]

    def _broken(self, error: WireError) -> ProcessEnded:
        """End the candidate after what no honest one sends, or its own end."""
        gone = isinstance(error, Closed)
        return self.lost(str(error), gone, Kind.CRASHED if gone else Kind.TAMPERED)

    def lost(self, why: str, gone: bool = False, kind: Kind = Kind.CRASHED) -> ProcessEnded:
        """End the candidate, if it is not ``gone`` by itself; return the fault to raise."""
        if self.channel is None:
            return self.fault or ProcessEnded(why)
        self.channel.close()
        self.channel = None
        how = self.supervisor.ended(self._greeted)
        why = how if gone and how else why
        self.fault = ProcessEnded(f"the process that runs your code was lost: {why}")
        # The sandbox ends so what asks the system for what nobody needs.
        self.fault.kind = Kind.TAMPERED if why == _FORBIDDEN else kind
        return self.fault

    def _foreign(self, value: Any) -> Ref:
        if is_handle(value):
            return Ref("own", self._ref(value._nnkit_about))
        ref = pass_on(value, self.given)
        if ref is not None:
            return ref
        if not callable(value):
            raise WireError(f"a {type(value).__name__}")
        name = getattr(value, "__name__", "function")
        return Ref("callback", [self._callbacks.number(value), name])

    def _ref(self, about: About) -> int:
        """Return an object's number; after a restart, that of the new object of its name."""
        if about.epoch != self.epoch:
            if about.origin is None:
                raise ProcessEnded("this object was lost when the process was started anew")
            fresh = self._named(about.origin)
            if not is_handle(fresh):
                raise ProcessEnded("this object was lost when the process was started anew")
            about.ref, about.epoch = fresh._nnkit_about.ref, self.epoch
            fresh._nnkit_about.epoch = -1  # its number now belongs to the older handle
        return about.ref

    def _handle(self, content: Any) -> Any:
        ref, abilities, type_name, known, name = exactly(content, list, 5)
        fits = 0 <= exactly(ref, int) < 1 << 63 and 0 <= exactly(abilities, int) <= _ALL
        if not fits or type(name) not in (str, type(None)):
            raise WireError("not a reference")
        exactly(type_name, str)
        if known is not None:
            module, qualified = exactly(known, list, 2)
            known = (exactly(module, str), exactly(qualified, str))
        about = About(ref, Ability(abilities), type_name, known, name, self.epoch)
        told = type_name in self.own_words or type_name in type_names.common()
        return handle_class(about.abilities, type_name if told else "object")(self, about)

    def _yours(self, content: Any) -> Callable[..., Any]:
        return self._callbacks.get(content)


def _returned(operation: str, answer: Any) -> str:
    """Return what kind of thing a call gave back."""
    return words.kind(answer[0] if operation == "compare" else answer)


def _name(error: Exception) -> str:
    return type(error).__name__
