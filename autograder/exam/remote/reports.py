"""The examiner's connection to the exam pool: reports, and requests about candidates."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import Any, NoReturn

from autograder.exam import messages
from autograder.exam.sandbox.cgroup import Cgroup
from autograder.exam.wire import WireError
from autograder.exam.wire.channel import Channel
from autograder.remarks import Kind


@contextmanager
def undisturbed() -> Iterator[None]:
    """Block the test's alarm: in the middle of a message it would corrupt the stream."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Reports:
    """Sends messages to the exam pool, and receives its answers."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._encoder = messages.trusted_encoder()
        self._decoder = messages.trusted_decoder()

    def tell(self, message: Any) -> None:
        """Send a message without an answer: a report, or `InterruptCandidate`."""
        with undisturbed():
            self.channel.send(self._encoder.encode(message), inf)

    def remark(self, text: str, kind: Kind = Kind.OTHER) -> None:
        """Report a remark for the instructor."""
        self.tell(messages.Remarked(text, kind))

    def interrupt(self) -> None:
        """Ask for an interrupt of the candidate."""
        self.tell(messages.InterruptCandidate())

    def ended(self, greeted: bool) -> messages.CandidateEnded:
        """Ask for the end of the candidate, which is killed if it lives; return how it ended."""
        with undisturbed():
            self.tell(messages.EndCandidate(greeted))
            return self._decoder.decode(self.channel.receive(inf))

    def give_up(self, why: str) -> NoReturn:
        """Report that the exam cannot go on because of the machine; the exam pool then ends it."""
        with undisturbed():
            self.tell(messages.GiveUp(why))
            with suppress(WireError):
                self.channel.receive(inf)
        raise SystemExit

    def fork(self) -> tuple[socket.socket, int, Cgroup | None]:
        """Ask for a new candidate; return its socket, process id and control group."""
        with undisturbed():
            self.tell(messages.ForkCandidate())
            forked: messages.CandidateForked = self._decoder.decode(self.channel.receive(inf))
            self.channel.sock.setblocking(True)
            _, descriptors, _, _ = socket.recv_fds(self.channel.sock, 1, 1)
            self.channel.sock.setblocking(False)
        group = Cgroup(Path(forked.group)) if forked.group else None
        return socket.socket(fileno=descriptors[0]), forked.pid, group
