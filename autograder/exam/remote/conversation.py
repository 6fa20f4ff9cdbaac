"""The conversation with a candidate: one request, then its answer, or the candidate's end.

Every wait has a stopwatch. A candidate that exceeds it is interrupted, and ended if that does not
help; one that breaks the protocol is ended. The worst that it can send is a wrong answer.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Protocol

from autograder.exam import messages
from autograder.exam.processes.stopwatch import Deadline, Meter, Stopwatch, left
from autograder.exam.remote import remote_errors
from autograder.exam.remote.callbacks import Callbacks
from autograder.exam.remote.readings import Readings
from autograder.exam.remote.remote_errors import ExamFault, ProcessEnded
from autograder.exam.wire import Caps, Decoder, Encoder, WireError, replies
from autograder.exam.wire.channel import Channel, Closed
from autograder.remarks import Kind

GRACE_S = 2.0
MAX_REQUESTS = 200_000


class Supervisor(Protocol):
    """Controls the candidate's process: the exam pool, seen from the examiner."""

    def interrupt(self) -> None:
        """Send it SIGINT."""
        ...

    def ended(self, greeted: bool) -> messages.CandidateEnded:
        """End it; return how it ended.

        ``greeted``: it was ready, so student code may have run in it.
        """
        ...


class Conversation:
    """Sends requests to a candidate, and serves the calls that it makes meanwhile.

    Parameters
    ----------
    encoder, decoder
        Encode and decode values; the decoder knows the references that a candidate may send.
    callbacks
        The functions of the test that the candidate may call.

    Attributes
    ----------
    fault
        Why the candidate did not answer; None since it was last reset.
    greeted
        Whether it was ready: student code may have run in it.
    listening
        Whether a message is being sent or received, which has its own deadline.
    released
        Dropped references, which the next request reports.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        caps: Caps,
        meter: Meter,
        encoder: Encoder,
        decoder: Decoder,
        callbacks: Callbacks,
        readings: Readings,
    ) -> None:
        self.channel: Channel | None = None
        self.fault: ExamFault | None = None
        self.greeted = False
        self.listening = False
        self.released: list[int] = []
        self._supervisor = supervisor
        self._caps = caps
        self._meter = meter
        self._encoder = encoder
        self._decoder = decoder
        self._plain_decoder = Decoder(caps, plain=True)
        self._callbacks = callbacks
        self._readings = readings
        self._number = 0

    @property
    def alive(self) -> bool:
        """Whether a candidate is connected, as far as is known."""
        return self.channel is not None

    def connect(self, sock: socket.socket) -> None:
        """Connect to a new candidate, which has not answered yet."""
        self.channel = Channel(sock, self._caps)
        self.released.clear()
        self.greeted = False

    def begin_test(self) -> None:
        """Start the count of a test's requests at 0."""
        self._number -= self._number % MAX_REQUESTS
        self._number += MAX_REQUESTS

    def ask(self, request: messages.Request, deadline: Deadline) -> tuple[messages.Answer, bool]:
        """Send a request; return the answer, and whether it needed an interrupt.

        Raises
        ------
        ExamFault
            If the candidate gives no valid answer; it is ended then.
        TypeError
            If the request's values cannot be sent.
        """
        if self.channel is None:
            raise self.fault or ProcessEnded("the process that runs your code has ended")
        self._number += 1
        number = self._number
        if number % MAX_REQUESTS == MAX_REQUESTS - 1:
            raise self.lost("the test sent too many requests")
        released, self.released = self.released, []
        try:
            parts = self._encoder.encode(messages.request_to_wire(number, request, released))
        except WireError as error:
            raise TypeError(f"a test cannot pass this to student code: {error}") from None
        try:
            try:
                with self.blamed(), self._listen():
                    if self.channel.pending():
                        raise Closed("it sent an unexpected message or is gone")
                    self.channel.send(parts, deadline)
                return self._hear(number, request, deadline), False
            except TimeoutError:
                return self._interrupt(number, request), True
        except BaseException:
            self.lost("the test was stopped")
            raise

    def _interrupt(self, number: int, request: messages.Request) -> messages.Answer:
        """Interrupt the candidate and wait `GRACE_S` seconds for its answer."""
        if self.channel is None or self.channel.broken:
            raise self.lost("it ran out of time")
        self._supervisor.interrupt()
        try:
            return self._hear(number, request, Stopwatch(self._meter, GRACE_S), hurry=True)
        except TimeoutError:
            raise self.lost("it ran out of time and could not be interrupted") from None

    def _hear(
        self, number: int, request: messages.Request, deadline: Deadline, hurry: bool = False
    ) -> messages.Answer:
        """Return the answer to a request; serve the candidate's own calls until then."""
        decoder = self._decoder if request.of_values else self._plain_decoder
        while True:
            channel = self.channel
            if channel is None:
                raise self.fault or ProcessEnded("the process that runs your code has ended")
            with self.blamed(), self._listen():
                parts = channel.receive(deadline)
                message = replies.read(decoder.decode(parts), number, request)
            if not isinstance(message, messages.CallBack):
                return message
            answer = self._call(message, hurry or left(deadline) <= 0)
            with self.blamed(), self._listen():
                channel.send(self._encoder.encode(messages.to_wire(number, answer)), deadline)

    def _call(self, call: messages.CallBack, late: bool) -> messages.CallbackAnswer:
        """Call a function of the test for the candidate."""
        self._readings.forget()
        try:
            if late:
                raise TimeoutError("time is up")
            return messages.CallbackReturned(
                self._callbacks.call(call.function, call.args, call.kwargs)
            )
        except Exception as error:
            if isinstance(error, ExamFault) and self.channel is None:
                raise
            return messages.CallbackRaised({**remote_errors.describe(error), "trace": []})

    @contextlib.contextmanager
    def blamed(self) -> Iterator[None]:
        """End the candidate for any error in reading its messages; this process continues.

        Every message is read within this, before a test sees any of it.

        Raises
        ------
        ProcessEnded
            For any error but an `ExamFault` or a `TimeoutError`.
        """
        try:
            yield
        except (ExamFault, TimeoutError):
            raise
        except WireError as error:
            raise self.broken(error) from None
        except (MemoryError, RecursionError) as error:  # an honest test may reach these limits
            raise self.lost(f"what it sent is too large to be read ({_name(error)})") from None
        except Exception as error:
            why = f"what it sent cannot be read ({_name(error)})"
            raise self.lost(why, kind=Kind.TAMPERED) from None

    @contextlib.contextmanager
    def _listen(self) -> Iterator[None]:
        """Mark that a message is being sent or received."""
        self.listening = True
        try:
            yield
        finally:
            self.listening = False

    def broken(self, error: WireError) -> ProcessEnded:
        """End the candidate after an invalid message, or after its own end."""
        gone = isinstance(error, Closed)
        return self.lost(str(error), gone, Kind.CRASHED if gone else Kind.TAMPERED)

    def lost(self, why: str, gone: bool = False, kind: Kind = Kind.CRASHED) -> ProcessEnded:
        """End the candidate, if it is not ``gone`` by itself; return the exception to raise."""
        if self.channel is None:
            return self.fault or ProcessEnded(why)
        self.channel.close()
        self.channel = None
        end = self._supervisor.ended(self.greeted)
        if gone and end.how:
            why, kind = end.how, Kind.TAMPERED if end.forbidden else kind
        self.fault = ProcessEnded(f"the process that runs your code was lost: {why}")
        self.fault.kind = kind
        return self.fault


def _name(error: Exception) -> str:
    return type(error).__name__
