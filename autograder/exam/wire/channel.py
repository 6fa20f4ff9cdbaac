"""Messages over a Unix socket: complete or not at all, with a deadline and size caps."""

from __future__ import annotations

import select
import socket
import struct
from typing import Any

from autograder.exam.processes.stopwatch import Deadline, left
from autograder.exam.wire import Caps, Parts, WireError

_HEADER = struct.Struct("<II")
_CHUNK = 1 << 20
_MANY = 64  # buffers in one system call; the kernel takes 1024 at most


class Closed(WireError):
    """The process at the other end is gone."""


class Channel:
    """Send and receive the parts of messages.

    Every wait ends at its deadline, a stopwatch or a value of `time.monotonic`, with
    `TimeoutError`. An incomplete message leaves the channel unusable: ``broken`` is then True.
    """

    def __init__(self, sock: socket.socket, caps: Caps) -> None:
        self.sock = sock
        self.caps = caps
        self.broken = False
        sock.setblocking(False)
        self._poll = select.poll()

    def close(self) -> None:
        """Close the socket."""
        self.broken = True
        self.sock.close()

    def pending(self) -> bool:
        """Whether unrequested data, or the end of the stream, has arrived."""
        return self._wait(select.POLLIN, 0.0)

    def send(self, parts: Parts, deadline: Deadline) -> None:
        """Send one message.

        Raises
        ------
        Closed
            If the other side is gone.
        TimeoutError
            If the other side does not take it in time.
        """
        structure, blobs = parts
        lengths = [len(blob) for blob in blobs]
        head = _HEADER.pack(len(structure), len(blobs)) + struct.pack(f"<{len(blobs)}I", *lengths)
        waiting = [memoryview(part) for part in (head, structure, *blobs) if len(part)]
        if self.broken:
            raise Closed("the conversation was cut off")
        self._await(select.POLLOUT, deadline)
        self.broken = True
        while waiting:
            try:
                sent = self.sock.sendmsg(waiting[:_MANY])
            except BlockingIOError:
                self._await(select.POLLOUT, deadline)
                continue
            except OSError as error:
                raise Closed(f"the process is gone ({error.strerror})") from None
            while waiting and sent >= len(waiting[0]):
                sent -= len(waiting.pop(0))
            if sent:
                waiting[0] = waiting[0][sent:]
        self.broken = False

    def receive(self, deadline: Deadline) -> Parts:
        """Receive one message.

        Raises
        ------
        Closed
            If the other side is gone.
        WireError
            If the message is larger than the caps allow.
        TimeoutError
            If it is not complete in time.
        """
        if self.broken:
            raise Closed("the conversation was cut off")
        self._await(select.POLLIN, deadline)
        self.broken = True
        size, count = _HEADER.unpack(self._exactly(_HEADER.size, deadline))
        if size > self.caps.structure_bytes or count > self.caps.blobs:
            raise WireError("a message is too large")
        lengths = struct.unpack(f"<{count}I", self._exactly(4 * count, deadline))
        if size + sum(lengths) > self.caps.frame_bytes:
            raise WireError("a message is too large")
        structure = bytes(self._exactly(size, deadline))
        whole = memoryview(self._exactly(sum(lengths), deadline))
        blobs, start = [], 0
        for length in lengths:
            blobs.append(whole[start : start + length])
            start += length
        self.broken = False
        return structure, blobs

    def _exactly(self, size: int, deadline: Deadline) -> bytearray:
        """Read ``size`` bytes; memory grows with the bytes that arrive."""
        data = bytearray()
        while len(data) < size:
            try:
                chunk = self.sock.recv(min(size - len(data), _CHUNK))
            except BlockingIOError:
                self._await(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise Closed(f"the process is gone ({error.strerror})") from None
            if not chunk:
                raise Closed("the process is gone")
            data += chunk
        return data

    def _await(self, event: int, deadline: Deadline) -> None:
        while not self._wait(event, max(left(deadline), 0.0)):
            if left(deadline) <= 0:
                raise TimeoutError("no answer in time")

    def _wait(self, event: int, seconds: float) -> bool:
        self._poll.register(self.sock, event)
        # Rounded up, since it would otherwise spin for the last fraction of a millisecond.
        found: list[Any] = self._poll.poll(int(min(seconds, 86_400) * 1000) + (seconds > 0))
        return bool(found)
