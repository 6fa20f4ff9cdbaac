"""A candidate that lies: the examiner's side against hostile frames, and lying student code."""

import collections.abc
import socket
import threading
import time

import msgpack
import numpy as np
import pytest

from autograder.exam.limits import Limits
from autograder.exam.messages import (
    Begin,
    Call,
    CandidateEnded,
    Compare,
    Guard,
    LookUp,
    RunCell,
)
from autograder.exam.remote.candidate_client import CandidateClient
from autograder.exam.remote.object_table import Ability
from autograder.exam.remote.remote_errors import (
    ExamFault,
    OutOfTime,
    ProcessEnded,
    describe,
    rebuild,
)
from autograder.exam.wire import Caps, Decoder, Encoder, Ref, WireError
from autograder.exam.wire.channel import Channel
from autograder.remarks import Kind
from tests.support import PATIENCE_S
from tests.support.toy_exam import check, errors, given, notebook, passed

CAPS = Caps()
CALL = Call(1, [], {})
# The other side is a thread of this process: on a busy machine it answers late.
LIMITS = Limits(call_s=PATIENCE_S, cell_s=PATIENCE_S)
HASTY_S = 0.4


class Supervisor:
    """Stands for the exam pool; there is no process to reach."""

    def __init__(self):
        self.calls = []
        self.interrupted = threading.Event()

    def interrupt(self):
        self.calls.append("interrupt")
        self.interrupted.set()

    def ended(self, greeted):
        assert greeted
        self.calls.append("ended")
        return CandidateEnded("it crashed (SIGSEGV)")


def proxy(ref=1, abilities=Ability.CALL, known=None):
    return Ref("proxy", [ref, int(abilities), "thing", known, None])


@pytest.fixture
def exam(monkeypatch):
    """A link, and a function that makes the other side answer with given messages in turn.

    A message is what follows the request's number, bytes to be sent as they are, or a function.
    """
    monkeypatch.setattr("autograder.exam.remote.conversation.GRACE_S", 0.2)
    ours, theirs = socket.socketpair()
    supervisor = Supervisor()
    link = CandidateClient(supervisor, LIMITS)
    greeting = threading.Thread(target=_play, args=(theirs, [["ok", None, ""]]), daemon=True)
    greeting.start()
    link.connect(ours)
    greeting.join()
    link.deadline = soon()
    started = []

    def play(*answers):
        thread = threading.Thread(target=_play, args=(theirs, answers), daemon=True)
        thread.start()
        started.append(thread)
        return link

    play.supervisor, play.socket, play.link = supervisor, theirs, link
    yield play
    theirs.close()
    ours.close()
    for thread in started:
        thread.join()


def soon():
    return time.monotonic() + PATIENCE_S


def _play(sock, answers):
    try:
        channel = Channel(sock.dup(), CAPS)
    except OSError:  # the test is over already
        return
    decoder = Decoder(CAPS, {kind: lambda content: content for kind in ("own", "callback")})
    forever = soon()
    try:
        for answer in answers:
            number = decoder.decode(channel.receive(forever))[0]
            if isinstance(answer, bytes):
                sock.sendall(answer)
            elif callable(answer):
                answer(channel, number)
            elif answer is not None:
                channel.send(Encoder(CAPS).encode([number, *answer]), forever)
    except (WireError, TimeoutError, OSError):
        pass


def frame(*content):
    structure = msgpack.packb(list(content))
    return len(structure).to_bytes(4, "little") + bytes(4) + structure


FORGED = {
    "garbage": b"\xff" * 100,
    "huge": (1 << 31).to_bytes(4, "little") + bytes(4),
    "many blobs": bytes(4) + (1 << 30).to_bytes(4, "little"),
    "not msgpack": (5).to_bytes(4, "little") + bytes(4) + b"\xc1\xc1\xc1\xc1\xc1",
    "not a list": frame(1)[:-1] + b"\x07",
    "other number": frame(999_999_999, "ok", 1, ""),
    "wrong word": frame(1, "yes", 1, ""),
    "too short": frame(1, "ok"),
    "words": frame("ok", "ok", "ok", "ok"),
    "deep": (102).to_bytes(4, "little") + bytes(4) + b"\x91" * 101 + b"\xc0",
    "end": b"",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_frames_end_the_candidate_and_nothing_else(exam, name):
    link = exam(FORGED[name])
    if name == "end":
        exam.socket.shutdown(socket.SHUT_RDWR)
    with pytest.raises(ProcessEnded):
        link.request(CALL)
    assert not link.conversation.alive
    assert exam.supervisor.calls == ["ended"]
    with pytest.raises(ProcessEnded):
        link.request(CALL)


AGREED = [
    (Begin(1), [proxy(), 1, {}, "ok"]),
    (
        RunCell("", 1, {}),
        [proxy(), None, [], {"outputs": proxy()}, {"outputs": {}}, {"outputs": [np.ones(2)]}],
    ),
    (LookUp("f"), [proxy(), True, [proxy(), 1], [1, 1], [True], (True, 1)]),
    (Compare(1, []), [proxy(), [1, proxy()], [1, True], [1, np.int64(1)], [1]]),
    (Guard(1, [], []), [proxy(), np.array(["a", "b"]), 3, ["a"]]),
]


@pytest.mark.parametrize(
    ("request_", "lie"), [(request, lie) for request, lies in AGREED for lie in lies]
)
def test_an_answer_of_another_type_than_agreed_ends_the_candidate(exam, request_, lie):
    with pytest.raises(ProcessEnded) as ended:
        exam(["ok", lie, ""]).conversation.ask(request_, soon())
    assert ended.value.kind is Kind.TAMPERED


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("thing", [proxy(1, sum(Ability)), np.ones(2), 10**300, None, [1]])
def test_a_message_has_its_own_types_in_every_field(exam, place, thing):
    def forge(channel, number):
        message = [number, "ok", 1, ""]
        message[place] = thing
        channel.send(Encoder(CAPS).encode(message), soon())

    link = exam(forge)
    if place == 2:
        link.request(CALL)
        return
    with pytest.raises(ProcessEnded) as ended:
        link.request(CALL)
    assert ended.value.kind is Kind.TAMPERED


@pytest.mark.parametrize("key", ["name", "bases", "message", "arguments", "line", "trace"])
@pytest.mark.parametrize("thing", [proxy(), [proxy()], np.ones(2), 3])
def test_an_exception_is_described_by_plain_data(exam, key, thing):
    description = {**describe(ValueError("no")), key: thing}
    with pytest.raises(ProcessEnded) as ended:
        exam(["error", description, ""]).request(CALL)
    assert ended.value.kind is Kind.TAMPERED


def test_silence_is_interrupted_then_ended(exam):
    link = exam(None)
    link.call_s = HASTY_S
    started = time.monotonic()
    with pytest.raises(ProcessEnded, match="could not be interrupted"):
        link.request(CALL)
    assert exam.supervisor.calls == ["interrupt", "ended"]
    assert time.monotonic() - started < PATIENCE_S


def test_a_late_answer_is_no_answer(exam, monkeypatch):
    monkeypatch.setattr("autograder.exam.remote.conversation.GRACE_S", PATIENCE_S)

    def late(channel, number):
        exam.supervisor.interrupted.wait(PATIENCE_S)
        channel.send(Encoder(CAPS).encode([number, "ok", 42, ""]), soon())

    link = exam(late, ["ok", 7, ""])
    link.call_s = HASTY_S
    with pytest.raises(OutOfTime):
        link.request(CALL)
    assert link.conversation.alive
    assert isinstance(
        link.conversation.fault, OutOfTime
    )  # so the test fails even if it caught this
    link.call_s = PATIENCE_S
    assert link.request(CALL) == 7


def test_a_trickle_of_bytes_does_not_extend_the_deadline(exam):
    def trickle(channel, number):
        data = (100_000).to_bytes(4, "little") + bytes(4) + b"\x00" * 100_000
        for byte in data:
            channel.sock.send(bytes([byte]))
            time.sleep(0.05)

    link = exam(trickle)
    link.call_s = HASTY_S
    started = time.monotonic()
    with pytest.raises(ProcessEnded):
        link.request(CALL)
    assert time.monotonic() - started < PATIENCE_S


def test_an_answer_before_the_question_ends_the_candidate(exam):
    exam.socket.sendall(frame(1, "ok", "forged", ""))
    with pytest.raises(ProcessEnded, match=r"crashed|unexpected message"):
        exam.link.request(CALL)


def test_a_flood_ends_with_the_call(exam):
    def flood(channel, number):
        encoder = Encoder(CAPS)
        while True:
            message = [number, "callback", 0, [], {}]
            channel.send(encoder.encode(message), soon())

    link = exam(flood)
    link.call_s = HASTY_S
    started = time.monotonic()
    with pytest.raises(ExamFault):
        link.request(Call(lambda: 1, [], {}))
    assert time.monotonic() - started < PATIENCE_S
    assert not link.conversation.alive


def test_callbacks_are_checked(exam):
    seen = []

    def ask(*content):
        def play(channel, number):
            for item in content:
                channel.send(Encoder(CAPS).encode([number, "callback", *item]), soon())
                answer = Decoder(CAPS).decode(channel.receive(soon()))
                seen.append((answer[1], answer[2]["name"] if answer[1] == "raise" else answer[2]))
            channel.send(Encoder(CAPS).encode([number, "ok", None, ""]), soon())

        return play

    wrong = [(5, [], {}), (-1, [], {}), ("0", [], {}), (0, 3, {}), (0, [], 3), (0, [1], {2: 3})]
    link = exam(ask(*wrong, (0, [1], {}), (0, [], {})), ask((0, [1], {})))
    link.request(Call(lambda x: x + 1, [], {}))
    assert [word for word, _ in seen] == ["raise"] * 6 + ["result", "raise"]
    assert seen[6] == ("result", 2)
    link.end()  # the test cell
    link.request(CALL)
    assert seen[-1] == ("raise", "RuntimeError")


@pytest.mark.parametrize(
    "content",
    [
        [1],
        ["1", 1, "t", None, None],
        [1, 1 << 40, "t", None, None],
        [1, -1, "t", None, None],
        [1, 1, 5, None, None],
        [1, 1, "t", ["a"], None],
        [1, 1, "t", [1, 2], None],
        [1, 1, "t", None, 3],
    ],
)
def test_forged_references_end_the_candidate(exam, content):
    with pytest.raises(ProcessEnded):
        exam(["ok", Ref("proxy", content), ""]).request(CALL)


@pytest.mark.parametrize("kind", ["library", "instance", "generator", "variable", "keras", "own"])
def test_references_of_the_trusted_side_are_refused(exam, kind):
    with pytest.raises(ProcessEnded):
        exam(["ok", Ref(kind, ["os", "system"]), ""]).request(CALL)


def test_functions_of_other_tests_cannot_be_claimed(exam):
    with pytest.raises(ProcessEnded):
        exam(["ok", Ref("yours", 0), ""]).request(CALL)


NUMBER = "float", "int"  # of which the value is fetched as a number, for any type
LIES = {
    "bool": (bool, [1, "yes", np.bool_(True), None]),
    "len": (len, [1.0, True, "3", -1]),
    "float": (float, ["1", b"1", None, [1.0], proxy(2, Ability.NUMBER)]),
    "int": (int, ["1", b"1", None, [1], proxy(2, Ability.NUMBER)]),
    "str": (str, [b"x", None, 3]),
    "array": (np.asarray, [[1, 2], 3.0, None]),
    "iter": (iter, [[1, 2], "ab", proxy(2, Ability.CALL)]),
}


@pytest.mark.parametrize("name", LIES)
def test_protocols_answer_in_their_own_type_only(exam, name):
    ask, lies = LIES[name]
    without = Ability(0) if name in NUMBER else Ability.NUMBER
    without |= Ability.ITERATE if name == "array" else Ability(0)
    able = Ability(sum(Ability)) & ~Ability.NEXT & ~without
    link = exam(["ok", proxy(1, able), ""], *[["ok", lie, ""] for lie in lies])
    thing = link.request(CALL)
    for _ in lies:
        link.readings.forget()
        with pytest.raises((TypeError, ValueError)):
            ask(thing)


@pytest.mark.parametrize("kind", [bool, float, int, complex])
@pytest.mark.parametrize("value", [1, 1.0, True, np.int64(1), np.float64(1), np.ones(1)])
def test_a_number_is_of_the_type_that_was_asked_for(exam, kind, value):
    link = exam(["ok", proxy(1, Ability.NUMBER), ""], ["ok", value, ""])
    made = kind(link.request(CALL))
    assert type(made) is kind
    assert made == 1


def test_a_handle_never_gives_numpy_an_address(exam):
    asked = []

    def note(channel, number):
        asked.append(number)
        channel.send(Encoder(CAPS).encode([number, "ok", np.ones(2), ""]), soon())

    link = exam(["ok", proxy(1, Ability.NUMBER), ""], note)
    thing = link.request(CALL)
    for name in ("__array_interface__", "__array_struct__", "__array_ufunc__", "__reduce_ex__"):
        assert name == "__reduce_ex__" or not hasattr(thing, name)
    assert np.asarray(thing).tolist() == [1, 1]
    assert len(asked) == 1


def test_abilities_decide_what_a_handle_is(exam):
    link = exam(
        *[["ok", proxy(i, a), ""] for i, a in enumerate((0, *Ability), 1)],
        ["ok", proxy(90, Ability.CALL, ["keras.src.layers.layer", "Layer"]), ""],
        ["ok", proxy(91, Ability.CALL, ["nnkit.checks.report", "CheckFailed"]), ""],
        ["ok", proxy(92, Ability.CALL, ["keras", "no.such.thing"]), ""],
    )
    plain, *able = [link.request(CALL) for _ in (0, *Ability)]
    kinds = dict(zip(Ability, able, strict=True))
    assert not callable(plain)
    assert callable(kinds[Ability.CALL])
    assert isinstance(kinds[Ability.NEXT], collections.abc.Iterator)
    assert isinstance(kinds[Ability.ITERATE], collections.abc.Iterable)
    assert not isinstance(plain, collections.abc.Sized)
    with pytest.raises(TypeError):
        float(plain)
    for thing in [link.request(CALL) for _ in range(3)]:
        assert not isinstance(thing, (AssertionError, np.ndarray, float, list))


def test_the_tests_values_are_never_sent_for_a_comparison(exam):
    operations = []

    def number(channel, request):
        operations.append("plain")
        channel.send(Encoder(CAPS).encode([request, "ok", 4.0, ""]), soon())

    link = exam(["ok", proxy(1, Ability.NUMBER), ""], number, number, ["ok", proxy(2), ""])
    four, other = link.request(CALL), None
    assert four != 3
    link.readings.forget()
    assert four - 1 == 3.0
    other = link.request(CALL)
    assert (other == 3) is False
    assert other != 3
    with pytest.raises(TypeError):
        other < 3  # noqa: B015
    with pytest.raises(TypeError):
        other - 3
    assert operations == ["plain", "plain"]


def test_described_exceptions_cannot_pass_for_what_they_are_not():
    for lie in (None, 3, {}, {"name": "x" * 9999, "bases": [None, 3, "print", "int"]}):
        error = rebuild(lie)
        assert isinstance(error, Exception)
    for name in ("StopIteration", "SystemExit", "KeyboardInterrupt", "GeneratorExit", "Exception"):
        error = rebuild({"name": name, "bases": [name, "BaseException"], "message": "m"})
        assert not isinstance(error, (StopIteration, SystemExit, KeyboardInterrupt, GeneratorExit))
    assert isinstance(rebuild({"name": "Mine", "bases": ["OSError"], "message": "m"}), OSError)
    assert str(rebuild({"name": "U", "bases": ["UnicodeDecodeError"], "message": "m"})) == "m"


EVIL = """
class Evil:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __mul__ = __sub__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __abs__(self): return 0.0
class Number(Evil):
    def __float__(self): return 1.0
    def __array__(self, *args, **kwargs): return Sly(1)
class Sly(np.ndarray):
    def __new__(cls, n): return np.zeros(n).view(cls)
    def __eq__(self, other): return True
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
class Real(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
def evil(*_): return Evil()
def number(*_): return Number()
def sly(*_): return Sly(3)
def real(*_): return Real(2)
def text(*_): return Text("x")
def raises(*_): raise AssertionError
def module(*_): return np
"""


def test_always_equal_objects_equal_nothing(examine):
    ways = {
        "equals": "assert {f}(1) == 3.0",
        "not-differs": "assert not ({f}(1) != 3.0)",
        "between": "assert 2.9 < {f}(1) < 3.1",
        "distance": "assert abs({f}(1) - 3.0) < 1e-6",
        "other-way": "assert abs(3.0 - {f}(1)) < 1e-6",
        "member": "assert 3.0 in {f}(1)",
        "numpy": "assert np.allclose({f}(1), 3.0)",
        "close": "checks.close({f}(1), 3.0, 'it')",
        "same": "checks.same({f}, lambda x: 3.0, [(1,)], 'it')",
        "raises": "checks.raises({f}, error=ValueError, what='it')",
    }
    lies = ("evil", "number", "sly", "real", "text", "raises", "module")
    cells = [
        check(way.format(f=lie), f"test-{lie}-{name}") for lie in lies for name, way in ways.items()
    ]
    result = examine(notebook(given("import numpy as np\nfrom nnkit import checks"), EVIL, *cells))
    assert [name for name, ok in passed(result).items() if ok] == []


def test_student_code_cannot_reach_the_tests(examine):
    result = examine(
        notebook(
            given("import numpy as np\nfrom nnkit import checks\nlabels = np.arange(5)"),
            """
            import gc, sys, builtins, ast
            from IPython import get_ipython
            shell = get_ipython()
            shell.run_cell = lambda *a, **k: None
            shell.ast_transformers.append(type("T", (ast.NodeTransformer,), {
                "visit_Assert": lambda self, node: ast.Pass()})())
            shell.events.register("pre_run_cell", lambda *a: None)
            builtins.AssertionError = Warning
            np.testing.assert_allclose = lambda *a, **k: None
            checks.close = lambda *a, **k: None
            sys.modules["nnkit.checks"].close = lambda *a, **k: None
            labels[:] = 0
            def f(x):
                found = [o for o in gc.get_objects() if isinstance(o, dict) and "secret" in o]
                frame, names = sys._getframe(), []
                while frame: names += frame.f_locals; frame = frame.f_back
                return [len(found), "secret" in names]
            """,
            check("secret = 42\nassert f(1) == [0, False]\nassert labels[3] == 3", "test-clean"),
            check("assert f(1) == 3", "test-assert"),
            check("checks.close(f(1), 3, 'f')", "test-close"),
            check("np.testing.assert_allclose(f(1), 3)", "test-numpy"),
        )
    )
    assert passed(result) == {
        "test-clean": True,
        "test-assert": False,
        "test-close": False,
        "test-numpy": False,
    }, errors(result)


def test_student_code_that_writes_on_the_socket_loses_its_process_only(examine):
    result = examine(
        notebook(
            "x = 1\ndef fine(): return x",
            """
            import os, stat
            def forge():
                for n in range(3, 50):
                    try:
                        if stat.S_ISSOCK(os.fstat(n).st_mode): os.write(n, b"\\x00" * 64)
                    except OSError: pass
            """,
            check("forge()\nassert fine() == 1", "test-forge"),
            check("assert fine() == 1", "test-after"),
        )
    )
    assert passed(result) == {"test-forge": False, "test-after": True}
