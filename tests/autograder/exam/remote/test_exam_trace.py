"""A trace tells each request and its answer, in short, and asks the candidate nothing itself."""

import numpy as np
import pytest
from rich.console import Console

from autograder.check.trace_printer import TracePrinter
from autograder.exam.messages import CellBegun, CellEnded, Role, Traced
from autograder.exam.remote.tracing import MOST, short
from tests.support.toy_exam import check, given, notebook, passed

SETUP = given("import numpy as np\nimport tensorflow as tf")


@pytest.fixture(scope="module")
def traced(examine):
    """Examine a notebook; return the result, and what was reported of it by the last test."""

    def hold(*cells):
        messages = []
        result = examine(notebook(SETUP, *cells), trace=messages.append)
        began = [isinstance(m, CellBegun) and m.role == Role.TEST for m in messages]
        last = len(began) - began[::-1].index(True)
        return result, [m for m in messages[last:] if isinstance(m, Traced) and m.what != "begin"]

    return hold


def printed(*messages, width=80):
    console = Console(width=width, color_system=None)
    printer = TracePrinter(console)
    with console.capture() as capture:
        for message in messages:
            printer(message)
    return capture.get()


def entry(what="call", asked="f(1)", answer="2", failed=False, said="", depth=0):
    return Traced(what, asked, answer, failed, said, 0.25, depth)


@pytest.mark.slow
def test_each_request_is_told_with_its_answer(traced):
    mine = "def f(x, k=1):\n    print('seen')\n    return k * x\ndef g(x):\n    return 1 / 0"
    test = check("assert f(2, k=3) == 6\nassert f(np.zeros(100)).sum() == 0\ng(1)")
    result, told = traced(mine, test)
    assert passed(result) == {"test-it": False}
    assert [(e.what, e.asked, e.failed) for e in told] == [
        ("name", "f", False),
        ("call", "f(2, k=3)", False),
        ("name", "f", False),
        (
            "call",
            "f(array float64 (100,) [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, … (100 in all)])",
            False,
        ),
        ("name", "g", False),
        ("call", "g(1)", True),
    ]
    assert told[0].answer == "<function f>"
    assert told[1].answer == "6"
    assert told[1].printed == "seen\n"
    assert told[3].answer.startswith("array float64 (100,)")
    assert told[5].answer == "ZeroDivisionError: division by zero"
    assert all(e.seconds >= 0 and e.depth == 0 for e in told)


@pytest.mark.slow
def test_what_is_asked_within_a_request_is_told_within_it(traced):
    mine = "def search(f):\n    return f(3)\ndef double(x):\n    return 2 * x"
    test = check("assert search(lambda x: double(x) + 1) == 7")
    result, told = traced(mine, test)
    assert passed(result) == {"test-it": True}
    assert [(e.what, e.depth, e.answer) for e in told] == [
        ("name", 0, "<function search>"),
        ("name", 2, "<function double>"),
        ("call", 2, "6"),
        ("callback", 1, "7"),
        ("call", 0, "7"),
    ]
    lines = printed(*told).splitlines()
    assert [line.split()[2] for line in lines] == ["name", "call", "callback", "name", "call"]


@pytest.mark.slow
def test_a_candidate_that_dies_and_a_name_that_is_missing_are_told(traced):
    result, told = traced("import os\ndef f():\n    os._exit(3)", check("f()"))
    assert passed(result) == {"test-it": False}
    assert told[-1].failed
    assert told[-1].answer.startswith("ProcessEnded: the process that runs your code was lost")
    result, told = traced("x = 1", check("missing"))
    assert [(e.what, e.answer) for e in told] == [("name", "no such name")]


@pytest.mark.slow
def test_a_trace_changes_nothing_and_asks_nothing(examine, traced):
    mine = """
    asked = []
    class Thing:
        def __getattr__(self, name): raise AttributeError(name)
        def __repr__(self): asked.append("repr"); return "x"
        def __len__(self): asked.append("len"); return 3
        def __iter__(self): asked.append("iter"); return iter([])
    class list(Thing): pass
    def thing(): return list()
    def objects():
        made = np.empty(2, dtype=object)
        made[:] = [Thing(), Thing()]
        return made
    def take(x): return [x, {"a": (x,)}]
    def count(): return len(asked)
    """
    test = check("take(thing())\ntake(objects())\nassert count() == 0")
    result, told = traced(mine, test)
    assert passed(result) == passed(examine(notebook(SETUP, mine, test))) == {"test-it": True}
    calls = [each.asked for each in told if each.what == "call"]
    assert calls == ["thing()", "take(<list>)", "objects()", "take(array object (2,))", "count()"]


@pytest.mark.slow
def test_huge_and_hostile_values_are_short_and_do_no_harm(traced):
    mine = """
    ESC = "\\x1b[2J\\x1b]0;title\\x07\\u202e\\r\\n" * 100
    def shout(x):
        print(ESC)
        raise type(ESC[:60], (Exception,), {})(ESC)
    def huge(): return np.ones((1000, 1000))
    def nested(): return [[[[[1] * 50] * 50]]] * 50
    def big(): return 10 ** 4000
    """
    result, told = traced(mine, check("huge()\nnested()\nbig()\nshout(ESC)"))
    assert passed(result) == {"test-it": False}
    for each in told:
        assert max(len(each.asked), len(each.answer), len(each.printed)) <= MOST
    begun = CellBegun(3, Role.TEST, "\x1b[31mtest")
    outputs = [{"output_type": "error", "ename": "\x1b[0m", "evalue": "\x9b31m\n" * 900}]
    text = printed(begun, *told, CellEnded(3, outputs, 0.1))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert len(text.splitlines()) == len(told) + 2
    assert "array float64 (1000, 1000)" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.5"),
        ("a" * 100, f"'{'a' * 60}' … (100 long)"),
        ([1, 2], "[1, 2]"),
        ((1,), "(1)"),
        ({"a": {1}}, "{'a': {1}}"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, … (9 in all)]"),
        (np.float32(0.5), "float32 0.5"),
        (np.arange(3), "array int64 (3,) [0, 1, 2]"),
        (np.array([object()]), "array object (1,)"),
        (print, "<builtin_function_or_method print>"),
        (np.random.default_rng(), "<Generator>"),
    ],
)
def test_a_value_in_short(value, text):
    assert short(value) == text


def test_an_object_that_refuses_is_named_by_its_type():
    class Odd(list):
        def __iter__(self):
            raise RuntimeError

    assert short(Odd([1])) == "<Odd>"
    assert short(10**5000) == "<int>"


def test_the_trace_is_printed_cell_by_cell():
    text = printed(
        CellBegun(6, Role.TEST, "test-it"),
        entry("begin", "", "None"),
        entry(said="hello\n"),
        entry("name", "g", "no such name"),
        entry("call", "g()", "ValueError: no", failed=True),
        CellEnded(6, [], 0.5),
    )
    assert text == (
        "cell 7: test test-it\n"
        "    0.250 s  call       f(1) → 2  printed: hello\n"
        "    0.250 s  name       g → no such name\n"
        "    0.250 s  call       g() ✗ ValueError: no\n"
        "    0.500 s  ended without an error\n"
    )
