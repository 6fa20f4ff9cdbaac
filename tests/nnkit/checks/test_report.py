"""Panels, records, and the silence of hidden tests."""

import io
from contextlib import redirect_stderr

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from nnkit import checks
from nnkit.record import Record, as_html, as_text

SECRET = 0.123456789


def fails_inside_hidden(body):
    with pytest.raises(checks.CheckFailed) as caught, checks.hidden():
        body()
    return caught.value


def test_text_outside_a_notebook_and_nothing_on_stderr(capsys):
    checks.close(1.0, 1.0, "one")
    with pytest.raises(checks.CheckFailed):
        checks.close(-1.0, 1.0, "one")
    shown = capsys.readouterr()
    assert "✓ one" in shown.out
    assert "✗ one" in shown.out
    assert "Likely cause" in shown.out
    assert shown.err == ""


def test_a_hidden_failure_keeps_numbers_to_itself(capsys):
    expected = np.array([SECRET, 2 * SECRET])
    found = fails_inside_hidden(lambda: checks.close(-expected, expected, "δ on random layers"))
    text = str(found) + capsys.readouterr().out
    assert found.record.diagnosis == "sign"
    assert "sign" in text
    assert "δ on random layers" in text
    assert "0.1234" not in text
    assert "0.2469" not in text


def test_hidden_tests_drop_what_student_code_prints(capsys):
    with checks.hidden():
        print("the input is", SECRET)
    shown = capsys.readouterr()
    assert "input" not in shown.out
    assert "Hidden tests" in shown.out


def test_an_error_inside_hidden_tests_tells_its_type_but_not_its_message(capsys):
    def student(x):
        raise ValueError(f"bad {x}")

    found = fails_inside_hidden(lambda: student(SECRET))
    text = str(found) + capsys.readouterr().out
    assert "ValueError" in text
    assert str(SECRET) not in text
    assert found.__cause__ is None
    assert found.__suppress_context__


def test_hidden_ends_where_it_ends(capsys):
    with checks.hidden():
        checks.close(1, 1, "inside")
    with pytest.raises(checks.CheckFailed):
        checks.close(SECRET, 1.0, "outside")
    assert "0.1234" in capsys.readouterr().out


def test_what_a_student_wrote_is_escaped():
    record = Record(
        "close", "<script>alert(1)</script>", False, "x", "<img onerror=1>", message="<b>bold</b>"
    )
    html = as_html(record)
    for tag in ("<script", "<img", "<b>bold"):
        assert tag not in html
    assert "✗" in as_text(record)


@pytest.fixture(scope="module")
def executed():
    """Run a small notebook in a real kernel."""
    cells = [
        "import numpy as np\nfrom nnkit import checks\n"
        "def f(x):\n    print('student sees', x)\n    return np.linalg.inv(x)",
        "checks.close([1.0, 2.0], [1, 2], 'fine')",
        "checks.close([-1.0, -2.0], [1, 2], 'sign')",
        "with checks.hidden():\n    checks.same(f, lambda x: x * 0.123456789, "
        "[(np.eye(2) * 0.123456789,)], 'f on random input')",
        "with checks.hidden():\n    f(np.zeros((2, 3)))",
        "f(1)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    return NotebookClient(book, allow_errors=True, kernel_name="python3").execute()


@pytest.mark.slow
def test_in_a_notebook_a_panel_and_a_record(executed):
    [output] = executed.cells[1].outputs
    assert output.data[checks.RECORD_TYPE]["passed"] is True
    assert "fine" in output.data["text/html"]
    panel, error = executed.cells[2].outputs
    assert panel.data[checks.RECORD_TYPE]["diagnosis"] == "sign"
    assert error.output_type == "error"
    assert len(error.traceback) == 1
    assert "opposite sign" in error.traceback[0]


@pytest.mark.slow
def test_in_a_notebook_hidden_tests_leak_nothing(executed):
    for cell in executed.cells[3:5]:
        text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).split('"source"')[0]
        assert "0.1234" not in text
        assert "student sees" not in text
        assert "lambda" not in text
        assert "(2, 3)" not in text
    assert "np.linalg.inv(x)" in executed.cells[4].outputs[-1].traceback[0]


@pytest.mark.slow
def test_no_cell_of_a_notebook_writes_to_stderr(executed):
    for cell in executed.cells:
        assert not [o for o in cell.outputs if o.get("name") == "stderr"]


def test_checks_write_nothing_to_stderr():
    stream = io.StringIO()
    with redirect_stderr(stream), pytest.raises(checks.CheckFailed):
        checks.holds(False, "no", "because")
    assert stream.getvalue() == ""
