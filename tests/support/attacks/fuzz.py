"""An examiner against a candidate that answers at random; no answer may end it or earn a point.

    python -m tests.support.attacks.fuzz [--seed N] [--messages N]

A process of its own, like an examiner's; what ends it is told with the message, which the same
seed makes again.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import nbformat

from autograder.exam.examiner import Examiner, let_tensorflow_read_proxies
from autograder.exam.limits import GIB, Limits
from autograder.exam.messages import (
    CandidateEnded,
    Cell,
    CellEnded,
    Job,
    Remarked,
    Role,
    trusted_decoder,
    trusted_encoder,
)
from autograder.exam.notebook.shell import make_shell, redirect
from autograder.exam.processes import process_tree, proctor
from autograder.exam.remote import conversation
from autograder.exam.results import Report
from autograder.exam.wire import Caps, Decoder, WireError
from autograder.exam.wire.channel import Channel
from autograder.remarks import Kind
from tests.support.attacks.forger import Forger

HOUSE = Path(__file__).parents[3]
LIMITS = Limits(cell_s=5.0, call_s=0.5, memory_bytes=2 * GIB, output_bytes=100_000)
GIVEN = """
import collections
import copy
import json

import keras
import numpy as np
import tensorflow as tf

from nnkit import checks
"""
# Each asks for the candidate's objects in another way, and no answer is the expected one.
TESTS = (
    "checks.close(f(1.0), 8674.6875, 'one number')",
    "checks.close(f(np.zeros(3)), np.full(3, 8674.6875), 'an array')",
    "checks.same(f, lambda x: x + 8674.6875, [(1.0,), (np.ones(2),)], 'compared')",
    "checks.shape(f(1.0), (3, 7), 'a shape')\nassert f(1.0)[0][0] == 8674.6875",
    "checks.accuracy(f(np.zeros((40, 3))), np.arange(40), 0.95, 'labels')",
    "checks.raises(f, 3, error=ZeroDivisionError, what='raises')\nassert f(1) == 8674.6875",
    "with checks.hidden():\n    checks.close(f(2.0), 8674.6875, 'hidden')",
    "class Holder:\n    held = model\nassert Holder.held == 8674.6875",
    "assert f'{model:.3f} {model!r} {str(model)}' == '8674.6875'",
    "assert {model: 1}[8674.6875] and model in {8674.6875}",
    "assert sorted([f(1), f(2)]) == [8674.6875, 8674.6875]",
    "assert 8674.6875 in list(model) and len(model) == 8674",
    "assert json.dumps(f(1)) == '8674.6875'",
    "assert isinstance(model, keras.Model)\nassert float(model.loss(1.0)) == 8674.6875",
    "assert tf.reduce_sum(tf.convert_to_tensor(f(1.0))) == 8674.6875",
    "np.testing.assert_allclose(model, np.full((2, 2), 8674.6875), strict=True)",
    "assert copy.deepcopy(model) == 8674.6875 and abs(model - 8674.6875) < 1e-9",
    "def callback(x):\n    return x + 1\nassert search(callback, [1.0]) == 8674.6875",
    "with model as entered:\n    assert next(iter(entered)) == 8674.6875",
    "assert collections.Counter(f(1))[8674.6875] == 8674 and bool(model)\nraise ValueError(model)",
    "model[0] = model.weights\ndel model.a\nassert model[0] == 8674.6875\nprint(dir(model))",
    "from nnkit.checks.forbidden import guarded_call\n"
    "assert guarded_call(f, (1.0,), ('numpy.sort',)) == 8674.6875 or f(1.0) == 8674.6875",
)


def cells() -> list[Cell]:
    """Return a notebook: a given cell, a student's, and the tests."""
    sources = [(Role.GIVEN, GIVEN), (Role.STUDENT, "f = 1"), *((Role.TEST, test) for test in TESTS)]
    return [Cell(index, role, source, 7) for index, (role, source) in enumerate(sources)]


@dataclass
class Line:
    """Stands for the exam pool: it forks liars, and takes down what is reported."""

    forger: Forger
    outputs: dict[int, list[Any]] = field(default_factory=dict)
    kinds: list[Kind] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def fork(self) -> tuple[socket.socket, int, None]:
        ours, theirs = socket.socketpair()
        self.sockets.append(theirs)
        threading.Thread(target=lie, args=(theirs, self.forger), daemon=True).start()
        return ours, 0, None

    def ended(self, *_: Any) -> CandidateEnded:
        self.sockets.pop().close()
        return CandidateEnded()

    def tell(self, message: Any) -> None:
        message = trusted_decoder(halves="replace").decode(trusted_encoder().encode(message))
        if isinstance(message, CellEnded):
            self.outputs[message.index] = message.outputs

    def remark(self, text: str, kind: Kind = Kind.OTHER) -> None:
        self.tell(Remarked(text, kind))
        self.kinds.append(kind)

    def interrupt(self) -> None:
        """Take no notice: a liar is no process."""


def lie(sock: socket.socket, forger: Forger) -> None:
    """Answer like a candidate, until the examiner has had enough."""
    kinds = ("own", "callback", "library", "instance", "generator", "random", "variable", "keras")
    decoder = Decoder(Caps(), {kind: lambda content: ("a reference", content) for kind in kinds})
    operation = number = None
    greeted = False
    with contextlib.suppress(WireError, OSError, ValueError):
        channel = Channel(sock, Caps())
        while True:
            message = decoder.decode(channel.receive(inf))
            if message[1] not in ("result", "raise"):
                number, operation = message[:2]
            # Without student code in it, a candidate is as honest as the proctor.
            answer = _forged(forger, number, operation) if greeted else _greeting(number)
            greeted = True
            sock.setblocking(True)
            sock.sendall(answer)
            sock.setblocking(False)


def _forged(forger: Forger, number: int, operation: str) -> bytes:
    try:
        return forger.answer(number, operation)
    except Exception:  # the fault is the forger's own: nothing of this run counts
        forger.broken = traceback.format_exc()
        return b""


def _greeting(number: int) -> bytes:
    forger = Forger(0, honest=1.0)
    return forger.answer(number, "begin")


def hold(forger: Forger, shell: Any, traced: bool) -> dict[str, Any]:
    """Hold one exam, ``traced`` or not; return the tests that earned points, the cells missing."""
    line = Line(forger)
    examiner = Examiner(line, shell, LIMITS, Job(cells(), [GIVEN], traced=traced))
    examiner.candidates.restarts = -1_000
    examiner.run()
    assert not forger.broken, forger.broken
    while line.sockets:
        line.ended()
    earned = [
        TESTS[index - 2]
        for index, outputs in line.outputs.items()
        if index >= 2 and not any(output["output_type"] == "error" for output in outputs)
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.source) for cell in examiner.cells]
    )
    result = Report(notebook, outputs=line.outputs).result(0.0)
    nbformat.v4.writes(result.notebook).encode("utf-8")
    return {"earned": earned, "missing": len(examiner.cells) - len(line.outputs)}


def serve(seed: int, messages: int, told: int) -> None:
    """Hold exams until so many messages were sent; write a line about each to a descriptor."""
    faulthandler.enable(told)
    process_tree.limit(RLIMIT_DATA=2 * LIMITS.memory_bytes, RLIMIT_CORE=0)
    for name in proctor.LIBRARIES:
        __import__(name)
    proctor.make_deterministic()
    conversation.GRACE_S = 0.2
    shell = make_shell()
    redirect(shell)
    let_tensorflow_read_proxies()
    forger = Forger(seed)
    while forger.count < messages:
        forger.honest = random.Random(f"{seed} {forger.count}").choice((0.3, 0.7, 0.9))
        try:
            found = hold(forger, shell, traced=forger.count % 2 == 1)
        except BaseException:
            found = {"ended": traceback.format_exc()}
        found |= {"messages": forger.count, "last": forger.said}
        os.write(told, (json.dumps(found) + "\n").encode())
        if "ended" in found:
            return


def fuzz(seed: int, messages: int, timeout_s: float) -> dict[str, Any]:
    """Run it in a process of its own.

    Returns
    -------
    dict
        ``messages`` that were sent, tests that ``earned`` points, cells ``missing`` from the
        reports, and how it ``ended``: "" if as it should.
    """
    command = [sys.executable, "-m", "tests.support.attacks.fuzz", "--serve", "--seed", str(seed)]
    read, write = os.pipe()
    with subprocess.Popen(
        [*command, "--messages", str(messages), "--told", str(write)],
        cwd=HOUSE,
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(write)
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        with os.fdopen(read, encoding="utf-8", errors="replace") as told:
            lines = told.read().splitlines()
        timer.cancel()
    found: dict[str, Any] = {"messages": 0, "earned": [], "missing": 0, "ended": ""}
    for text in lines:
        if not text.startswith("{"):
            found["ended"] += text + "\n"
            continue
        exam = json.loads(text)
        found["messages"] = exam["messages"]
        found["missing"] += exam.get("missing", 0)
        found["earned"] += [f"{test} by {exam['last']}" for test in exam.get("earned", [])]
        if "ended" in exam:
            found["ended"] += f"{exam['last']}\n{exam['ended']}"
    if process.returncode != 0 or found["messages"] < messages:
        found["ended"] += f"exit status {process.returncode}"
    return found


def main() -> None:
    """Fuzz with one seed; exit with 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--told", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.seed, chosen.messages, chosen.told)
        return
    began = time.monotonic()
    found = fuzz(chosen.seed, chosen.messages, 600.0)
    print(json.dumps(found, indent=1), f"{time.monotonic() - began:.1f} s")
    sys.exit(bool(found["ended"] or found["earned"] or found["missing"]))


if __name__ == "__main__":
    main()
