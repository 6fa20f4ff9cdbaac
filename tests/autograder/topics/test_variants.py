"""Other answers: read from their file, put into notebooks, handed in."""

from __future__ import annotations

import nbformat
import pytest

from autograder.errors import AutograderError
from autograder.topics.solved_notebooks import apply, submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from autograder.topics.variants import load, right, wrong
from tests.support.toy_topic import NAME, TEXT, VARIANTS, write


@pytest.fixture
def built(tmp_path) -> nbformat.NotebookNode:
    return build_source(parse(write(tmp_path)))


@pytest.fixture
def variants(tmp_path):
    return load(file(tmp_path, VARIANTS))


def file(folder, text):
    path = folder / "variants.py"
    path.write_text(text, encoding="utf-8")
    return path


def cell(notebook, name):
    return next(c for c in notebook.cells if c.id == name)


def run(notebook, *names):
    """Run some cells and return what they define."""
    namespace: dict = {}
    for name in names:
        exec(cell(notebook, name).source, namespace)
    return namespace


def stub(notebook):
    """Return a stand-in for the released notebook."""
    released = nbformat.from_dict(notebook)
    for c in released.cells:
        if c.metadata.get("nbgrader", {}).get("solution"):
            c.source = "untouched"
    return released


def test_marks_leave_functions_alone():
    def answer():
        return 42

    assert right(answer) is answer
    assert wrong(loses=["a"], diagnosis="sign")(answer) is answer
    with pytest.raises(TypeError):
        wrong(answer)


def test_load_tells_all_about_each_variant(variants):
    first, second, third = variants
    assert (first.name, first.kind, first.loses, first.diagnosis) == ("double", "right", (), None)
    assert first.source == 'def double(x):\n    """Adds."""\n    return np.add(x, x)'
    assert first.doc == "Adds."
    assert VARIANTS.split("\n")[first.line - 1] == "def double(x):"
    assert (second.kind, second.loses) == ("wrong", ("double", "double-array"))
    assert (second.diagnosis, second.doc) == ("factor-half", "Halves.")
    assert second.source.startswith("def double(x):\n")
    assert second.source.endswith("    return half(x)")
    assert (third.name, third.diagnosis, third.doc) == ("six_times", None, "")


FAULTS = {
    "unmarked": ("def double(x):\n    return x\n", "variants.py:1: double: mark it with one of"),
    "async": ("async def double(x):\n    return x\n", "double: mark it"),
    "marked twice": ("@right\n@right\ndef double(x):\n    return x\n", "double: mark it with one"),
    "other mark": ("@cache\ndef double(x):\n    return x\n", "write @right or @wrong"),
    "bare wrong": ("@wrong\ndef double(x):\n    return x\n", "write @right or @wrong"),
    "loses nothing": ("@wrong(diagnosis='a')\ndef double(x):\n    return x\n", "name the tests"),
    "loses a string": ("@wrong(loses='double')\ndef double(x):\n    return x\n", "name the tests"),
    "loses numbers": ("@wrong(loses=[1])\ndef double(x):\n    return x\n", "list of tests"),
    "diagnosis": ("@wrong(loses=['a'], diagnosis=1)\ndef double(x):\n    return x\n", "is a name"),
    "by position": ("@wrong(['a'])\ndef double(x):\n    return x\n", "by name"),
    "misspelt": ("@wrong(looses=['a'])\ndef double(x):\n    return x\n", "by name"),
    "computed": ("@wrong(loses=TESTS)\ndef double(x):\n    return x\n", "write loses and"),
    "no Python": ("def double(x:\n", "variants.py:1: "),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_the_file(fault, tmp_path):
    text, message = FAULTS[fault]
    with pytest.raises(AutograderError) as caught:
        load(file(tmp_path, text))
    assert message in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(AutograderError, match=r"variants.py: cannot be read"):
        load(tmp_path / "variants.py")


def test_apply_replaces_one_function_and_keeps_the_rest(built, variants):
    changed = apply(built, [variants[2]])
    names = run(changed, "triple")
    assert names["triple"](2) == 6
    assert names["six_times"](2) == 6
    assert "SOLUTION" not in cell(changed, "triple").source
    assert cell(changed, "double").source == cell(built, "double").source
    assert run(built, "triple")["six_times"](2) == 12, "the given notebook is changed"


def test_apply_keeps_text_around_the_function(tmp_path, variants):
    text = TEXT.replace(
        "def double(x):",
        "import functools\n\n# %time about caches\n\n\n@functools.cache\ndef double(x):",
    )
    text = text.replace(
        "    ### END SOLUTION\n\n\n# %% test", "    ### END SOLUTION\n\n\nb = 1\n\n# %% test", 1
    )
    changed = cell(apply(build_source(parse(write(tmp_path, text))), [variants[1]]), "double")
    assert changed.source == (
        f"import functools\n\n%time about caches\n\n\n{variants[1].source}\n\n\nb = 1"
    )


def test_apply_takes_a_class(tmp_path, built):
    found = load(file(tmp_path, '@right\nclass double:\n    """Calls."""\n    x = 1\n'))
    assert run(apply(built, found), "double")["double"].x == 1


def test_apply_prefers_the_cell_named_after_the_function(tmp_path, variants):
    text = TEXT.replace("def six_times(x):", "def double(x):").replace("assert six_times(2)", "#")
    changed = apply(build_source(parse(write(tmp_path, text))), [variants[0]])
    assert "np.add" in cell(changed, "double").source
    assert "np.add" not in cell(changed, "triple").source


def test_apply_without_such_a_function(tmp_path, built):
    found = load(file(tmp_path, "@right\ndef twice(x):\n    return 2 * x\n"))
    with pytest.raises(AutograderError, match=r"variants.py:2: no task's cell defines twice"):
        apply(built, found)


def test_submission_of_everything(built):
    done = submission(stub(built), built)
    names = run(done, "double", "triple")
    assert names["double"](2) == 4
    assert names["six_times"](2) == 12
    explained = cell(done, "explain").source
    assert "multiple of two" in explained
    assert "Two points" not in explained
    assert not [c.id for c in done.cells if c.id in ("double", "explain") and "###" in c.source]


def test_submission_of_some_tasks_and_a_wrong_answer(built, variants):
    done = submission(stub(built), built, solved=["triple"], replace=[variants[1]])
    assert run(done, "double")["double"](2) == 1
    assert run(done, "triple")["triple"](2) == 6
    assert cell(done, "explain").source == "untouched"
    assert submission(stub(built), built, solved=[]).cells == stub(built).cells


def test_submission_has_the_students_tests_and_no_outputs(built):
    released = stub(built)
    cell(released, "test-double").source = "visible"
    cell(released, "double").outputs = [nbformat.v4.new_output("stream", text="x")]
    done = submission(released, built)
    assert cell(done, "test-double").source == "visible"
    assert cell(done, "double").outputs == []


def test_submission_of_an_unknown_task(built):
    with pytest.raises(AutograderError, match="no task quadruple: the tasks are double, triple"):
        submission(stub(built), built, solved=["quadruple"])


def test_every_variant_of_the_toy_fits(built, variants):
    for variant in variants:
        changed = apply(built, [variant])
        assert changed.cells[0] == built.cells[0]
        assert NAME not in cell(changed, "double").source
