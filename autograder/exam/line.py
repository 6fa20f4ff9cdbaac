"""The examiner's line to the conductor: reports, and what only the conductor can do."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import Any, NoReturn

from autograder.exam.channel import Channel
from autograder.exam.outputs import Output
from autograder.exam.sandbox.cgroup import Cgroup
from autograder.exam.wire import Caps, Decoder, Encoder, WireError
from autograder.remark import Kind

# Both ends are trusted; these only catch mistakes.
JOB_CAPS = Caps(frame_bytes=1 << 30, structure_bytes=1 << 29, items=100_000_000)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back the test's alarm: within a message it would put the line out of step."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Line:
    """Messages ``[what, …]`` to the conductor; for some of them it answers."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._encoder = Encoder(JOB_CAPS)
        self._decoder = Decoder(JOB_CAPS)

    def _tell(self, *message: Any) -> None:
        with undisturbed():
            self.channel.send(self._encoder.encode(list(message)), inf)

    def begin(self, index: int) -> None:
        """Say which cell comes now."""
        self._tell("begin", index)

    def report(self, index: int, outputs: list[Output], seconds: float) -> None:
        """Hand over a cell's outputs; they count from now on, whatever happens."""
        self._tell("outputs", index, outputs, seconds)

    def remark(self, text: str, kind: Kind = Kind.OTHER) -> None:
        """Say what a person should know."""
        self._tell("remark", text, kind.value)

    def fault(self, text: str) -> None:
        """Say that a given cell or a test fails by itself, whoever's submission it is."""
        self._tell("fault", text)

    def computed(self, shelf: str, known: dict[str, list[Any]]) -> None:
        """Hand over what a given cell computes, for the exams of others."""
        self._tell("computed", shelf, known)

    def done(self, timing: dict[str, float]) -> None:
        """Say that all cells were reported."""
        self._tell("done", timing)

    def interrupt(self) -> None:
        """Have the candidate interrupted."""
        self._tell("interrupt")

    def ended(self, greeted: bool) -> str:
        """Have the candidate killed if it lives; return how it ended, "" if by our hand.

        Before it has ``greeted``, its end is not the student's doing.
        """
        with undisturbed():
            self._tell("ended", greeted)
            return self._decoder.decode(self.channel.receive(inf))

    def give_up(self, why: str) -> NoReturn:
        """Say that the machine holds up the exam; the conductor then ends it."""
        with undisturbed():
            self._tell("give up", why)
            with suppress(WireError):
                self.channel.receive(inf)
        raise SystemExit

    def fork(self) -> tuple[socket.socket, int, Cgroup | None]:
        """Have a new candidate made; return the socket to it, its process id and its group."""
        with undisturbed():
            self._tell("fork")
            pid, group = self._decoder.decode(self.channel.receive(inf))
            self.channel.sock.setblocking(True)
            _, descriptors, _, _ = socket.recv_fds(self.channel.sock, 1, 1)
            self.channel.sock.setblocking(False)
        return socket.socket(fileno=descriptors[0]), pid, Cgroup(Path(group)) if group else None
