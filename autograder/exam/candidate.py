"""The candidate: runs the student's cells and answers the examiner's requests."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from math import inf
from typing import Any

from autograder.errors import AutograderError
from autograder.exam import messages
from autograder.exam.limits import Limits
from autograder.exam.notebook import random_seeds, student_kernel
from autograder.exam.notebook.clean_outputs import cleaned
from autograder.exam.notebook.once_cache import Computing
from autograder.exam.notebook.outputs import Descriptors
from autograder.exam.notebook.shell import ExamShell, redirect, run
from autograder.exam.processes import process_tree
from autograder.exam.processes.confine import Confinement
from autograder.exam.remote import remote_errors
from autograder.exam.remote.by_reference import receivers
from autograder.exam.remote.object_table import OPERATIONS, Objects
from autograder.exam.wire import Caps, Decoder, Encoder, Parts, Ref
from autograder.exam.wire.channel import Channel, Closed


class Callback:
    """A stand-in for a function of the test, which runs in the examiner."""

    def __init__(self, candidate: Candidate, number: int, name: str) -> None:
        self._candidate = candidate
        self._number = number
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, and wait for its result."""
        return self._candidate.call_back(self._number, args, kwargs)


class Candidate:
    """Answers requests one after another; while it waits for a callback, also nested requests.

    The messages that it receives and sends are defined in `messages`.
    """

    def __init__(self, channel: Channel, shell: ExamShell, limits: Limits) -> None:
        self.channel = channel
        self.shell = shell
        self.limits = limits
        self.objects = Objects()
        self.encoder = Encoder(channel.caps, self._foreign)
        self.decoder = Decoder(channel.caps, receivers(self.objects.get, self._callback, shell))
        self.descriptors = Descriptors()
        self.pid = os.getpid()
        self.number = 0
        self._turn = threading.RLock()
        self._interrupted = False

    def serve(self) -> None:
        """Answer until the examiner is gone."""
        _on_interrupt(self._note_interrupt)
        while True:
            self._answer(*self._receive())

    def _receive(self) -> tuple[int, messages.Request | messages.CallbackAnswer, list[int]]:
        return messages.from_examiner(self.decoder.decode(self.channel.receive(inf)))

    def _answer(self, number: int, request: messages.Request, released: list[int]) -> None:
        self.objects.release(released)
        # While a cell runs, no test is waiting, so there is no function to call back.
        outer, self.number = self.number, number if request.of_values else 0
        kind: type[messages.Answer]
        try:
            with self._student_code():
                kind, content = messages.Returned, self._do(request)
        except BaseException as error:  # SystemExit and KeyboardInterrupt end the call only
            kind, content = messages.Raised, remote_errors.describe(error)
        self.number = outer
        if os.getpid() != self.pid:
            os._exit(0)  # a process that student code forked: only the original may answer
        with self._turn:  # a thread of the student's may be calling back
            answer = messages.to_wire(number, kind(content, self._printed()))
            self.channel.send(self._encoded(answer), inf)

    def _encoded(self, answer: list[Any]) -> Parts:
        try:
            return self.encoder.encode(answer)
        except Exception as error:
            what = ValueError(f"the result cannot be sent to the test: {error}")
            number, _, _, printed = answer
            raised = messages.Raised(remote_errors.describe(what), printed)
            return self.encoder.encode(messages.to_wire(number, raised))

    def _do(self, request: messages.Request) -> Any:
        match request:
            case messages.Call(function, args, kwargs):
                return function(*args, **kwargs)
            case messages.Operate(operation, operands):
                return OPERATIONS[operation](*operands)
            case messages.LookUp(name):
                names = self.shell.user_ns
                return [True, names[name]] if name in names else [False, None]
            case messages.Begin(seed):
                return self._begin(seed)
            case messages.RunCell(source, seed, known):
                return self._cell(source, seed, known)
            case messages.Compare(function, args):
                from nnkit.checks.behaviour import call

                return list(call(function, tuple(args)))
            case messages.Guard(function, example, forbidden):
                from nnkit.checks.forbidden import guarded_call

                return guarded_call(function, tuple(example), tuple(forbidden))
        raise TypeError(f"a {type(request).__name__} is not a request")

    def _begin(self, seed: int) -> None:
        """Prepare for the calls of a test cell."""
        redirect(self.shell)
        self.shell.outputs.clear()
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None and pyplot.get_fignums():
            with suppress(Exception):  # a student's callback for the closing of a figure
                pyplot.close("all")
        random_seeds.plant(seed)

    def _cell(self, source: str, seed: int, known: dict[str, messages.Packed]) -> dict[str, Any]:
        """Run a cell; return its ``outputs`` and whether it was ``interrupted``."""
        self._begin(seed)
        student_kernel.look_again()
        self.shell.displays = {}
        with Computing(self.shell, seed, known) if known else nullcontext():
            error = run(self.shell, source)
        self.shell.outputs.write("stdout", self.descriptors.take(self.limits.output_bytes))
        return {
            "outputs": cleaned(self.shell.outputs.take(), self.limits.output_bytes),
            "interrupted": isinstance(error, KeyboardInterrupt),
        }

    def _printed(self) -> str:
        """Return the text printed during a call. Displayed objects are dropped."""
        texts = [o["text"] for o in self.shell.outputs.take() if o["output_type"] == "stream"]
        return "".join(texts)

    def _foreign(self, value: Any) -> Ref:
        if isinstance(value, Callback):
            return Ref("yours", value._number)
        return self.objects.refer(value)

    def _callback(self, number: int, name: str) -> Callback:
        return Callback(self, number, name)

    def call_back(self, function: int, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Call a function of the test and return its result."""
        with self._turn, self._waiting():
            if not self.number:
                raise RuntimeError("a function of a test can be called only while the test waits")
            call = messages.CallBack(function, list(args), kwargs)
            self.channel.send(self.encoder.encode(messages.to_wire(self.number, call)), inf)
            while True:
                number, message, released = self._receive()
                match message:
                    case messages.CallbackReturned(value):
                        return value
                    case messages.CallbackRaised(description):
                        raise remote_errors.rebuild(description)
                    case _:
                        self._answer(number, message, released)

    @contextmanager
    def _student_code(self) -> Iterator[None]:
        """Let an interrupt raise KeyboardInterrupt here, and nowhere else."""
        self._interrupted = False
        before = _on_interrupt(signal.default_int_handler)
        try:
            yield
        finally:
            _on_interrupt(before)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Delay an interrupt while a message is partly sent or read."""
        before = _on_interrupt(self._note_interrupt)
        try:
            yield
        finally:
            _on_interrupt(before)
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def _note_interrupt(self, *_: Any) -> None:
        self._interrupted = True


def _on_interrupt(handler: Any) -> Any:
    """Set the handler of SIGINT and return the previous one; None outside the main thread."""
    if threading.current_thread() is threading.main_thread():
        return signal.signal(signal.SIGINT, handler)
    return None


def serve(sock: socket.socket, shell: ExamShell, limits: Limits, confinement: Confinement) -> None:
    """Become a candidate: confine this process, then answer the examiner."""
    try:
        confinement.enter(limits, sock.fileno())
    except AutograderError:
        os._exit(process_tree.REFUSED)  # no student code has run
    shell.outputs.limit = limits.output_bytes
    redirect(shell)
    student_kernel.settle(shell)
    try:
        channel = Channel(sock, Caps(frame_bytes=limits.frame_bytes))
        Candidate(channel, shell, limits).serve()
    except Closed:
        return
