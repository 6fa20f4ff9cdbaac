"""The examiner's line to the exam pool: reports, and what only the exam pool can do."""

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
    """Hold back the test's alarm: within a message it would put the line out of step."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ReportLine:
    """Messages to the exam pool; for some of them it answers."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._encoder = messages.trusted_encoder()
        self._decoder = messages.trusted_decoder()

    def tell(self, message: Any) -> None:
        """Send a message that is not answered: a report, or `InterruptCandidate`."""
        with undisturbed():
            self.channel.send(self._encoder.encode(message), inf)

    def remark(self, text: str, kind: Kind = Kind.OTHER) -> None:
        """Say what a person should know."""
        self.tell(messages.Remarked(text, kind))

    def interrupt(self) -> None:
        """Have the candidate interrupted."""
        self.tell(messages.InterruptCandidate())

    def ended(self, greeted: bool) -> messages.CandidateEnded:
        """Have the candidate killed if it lives; return how it ended."""
        with undisturbed():
            self.tell(messages.EndCandidate(greeted))
            return self._decoder.decode(self.channel.receive(inf))

    def give_up(self, why: str) -> NoReturn:
        """Say that the machine holds up the exam; the exam pool then ends it."""
        with undisturbed():
            self.tell(messages.GiveUp(why))
            with suppress(WireError):
                self.channel.receive(inf)
        raise SystemExit

    def fork(self) -> tuple[socket.socket, int, Cgroup | None]:
        """Have a new candidate made; return the socket to it, its process id and its group."""
        with undisturbed():
            self.tell(messages.ForkCandidate())
            forked: messages.CandidateForked = self._decoder.decode(self.channel.receive(inf))
            self.channel.sock.setblocking(True)
            _, descriptors, _, _ = socket.recv_fds(self.channel.sock, 1, 1)
            self.channel.sock.setblocking(False)
        group = Cgroup(Path(forked.group)) if forked.group else None
        return socket.socket(fileno=descriptors[0]), forked.pid, group
