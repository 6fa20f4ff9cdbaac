"""Honest work, usual and unusual, loses nothing."""

import nbformat
import pytest

from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from nnkit.record import RECORD_TYPE, read
from tests.support.toy_exam import check, code, errors, given, notebook, passed, text

SETUP = given("import numpy as np\nfrom nnkit import checks")


def test_values_and_functions_behave_as_in_one_process(examine):
    result = examine(
        notebook(
            SETUP,
            """
            import functools, dataclasses, collections
            from fractions import Fraction
            W = np.asfortranarray(np.arange(6.0).reshape(2, 3))
            words = {"a": [1, (2, 3)], "b": {4}}
            def f(x): return 2 * x
            double = lambda x: 2 * x
            add_one = functools.partial(lambda a, b: a + b, 1)
            def traced(g):
                @functools.wraps(g)
                def wrapper(*args): return g(*args)
                return wrapper
            @traced
            def decorated(x): return x + 1
            def count(n):
                for i in range(n): yield i
            @dataclasses.dataclass
            class Point:
                x: float
                y: float = 0.0
                def norm(self): return (self.x**2 + self.y**2) ** 0.5
            class Layer:
                size = 3
                def __init__(self): self.W = np.ones((2, 3))
                def __call__(self, x): return self.W @ x
                def __len__(self): return 2
                def __getitem__(self, i): return self.W[i]
            class Celsius:
                def __init__(self, value): self.value = value
                def __float__(self): return float(self.value)
            layer, third = Layer(), Fraction(1, 3)
            Pair = collections.namedtuple("Pair", "loss model")
            def train(): return Pair(0.5, Point(3, 4))
            def keyword(*, a, b=2): return a - b
            """,
            check(
                """
                assert type(W) is np.ndarray and W.flags.f_contiguous and W[1, 2] == 5
                assert words == {"a": [1, (2, 3)], "b": {4}}
                checks.close(f(np.ones((2, 2))), [[2, 2], [2, 2]], "f")
                assert f(3) == 6 and type(f(3)) is int and type(f(np.float32(1))) is np.float32
                assert double([1]) == [1, 1] and add_one(2) == 3 and decorated(1) == 2
                assert f.__name__ == "f" and decorated.__name__ == "decorated"
                assert list(count(3)) == [0, 1, 2] and next(count(1)) == 0
                assert keyword(a=5) == 3 and callable(f) and not callable(third)
                """,
                "test-functions",
            ),
            check(
                """
                p = Point(3.0, y=4.0)
                assert p.norm() == 5.0 and p == Point(3.0, 4.0) and p != Point(1.0)
                p.x = 0.0
                assert p.norm() == 4.0 and hasattr(p, "y") and not hasattr(p, "z")
                assert str(Point(1, 2)) == "Point(x=1, y=2)" and repr(p).startswith("Point")
                assert layer.W.shape == (2, 3) and layer(np.ones(3)).tolist() == [3.0, 3.0]
                assert len(layer) == 2 and layer[1].tolist() == [1, 1, 1] and Layer.size == 3
                assert Layer().W.sum() == 6
                assert train().loss == 0.5 and train().model.norm() == 5.0
                assert len(list(layer)) == 2
                """,
                "test-objects",
            ),
            check(
                """
                import math
                assert third == 1 / 3 and third * 3 == 1.0 and 1 - third < 0.7 and third > 0.3
                assert math.isclose(float(third), 1 / 3) and abs(-third) == 1 / 3
                assert f"{third:.2f}" == "0.33" and round(third, 1) == 0.3
                checks.close(third, 1 / 3, "a fraction")
                checks.close([third, third], [1 / 3, 1 / 3], "fractions")
                assert float(Celsius(20)) == 20.0 and Celsius(20) == 20 and Celsius(1) + 1 == 2
                """,
                "test-numbers",
            ),
        )
    )
    assert errors(result) == {"test-functions": None, "test-objects": None, "test-numbers": None}


def test_functions_and_generators_of_a_test_can_be_handed_over(examine):
    result = examine(
        notebook(
            SETUP,
            """
            def apply(g, x): return g(x)
            def derivative(g, x, h=1e-6): return (g(x + h) - g(x - h)) / (2 * h)
            def compose(g, h): return lambda x: g(h(x))
            def back(g): return g
            def draw(rng, n): return rng.normal(size=n)
            def square(x): return x * x
            def catch(g):
                try: g(0)
                except ValueError as error: return str(error)
            def kind(x): return type(x).__name__
            """,
            check(
                """
                def cube(x): return x ** 3
                def fail(x): raise ValueError(f"not {x}")
                assert apply(cube, 2) == 8 and apply(np.sqrt, 4.0) == 2.0 and apply(int, "3") == 3
                assert abs(derivative(cube, 2.0) - 12) < 1e-6
                assert compose(cube, square)(2) == 64 and compose(square, square)(2) == 16
                assert back(cube) is cube and apply(lambda x: square(x) + 1, 3) == 10
                assert catch(fail) == "not 0"
                rng, same = np.random.default_rng(3), np.random.default_rng(3)
                first = draw(rng, 4)
                assert np.array_equal(first, same.normal(size=4))
                assert not np.array_equal(first, draw(rng, 4))
                assert kind(np.random.RandomState(1)) == "RandomState" and kind(np) == "module"
                """,
            ),
        )
    )
    assert errors(result) == {"test-it": None}


def test_checks_know_the_functions_of_the_candidate(examine):
    result = examine(
        notebook(
            SETUP,
            """
            import tensorflow as tf
            from tensorflow import GradientTape as Tape
            def right(x): return 2 * x
            def changes(x):
                x *= 2
                return x
            def loops(x):
                for i in range(2): pass
                return 2 * x
            def helped(x): return loops(x)
            def taped(x):
                with Tape() as tape: pass
                return 2 * x
            hidden_tape = lambda x: getattr(tf, "Gradient" + "Tape")().__enter__() and x
            alias = right
            """,
            check(
                """
                def reference(x): return 2.0 * x
                checks.same(right, reference, [(np.ones(3),), (np.zeros(2),)], "right")
                checks.forbid(right, "loop", "autodiff", "keras", example=(np.ones(2),))
                checks.forbid(alias, "loop")
                checks.raises(lambda: changes(None), error=TypeError, what="bad input")
                """,
                "test-right",
            ),
            check("checks.same(changes, reference, [(np.ones(3),)], 'c')", "test-changes"),
            check("checks.forbid(loops, 'loop')", "test-loops"),
            check("checks.forbid(helped, 'loop')", "test-helped"),
            check("checks.forbid(taped, 'autodiff')", "test-taped"),
            check("checks.forbid(hidden_tape, 'autodiff', example=(1.0,))", "test-guard"),
        )
    )
    found = errors(result)
    assert found.pop("test-right") is None
    assert all(error and error.startswith("CheckFailed") for error in found.values()), found
    assert "copy it first" in found["test-changes"]
    assert "for i in range(2)" in str(result.notebook) or "range(2)" in found["test-helped"]


def test_notebook_habits_cost_nothing(examine):
    result = examine(
        notebook(
            SETUP,
            "%matplotlib inline\nimport matplotlib.pyplot as plt\n!echo shell",
            "plt.plot([1, 2])\nplt.show()",
            "import sys, warnings\nwarnings.warn('careful')\nprint('err', file=sys.stderr)",
            "answer = input('name? ')",
            "from threading import Thread\nt = Thread(target=print, args=('thread',))\nt.start()\n"
            "t.join()",
            "import subprocess; subprocess.run(['echo', 'from a program'])",
            "total = 0\nfor i in range(3): total += i",
            "def f():\n    print('printed')\n    warnings.warn('again')\n    return total",
            "x = 3\nx",
            "this is no python",
            "await __import__('asyncio').sleep(0)",
            "exit()",
            check("assert f() == 3 and x == 3\nimport sys\nprint('e', file=sys.stderr)\n-7"),
        )
    )
    cells = result.notebook.cells
    assert errors(result) == {"test-it": None}
    assert "shell" in text(cells[1])
    assert "image/png" in cells[2].outputs[0].data
    assert [o.name for o in cells[3].outputs] == ["stderr"]
    assert cells[4].outputs[-1].ename == "EOFError"
    assert "thread" in text(cells[5])
    assert "from a program" in text(cells[6])
    assert cells[9].outputs[0].data["text/plain"] == "3"
    assert cells[10].outputs[0].ename == "SyntaxError"
    # nbgrader takes stderr for a failure, and a number for a score.
    assert {o.output_type for o in cells[13].outputs} == {"stream"}
    assert {o.name for o in cells[13].outputs} == {"stdout"}
    assert "printed" in text(cells[13])
    nbformat.validate(result.notebook)


def test_what_is_printed_is_cut_and_marked(examine):
    result = examine(
        notebook(
            "for i in range(100): print('x' * 20_000)\nraise ValueError('y' * 100_000)",
            "def f():\n    print('z' * 1_000_000)\n    return 1",
            check("assert f() == 1"),
        )
    )
    cells = result.notebook.cells
    assert passed(result) == {"test-it": True}
    assert "output cut here" in text(cells[0])
    assert len(str(cells[0].outputs)) < 250_000
    assert cells[0].outputs[-1].ename == "ValueError"
    assert len(text(cells[2])) < 110_000
    assert "output cut here" in text(cells[2])


def test_exceptions_arrive_as_what_they_are(examine):
    result = examine(
        notebook(
            SETUP,
            """
            class Mine(ValueError): pass
            class Other(Exception): pass
            def stub(): raise NotImplementedError("Write your code here")
            def mine(): raise Mine("no")
            def other(): raise Other("strange")
            def missing(): return {}["key"]
            def inner(): return np.linalg.inv(np.zeros((2, 2)))
            def leave(): raise SystemExit(0)
            def stop(): raise StopIteration
            """,
            check(
                """
                checks.raises(mine, error=ValueError, what="mine")
                checks.raises(missing, error=KeyError, what="missing")
                checks.raises(inner, error=np.linalg.LinAlgError.__base__, what="inner")
                try: missing()
                except KeyError as error: assert error.args == ("key",)
                try: mine()
                except ValueError as error:
                    assert type(error).__name__ == "Mine" and str(error) == "no"
                    assert error.student_line == 'def mine(): raise Mine("no")'
                """,
                "test-kinds",
            ),
            check("stub()", "test-stub"),
            check("other()", "test-other"),
            check("leave()", "test-leave"),
            check("assert list(map(lambda _: stop(), [1, 2])) == []", "test-stop"),
        )
    )
    found = errors(result)
    assert found["test-kinds"] is None
    assert found["test-stub"] == "NotImplementedError: Write your code here"
    assert found["test-other"] == "Other: strange"
    assert found["test-leave"].startswith("SystemExit")
    assert found["test-stop"].startswith("StopIteration")
    record, error = result.notebook.cells[3].outputs
    assert any("Your code, line 3 in stub" in line for line in error.traceback)
    told = read(record.data[RECORD_TYPE])
    assert (told.passed, told.what) == (False, "NotImplementedError: Write your code here")
    assert told.line.startswith("Your code, line 3 in stub\n  def stub(): raise ")
    nbformat.validate(result.notebook)


def test_hidden_parts_tell_nothing_of_the_test(examine):
    result = examine(
        notebook(
            SETUP,
            "def f(x):\n    print('seen', x)\n    return {}[x]",
            check(
                """
                with checks.hidden():
                    secret_input = 12345
                    checks.close(f(secret_input), 1, "f")
                """
            ),
        )
    )
    shown = str([o for o in result.notebook.cells[2].outputs])
    assert "12345" not in shown
    assert "secret_input" not in shown
    assert "return {}[x]" in shown
    assert passed(result) == {"test-it": False}


def test_side_files_are_there_and_stay_as_they_were(examine, tmp_path):
    (tmp_path / "data.txt").write_text("7")
    result = examine(
        notebook(
            "n = int(open('data.txt').read())\nopen('data.txt', 'w').write('8')\nopen('new', 'w')",
            check("assert n == 7"),
        ),
        files=tmp_path,
    )
    assert passed(result) == {"test-it": True}
    assert (tmp_path / "data.txt").read_text() == "7"
    assert not (tmp_path / "new").exists()


def test_kinds_of_cells(examine):
    skipped = code("skipped = True")
    skipped.metadata["tags"] = ["skip-execution"]
    graded_by_hand = code("mine = 1", "student", "essay")
    graded_by_hand.metadata["nbgrader"]["grade"] = True
    result = examine(
        notebook(
            given("where = 'both'"),
            skipped,
            "",
            graded_by_hand,
            check("assert mine == 1 and where == 'both'", "test-a"),
            check("assert skipped", "test-b"),
            check("", "test-empty"),
        )
    )
    assert passed(result) == {"test-a": True, "test-b": False, "test-empty": True}


def test_a_given_cell_that_students_break_over_there_still_works_here(examine):
    result = examine(
        notebook(
            "import json\njson.loads = None",
            given("import json\nconstant = json.loads('3')"),
            check("assert constant == 3"),
        )
    )
    assert passed(result) == {"test-it": True}


def test_several_exams_at_once_do_not_mix(exam_pool):
    from concurrent.futures import ThreadPoolExecutor

    def one(n):
        cells = [f"n = {n}\ndef f(): return n", check(f"assert n == {n} and f() == {n}")]
        return passed(exam_pool.examine(notebook(*cells)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(8))) == [{"test-it": True}] * 8


@pytest.mark.parametrize("value", ["[1, [2]]", "{'a': None}", "(1, 2)", "np.arange(3)", "'text'"])
def test_plain_values_cross_both_ways(examine, value):
    result = examine(
        notebook(
            given("import numpy as np"),
            "def same(x): return x",
            check(
                f"want = {value}\ngot = same(want)\nassert type(got) is type(want)\n"
                "assert repr(got) == repr(want)"
            ),
        )
    )
    assert errors(result) == {"test-it": None}


@pytest.mark.slow
def test_the_exam_is_held_on_the_embedded_digits_whatever_the_grader_studies(monkeypatch):
    monkeypatch.setenv("NNKIT_DATASET", "mnist")
    with ExamPool(Limits(cell_s=30), sandbox="off") as exam_pool:
        result = exam_pool.examine(
            notebook(
                given("from nnkit import datasets\ndigits = datasets.load()"),
                "mine = datasets.load().name",
                check("assert (digits.name, mine) == ('digits', 'digits')"),
            )
        )
    assert passed(result) == {"test-it": True}
