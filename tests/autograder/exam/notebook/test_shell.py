"""The exam's shell reads a cell as IPython does, only faster."""

from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from autograder.exam.notebook.shell import ExamShell
from tests.support.toy_exam import check, notebook, passed, text

ROOT = Path(__file__).resolve().parents[4]
BOOKS = sorted((ROOT / "assignments").glob("*/*.ipynb"))

PECULIAR = [
    "%matplotlib inline\nx = 1",
    "x = 1\n!ls",
    "x = 1\nfiles = !ls\ny = %pwd\nx?",
    "%%time\nx = 1\ny = 2",
    ">>> x = 1\n>>> y = 2",
    "In [1]: x = 1\nIn [2]: y = 2",
    "    x = 1\n    y = 2",
    "text = '''\n>>> kept\n%kept\n!kept\n'''\nx = 1",
    "x = (1 +\n%y)",
    "for i in range(3):\n    %time i",
    "x = 5\n# a ? and a ! and a %\ny = f'{x!r} {x % 2}'",
    "x = 1\nawait y",
    "broken = (\n",
    "ls",
    "",
    "\n\nls\n",
]


@pytest.fixture(scope="module")
def shell():
    InteractiveShell.clear_instance()
    yield ExamShell.instance()
    ExamShell.clear_instance()


@pytest.mark.parametrize("source", PECULIAR)
def test_a_cell_is_read_as_ipython_reads_it(shell, source, monkeypatch):
    ours = shell.transform_cell(source)
    with monkeypatch.context() as stock:
        stock.setattr(shell, "input_transformer_manager", TransformerManager())
        assert ours == shell.transform_cell(source)


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_every_cell_of_the_course_is_read_as_ipython_reads_it(shell, book):
    cells = [c.source for c in nbformat.read(book, 4).cells if c.cell_type == "code"]
    stock = TransformerManager()
    assert [shell.transform_cell(s) for s in cells] == [stock.transform_cell(s) for s in cells]


def test_plain_python_is_not_read_token_by_token(shell, monkeypatch):
    def refuse(*_):
        raise AssertionError("IPython was asked")

    monkeypatch.setattr(TransformerManager, "do_token_transforms", refuse)
    assert shell.transform_cell("x = 1\ny = 2") == "x = 1\ny = 2\n"
    with pytest.raises(AssertionError, match="was asked"):
        shell.transform_cell("x = 1\n!ls")


@pytest.mark.parametrize("source", ["x = 1\nawait y", "async with y:\n    pass", "awaited = 1"])
def test_a_cell_that_awaits_is_noticed(shell, source):
    mine = shell.should_run_async(source, transformed_cell=source)
    assert mine == InteractiveShell.should_run_async(shell, source, transformed_cell=source)


def test_transformers_of_the_students_own_are_used(examine):
    result = examine(
        notebook(
            """
            def louder(lines):
                return [line.replace("quiet", "loud") for line in lines]
            get_ipython().input_transformers_post.append(louder)
            """,
            "a = 'quiet'\nb = 'quiet'",
            "import asyncio\nawait asyncio.sleep(0)\nprint('slept')",
            check("assert (a, b) == ('loud', 'loud')"),
        )
    )
    assert passed(result) == {"test-it": True}
    assert text(result.notebook.cells[2]) == "slept\n"
