"""Messages cross the wire and come back as what they were."""

import numpy as np
import pytest

from autograder.exam import messages
from autograder.exam.remote.object_table import OPERATIONS
from autograder.exam.wire import Caps, Decoder, Encoder, WireError
from autograder.exam.wire.replies import read
from autograder.remarks import Kind

KNOWN = {"f(1)": [b"abc", []]}
CELL = messages.Cell(3, messages.Role.GIVEN, "x = 1", 7, 2.5, "given-x", "once_cache", KNOWN)
TRUSTED = [
    messages.Job([CELL, messages.Cell(4, messages.Role.TEST, "x", 8)], ["x = 1"], "/tmp", True),
    messages.CellBegun(3, messages.Role.LOST, "test-x"),
    messages.CellEnded(3, [{"output_type": "stream", "name": "stdout", "text": "\ud800"}], 0.5),
    messages.Remarked("it is so", Kind.TAMPERED),
    messages.SelfFault("it fails"),
    messages.Computed("once_cache", KNOWN),
    messages.Traced("call", "f(1)", "2", False, "", 0.25, 1),
    messages.Finished({"cells": 0.5}),
    messages.ForkCandidate(),
    messages.CandidateForked(12, ""),
    messages.InterruptCandidate(),
    messages.EndCandidate(True),
    messages.CandidateEnded("it crashed", True),
    messages.GiveUp("why"),
]
REQUESTS = [
    messages.Begin(3),
    messages.RunCell("x = 1", 3, {}),
    messages.LookUp("f"),
    messages.Call(1, [2], {"k": 3}),
    messages.Compare(1, [2]),
    messages.Guard(1, [2], ["numpy.sort"]),
    *(messages.Operate(name, [1]) for name in OPERATIONS),
]


@pytest.mark.parametrize("message", TRUSTED, ids=lambda message: type(message).__name__)
def test_what_conductor_and_examiner_say_is_heard(message):
    parts = messages.trusted_encoder().encode(message)
    assert messages.trusted_decoder().decode(parts) == message


@pytest.mark.parametrize("thing", [object(), {"a": object()}, Kind, messages.Call(1, [], {})])
def test_nothing_but_messages_of_data_crosses(thing):
    with pytest.raises(WireError):
        messages.trusted_encoder().encode(messages.CellEnded(1, [thing], 0.0))


def test_a_candidate_is_not_sent_messages_of_the_conductor():
    parts = messages.trusted_encoder().encode(messages.Finished({}))
    with pytest.raises(WireError):
        Decoder(Caps(), {"proxy": list}).decode(parts)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.word)
def test_what_the_examiner_asks_is_heard(request_):
    content = messages.request_to_wire(9, request_, [4])
    assert content[:2] == [9, request_.word]
    crossed = Decoder(Caps()).decode(Encoder(Caps()).encode(content))
    assert messages.from_examiner(crossed) == (9, request_, [4])


@pytest.mark.parametrize(
    "answer", [messages.CallbackReturned(2.5), messages.CallbackRaised({"name": "ValueError"})]
)
def test_what_a_function_of_the_test_returned_is_heard(answer):
    assert messages.from_examiner(messages.to_wire(9, answer)) == (9, answer, [])


@pytest.mark.parametrize("answer", [messages.Returned(1.5, ""), messages.CallBack(0, [1], {})])
def test_what_a_candidate_answers_is_heard(answer):
    assert read(messages.to_wire(9, answer), 9, messages.Call(1, [], {})) == answer


def test_a_callback_is_no_answer_to_what_runs_no_test():
    call = messages.to_wire(9, messages.CallBack(0, [1], {}))
    for request in (messages.Begin(1), messages.RunCell("", 1, {})):
        with pytest.raises(WireError):
            read(call, 9, request)


def test_arrays_that_a_given_cell_computes_cross_as_they_are():
    packed = {"f()": [b"x", [np.arange(3, dtype=np.uint8)]]}
    parts = messages.trusted_encoder().encode(messages.Computed("once_cache", packed))
    known = messages.trusted_decoder().decode(parts).known
    assert np.array_equal(known["f()"][1][0], [0, 1, 2])
