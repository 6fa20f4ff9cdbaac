"""Pages and reports take the result of a check from its record, with any sentences."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from html import unescape
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnkit
from autograder.exam.notebook.outputs import error_output, raised_output
from autograder.feedback.test_messages import said_by
from nnkit.record import RECORD_TYPE as RECORD
from nnkit.record import Record, as_html, as_text, read
from tests.support import failing_checks
from tests.support.failing_checks import BECAUSE, FAILING

PACKAGE = Path(nnkit.__file__).parent
# What students read of a check stands in these; the others read code.
SPEAKING = (
    *("checks/behaviour", "checks/causes", "checks/gradients", "checks/numbers", "record"),
    *("checks/parameters", "checks/report", "checks/statistics", "checks/values", "checks/words"),
)


class Rewording(ast.NodeTransformer):
    """Spells every word of a sentence backwards."""

    def __init__(self) -> None:
        self.count = 0

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        """Leave how a number is formatted as it is."""
        node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        """Reword the text between the values."""
        node.values = [
            self._other(part) if isinstance(part, ast.Constant) else self.visit(part)
            for part in node.values
        ]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Reword what has a blank in it: the rest are names."""
        sentence = isinstance(node.value, str) and re.search(r"[a-z]{2} |: ", node.value)
        return self._other(node) if sentence else node

    def _other(self, node: ast.Constant) -> ast.Constant:
        self.count += 1
        return ast.Constant(re.sub(r"[A-Za-z]{2,}", lambda word: word[0][::-1], node.value))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Make a page with a copy of nnkit in which each sentence is another."""
    root = tmp_path_factory.mktemp("reworded")
    shutil.copytree(PACKAGE, root / "nnkit", ignore=shutil.ignore_patterns("__pycache__"))
    for name in SPEAKING:
        path = root / "nnkit" / f"{name}.py"
        rewording = Rewording()
        tree = rewording.visit(ast.parse(path.read_text(encoding="utf-8")))
        path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
        assert rewording.count > 1, name
    paths = os.pathsep.join([str(root), str(PACKAGE.parent)])
    done = subprocess.run(
        [sys.executable, failing_checks.__file__],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def section(page: str, test: str) -> str:
    """Return what the page says of one test."""
    return page.partition(f'id="test-{test}"')[2].partition("</section>")[0]


def within(html: str, kind: str) -> str:
    """Return the texts of the elements of a class."""
    found = re.findall(rf'<(p|pre) class="{kind}">(.*?)</\1>', html, re.DOTALL)
    return "\n".join(unescape(text) for _, text in found)


@pytest.mark.slow
def test_every_sentence_is_another(made: dict) -> None:
    words = ("came back", "expected values", "does not have", "hidden test", "On an input")
    for word in words:
        assert word not in made["page"]
        assert word not in made["records"]
    assert "emac kcab" in made["page"]
    assert "neddih" in made["page"]


@pytest.mark.parametrize("name", FAILING)
def test_cause_and_values_stand_in_their_places(made: dict, name: str) -> None:
    _, got, expected, has_cause = FAILING[name]
    html = section(made["page"], name)
    values, text = within(html, "values"), within(html, "said")
    assert text.startswith("✗ label\n")
    for value in [*got, *expected]:
        assert value in values
        assert value not in text
    assert bool(values) == bool(got or expected)
    assert (BECAUSE in within(html, "cause")) == has_cause
    assert BECAUSE not in text + values
    assert made["causes"][name][1] == (BECAUSE if has_cause else None)


@pytest.mark.parametrize("name", ["hidden", "hidden without cause"])
def test_a_hidden_test_tells_no_value(made: dict, name: str) -> None:
    html = section(made["page"], name)
    assert "label" in html
    cells = [c for c in nbformat.reads(made["records"], 4).cells if c.cell_type == "code"]
    (cell,) = (c for c in cells if c.metadata.nbgrader.grade_id == f"test-{name}")
    for number in ("9.125", "6.25"):
        assert number not in html
        assert number not in json.dumps(cell.outputs)


def said(*data: dict) -> list:
    outputs = [nbformat.v4.new_output("display_data", each) for each in data]
    return list(said_by(nbformat.v4.new_code_cell(outputs=outputs)))


def test_a_record_of_an_earlier_exam_is_shown_as_it_was() -> None:
    panel = "✗ double(3)\n  It is not so.\n  came back: 9\n  expected:  6\n  Likely cause: square."
    record = {"what": "double(3)", "passed": False, "because": "square.", "version": 1}
    (found,) = said({RECORD: record, "text/plain": panel})
    assert (found.kind, found.text, found.cause) == ("failed", "double(3)", "square.")
    assert found.values == panel


def test_an_error_is_told_once_with_the_students_own_lines() -> None:
    error = error_output("KeyError", "'a'", ["of the exam's own", "KeyError: 'a'"])
    record = raised_output(error, "Your code, line 3 in f\n  return x['a']")
    cell = nbformat.v4.new_code_cell(
        outputs=[nbformat.from_dict(record), nbformat.from_dict(error)]
    )
    (found,) = said_by(cell)
    assert found.text == "KeyError: 'a'\n  Your code, line 3 in f\n    return x['a']"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FORGED = JSON | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(asdict(Record("", "", True)), JSON)
)


@settings(max_examples=50, deadline=None)
@given(FORGED)
def test_whatever_stands_in_a_record_it_can_be_shown(forged: object) -> None:
    record = read(forged)
    assert (record is None) == (not isinstance(forged, dict))
    if record is not None:
        assert record.passed is (forged.get("passed") is True)
        as_html(record)
        as_text(record)
        (found,) = said({RECORD: forged})
        assert found.kind == ("passed" if record.passed else "failed")


def test_a_record_says_what_its_panel_says() -> None:
    record = Record(
        "close", "label", False, "sign", "the sign.", message="It is off.", got="1", expected="2"
    )
    assert read(asdict(record)) == record
    assert as_text(record).split("\n") == [
        *("✗ label", "  It is off.", "  came back: 1", "  expected:  2"),
        "  Likely cause: the sign.",
    ]
