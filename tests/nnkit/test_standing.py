"""The panel of the last cell: no failing test is shown as passed, and no right answer as failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from traitlets.config import Config

from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from autograder.topics.markers import TEXT_STUB
from nnkit import checks
from nnkit.checks import panel, runs, written
from nnkit.checks.panel import Question, Standing, Test, as_html, as_text
from nnkit.checks.runs import Log, State, digest

DOUBLE = 'checks.close(double(3), 6, "double(3)")'
RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return -2 * x"
STUB = "def double(x):\n    raise NotImplementedError('Write your code here.')"


class Notebook:
    """A kernel's shell, without the kernel."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell(config=config)
        self.log = Log(self.shell)
        self.shell.events.register("post_run_cell", self.log.note)
        self.run("from nnkit import checks")

    def run(self, *texts: str, cell: str | None = None) -> None:
        for text in texts:
            self.shell.run_cell(text, cell_id=cell)

    def state(self, text: str = DOUBLE, name: str = "double") -> State:
        return self.log.state(name, digest(text))[0]

    def why(self, text: str = DOUBLE) -> str:
        return self.log.state("double", digest(text))[1]


@pytest.fixture
def notebook(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # a shell replaces it
    for name in ("displayhook", "excepthook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    return Notebook()


# The outcome of a test -------------------------------------------------------------------------


def test_a_test_that_was_not_run(notebook):
    notebook.run(RIGHT)
    assert notebook.state() is State.NOT_RUN


def test_a_test_that_passed(notebook):
    notebook.run(RIGHT, DOUBLE)
    assert notebook.state() is State.PASSED


def test_a_failure_names_its_likely_cause(notebook):
    notebook.run(WRONG, DOUBLE)
    assert notebook.state() is State.FAILED
    assert notebook.why().startswith("double(3). Likely cause: ")
    assert "sign" in notebook.why()


def test_an_error_of_the_students_code(notebook):
    notebook.run("def double(x):\n    return x / 0", DOUBLE)
    assert (notebook.state(), notebook.why()) == (
        State.FAILED,
        "ZeroDivisionError: division by zero",
    )


def test_a_long_message_is_cut(notebook):
    notebook.run("def double(x):\n    raise ValueError('line\\n' * 1000)", DOUBLE)
    assert len(notebook.why()) < 320
    assert "\n" not in notebook.why()


def test_what_is_not_written_yet_is_named(notebook):
    notebook.run("def half(x):\n    raise NotImplementedError", "def double(x):\n    half(x)")
    notebook.run(DOUBLE)
    assert (notebook.state(), notebook.why()) == (State.UNWRITTEN, "half")


def test_an_interrupted_test_has_failed():
    state, why = runs.outcome(KeyboardInterrupt())
    assert state is State.FAILED
    assert "interrupted" in why


def test_a_test_without_the_cells_before_it(notebook):
    notebook.run(DOUBLE)
    assert notebook.state() is State.FAILED
    assert notebook.why().startswith("NameError")


# A test is known by its text -----------------------------------------------------------------


def test_a_copy_of_the_test_elsewhere_counts(notebook):
    notebook.run(RIGHT)
    notebook.run(DOUBLE, cell="3f1c9a")
    assert notebook.state() is State.PASSED


def test_the_last_run_counts(notebook):
    notebook.run(RIGHT, DOUBLE, WRONG, DOUBLE)
    assert notebook.state() is State.FAILED
    notebook.run(RIGHT, DOUBLE)
    assert notebook.state() is State.PASSED


def test_a_run_that_cannot_be_noted_forgets_the_one_before(notebook, monkeypatch):
    notebook.run(RIGHT, DOUBLE)
    monkeypatch.setattr(runs, "versions", lambda *_: 1 / 0)
    notebook.run(WRONG, DOUBLE)
    monkeypatch.undo()
    assert notebook.state() is State.NOT_RUN


def test_a_formatter_changes_no_test(notebook):
    notebook.run(RIGHT, 'checks.close(\n    double(3),\n    6,\n    "double(3)",\n)')
    assert notebook.state() is State.PASSED


@pytest.mark.parametrize("edited", [DOUBLE.replace("6", "7"), "", "pass", "checks.close(", "# no"])
def test_a_changed_test_is_noticed_where_cells_have_ids(notebook, edited):
    notebook.run(RIGHT)
    notebook.run(DOUBLE, cell="test-double")
    notebook.run(edited or " ", cell="test-double")
    assert notebook.state() is State.EDITED
    notebook.run(DOUBLE, cell="test-double")
    assert notebook.state() is State.PASSED


def test_a_changed_test_never_passes_where_cells_have_none(notebook):
    notebook.run(WRONG, DOUBLE.replace("6", "-6"))
    assert notebook.state() is State.NOT_RUN


# Changed after the test ----------------------------------------------------------------------

SAME = [
    ("run again", [RIGHT]),
    ("comments and layout", ["# mine\n\ndef double(x):\n    # twice\n\n    return (2 * x)"]),
    ("another name", ["other = 3"]),
    ("its own test again", [DOUBLE]),
    ("there and back", [WRONG, RIGHT]),
    ("magic", ["%who"]),
]


@pytest.mark.parametrize("cells", [c for _, c in SAME], ids=[n for n, _ in SAME])
def test_a_passed_test_stays_passed(notebook, cells, capsys):
    notebook.run(RIGHT, DOUBLE, *cells)
    assert notebook.state() is State.PASSED


CHANGED = {
    "the function": ([RIGHT], [WRONG]),
    "the function, cleared": ([RIGHT], [STUB]),
    "the function, by a lambda": ([RIGHT], ["double = lambda x: -x"]),
    "the function, deleted": ([RIGHT], ["del double"]),
    "the function, by exec": ([RIGHT], ["exec('def double(x):\\n    return 0')"]),
    "everything": ([RIGHT], ["get_ipython().run_line_magic('reset', '-f')"]),
    "a constant in it": ([RIGHT], ["def double(x):\n    return 3 * x"]),
    "an equal constant of another kind": ([RIGHT], ["def double(x):\n    return 2.0 * x"]),
    "its default": (
        ["def double(x, by=2):\n    return by * x"],
        ["def double(x, by=3):\n    return by * x"],
    ),
    "a helper": (
        ["def twice(x):\n    return 2 * x", "def double(x):\n    return twice(x)"],
        ["def twice(x):\n    return x"],
    ),
    "a helper's helper": (
        [
            "two = lambda: 2",
            "def twice(x):\n    return two() * x",
            "def double(x):\n    return [twice(y) for y in [x]][0]",
        ],
        ["two = lambda: 3"],
    ),
    "a value that it reads": (["by = 2", "def double(x):\n    return by * x"], ["by = 3"]),
    "an array, in place": (
        ["import numpy as np\nby = np.array([2.0])", "def double(x):\n    return by[0] * x"],
        ["by[0] = 3"],
    ),
    "a list, in place": (
        ["by = [2]", "def double(x):\n    return by[0] * x"],
        ["by.append(1)\nby.reverse()"],
    ),
    "a class": (
        [
            "class Two:\n    def of(self, x):\n        return 2 * x",
            "def double(x):\n    return Two().of(x)",
        ],
        ["class Two:\n    def of(self, x):\n        return x"],
    ),
    "an object of a class": (
        ["class By:\n    pass\nby = By()\nby.two = 2", "def double(x):\n    return by.two * x"],
        ["by.two = 3"],
    ),
    "a decorated function": (
        ["import functools\n@functools.lru_cache\ndef double(x):\n    return 2 * x"],
        ["@functools.lru_cache\ndef double(x):\n    return x"],
    ),
    "a partial function": (
        ["import functools, operator\ndouble = functools.partial(operator.mul, 2)"],
        ["double = functools.partial(operator.mul, 3)"],
    ),
    "a closure": (
        ["def by(n):\n    return lambda x: n * x\ndouble = by(2)"],
        ["double = by(3)"],
    ),
    "a builtin, shadowed": (
        ["def double(x):\n    return sum([x, x])"],
        ["def sum(xs):\n    return 0"],
    ),
    "the checks": ([RIGHT], ["checks = None"]),
    "a module's name": (
        ["import operator\ndef double(x):\n    return operator.add(x, x)"],
        ["import math as operator"],
    ),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED)
def test_what_changed_after_the_test_is_noticed(notebook, before, after, capsys):
    notebook.run(*before, DOUBLE)
    assert notebook.state() is State.PASSED
    notebook.run(*after)
    assert notebook.state() is State.STALE


def test_a_failure_is_not_shown_either_once_the_task_has_changed(notebook):
    notebook.run(WRONG, DOUBLE, RIGHT)
    assert notebook.state() is State.STALE


NOTES = {
    "a cache of its own": "cache = {}\ndef double(x):\n    return cache.setdefault(x, 2 * x)",
    "a default": "def double(x, cache={}):\n    return cache.setdefault(x, 2 * x)",
    "a decorator": "import functools\n@functools.cache\ndef double(x):\n    return 2 * x",
    "a closure": "def make():\n    seen = []\n    def double(x):\n        seen.append(x)\n"
    "        return 2 * x\n    return double\ndouble = make()",
    "a counter": "calls = 0\ndef double(x):\n    global calls\n    calls += 1\n    return 2 * x",
    "an attribute": "def double(x):\n    double.last = x\n    return 2 * x",
    "randomness": "import numpy as np\nrng = np.random.default_rng(0)\n"
    "def double(x):\n    rng.random()\n    return 2 * x",
}


@pytest.mark.parametrize("answer", NOTES.values(), ids=NOTES)
def test_an_answer_may_keep_notes(notebook, answer):
    notebook.run(answer, DOUBLE, "print(double(5), double(6))")
    assert notebook.state() is State.PASSED


ODD = [
    "class Odd:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\nodd = Odd()",
    "class Odd:\n    def __array__(self, *a):\n        raise SystemError\nodd = Odd()",
    "odd = []\nodd.append(odd)\nfor _ in range(2000):\n    odd = [odd]",
    "odd = list(range(300_000))",
    "odd = 10 ** 10_000",
    "import threading\nodd = {threading.Lock(): open('/dev/null'), '\\ud800': object}",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_do_no_harm(notebook, odd, capsys):
    notebook.run(odd, "def double(x):\n    odd\n    return 2 * x", DOUBLE)
    assert "Error in callback" not in capsys.readouterr().out
    assert notebook.state() is State.PASSED
    notebook.run(WRONG)
    assert notebook.state() is State.STALE


# The panel -----------------------------------------------------------------------------------

ALL = Standing(
    [
        Test("a", 2, State.PASSED),
        Test("b", 1.5, State.FAILED, "one. Likely cause: <b>the sign</b>"),
        Test("c-part", 1, State.UNWRITTEN, "helper"),
        Test("d", 1, State.NOT_RUN),
        Test("e", 1, State.STALE),
        Test("f", 1, State.EDITED),
    ],
    [Question("why", 2, True), Question("how", 1, False), Question("who", 1, None)],
)


@pytest.mark.parametrize("draw", [as_text, as_html])
def test_the_panel_shows_everything_in_words(draw):
    shown = draw(ALL)
    for test in ALL.tests:
        assert test.name in shown
        assert test.state.value in shown
    assert "2 of 7.5 points" in shown
    assert "4 points more for written answers" in shown
    assert "0 of 1.5" in shown
    assert "helper" in shown
    for question in ALL.questions:
        assert question.text in shown
    assert panel.HIDDEN in shown
    assert "Next:" in shown


def test_the_panel_is_escaped():
    html = as_html(ALL)
    assert "<b>the sign" not in html
    assert "&lt;b&gt;the sign" in html


def states(*given: State, answered: bool | None = True) -> Standing:
    tests = [Test(f"t{i}", 1, state) for i, state in enumerate(given)]
    return Standing(tests, [Question("explain", 2, answered)])


@pytest.mark.parametrize(
    ("standing", "step"),
    [
        (states(State.NOT_RUN, State.NOT_RUN), "Run all cells"),
        (states(State.PASSED, State.NOT_RUN), "Go on with `t1`"),
        (states(State.PASSED, State.FAILED, State.NOT_RUN), "Fix `t1`"),
        (states(State.UNWRITTEN, State.FAILED), "Write `t0`"),
        (states(State.FAILED, State.STALE, State.STALE), "Run the tests of `t1` and `t2` again"),
        (states(State.PASSED, State.STALE), "Run the test of `t1` again"),
        (states(State.STALE, State.EDITED), "Undo what was changed in the test of `t1`"),
        (states(State.PASSED, answered=False), "Write an answer to `explain`"),
        (states(State.PASSED, answered=None), "Check that you have answered `explain`"),
        (states(State.PASSED), "Restart the kernel"),
        (Standing([], []), "Restart the kernel"),
    ],
)
def test_the_next_step(standing, step):
    assert standing.next_step().startswith(step)


def test_a_panel_of_nothing():
    assert "0 of 0 points" in as_text(Standing([], []))


# Written answers ----------------------------------------------------------------------------

RELEASED = {"explain": digest(TEXT_STUB)}


def save(path: Path, answer: str) -> Path:
    about = {"nbgrader": {"grade_id": "explain"}}
    cell = nbformat.v4.new_markdown_cell(answer, metadata=about)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (TEXT_STUB, False),
        ("", False),
        (" \n", False),
        ("Because.", True),
        (f"{TEXT_STUB} So.", True),
    ],
)
def test_an_answer_is_seen_in_the_file(here, answer, seen):
    save(here / "a.ipynb", answer)
    assert written.answered(RELEASED, {}) == {"explain": seen}


def test_the_file_that_the_front_end_names_is_read(here, monkeypatch):
    save(here / "a.ipynb", TEXT_STUB)
    other = save(here / "b.ipynb", "Because.")
    assert written.answered(RELEASED, {"__vsc_ipynb_file__": str(other)}) == {"explain": True}
    monkeypatch.setenv("JPY_SESSION_NAME", str(other))
    assert written.answered(RELEASED, {}) == {"explain": True}


def test_a_file_renamed_since_is_found(here, monkeypatch):
    save(here / "new name.ipynb", "Because.")
    monkeypatch.setenv("JPY_SESSION_NAME", str(here / "old name.ipynb"))
    monkeypatch.chdir("/")
    assert written.answered(RELEASED, {}) == {"explain": True}


def test_of_two_copies_none_is_guessed(here):
    save(here / "a.ipynb", TEXT_STUB)
    save(here / "b.ipynb", "Because.")
    assert written.answered(RELEASED, {}) == {"explain": None}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [1]}', "[" * 9999])
def test_a_file_that_is_no_notebook(here, text):
    (here / "a.ipynb").write_text(text, encoding="utf-8")
    assert written.answered(RELEASED, {}) == {"explain": None}


# The call ------------------------------------------------------------------------------------


def test_outside_a_notebook_it_says_where_it_works(capsys):
    checks.standing([("double", 1, digest(DOUBLE))])
    assert "Jupyter" in capsys.readouterr().out


def last_cell(*tests: tuple[str, str]) -> str:
    listed = [(name, 1, digest(text)) for name, text in tests]
    return f"from nnkit import checks\nchecks.standing({listed!r}, [('explain', 2, 'abcdef')])"


def executed(*texts: str) -> list[nbformat.NotebookNode]:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in texts])
    return NotebookClient(book, allow_errors=True, kernel_name="python3").execute().cells


SETUP = "from nnkit import checks"


@pytest.fixture(scope="module")
def conductor():
    with ExamPool(Limits(), sandbox="off") as made:
        yield made


@pytest.mark.slow
def test_a_panel_in_a_kernel_follows_what_is_run_after_it():
    cells = executed(SETUP, RIGHT, DOUBLE, last_cell(("double", DOUBLE)), "1 + 1")
    [output] = cells[3].outputs
    assert "1 of 1 points" in output.data["text/html"]
    assert checks.RECORD_TYPE not in output.data
    cells = executed(SETUP, RIGHT, DOUBLE, last_cell(("double", DOUBLE)), WRONG, "double(3)")
    [output] = cells[3].outputs
    assert State.STALE.value in output.data["text/plain"]
    assert [o.output_type for o in cells[4].outputs] == []
    assert "Error in callback" not in json.dumps(cells)


@pytest.mark.slow
def test_graded_by_nbgrader_it_shows_nothing(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    cells = executed(SETUP, RIGHT, DOUBLE, last_cell(("double", DOUBLE)))
    assert cells[3].outputs == []
    assert cells[2].outputs[0].data[checks.RECORD_TYPE]["passed"]


@pytest.mark.slow
@pytest.mark.parametrize("answer", [RIGHT, WRONG, STUB])
def test_an_exam_judges_the_same_with_it_and_without(conductor, answer):
    kinds = {
        SETUP: "given-setup",
        DOUBLE: "test-double",
        last_cell(("double", DOUBLE)): "given-last",
    }
    cells = [nbformat.v4.new_code_cell(text) for text in (SETUP, answer, DOUBLE, [*kinds][-1])]
    for cell in cells:
        about = {"grade_id": kinds.get(cell.source, "double"), "grade": cell.source == DOUBLE}
        about |= {"locked": cell.source in kinds, "solution": cell.source == answer, "points": 1}
        cell.metadata["nbgrader"] = about
    results = [
        conductor.examine(nbformat.v4.new_notebook(cells=handed_in))
        for handed_in in (cells, cells[:-1])
    ]
    with_it, without = (result.notebook.cells for result in results)
    assert with_it[:3] == without
    assert with_it[3].outputs == []
    assert results[0].remarks == results[1].remarks == []
    failed = any(output.output_type == "error" for output in with_it[2].outputs)
    assert failed is (answer != RIGHT)


def test_in_an_exam_it_shows_nothing(monkeypatch, capsys):
    class ExamsShell:
        """Has neither a kernel nor a prompt."""

    for module in ("runs", "standing"):
        monkeypatch.setattr(sys.modules[f"nnkit.checks.{module}"], "get_ipython", ExamsShell)
    runs.watch()
    checks.standing([("double", 1, digest(DOUBLE))])
    assert capsys.readouterr().out == ""
