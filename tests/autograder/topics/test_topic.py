"""Reading a topic: what its cells become, and every fault with its line and remedy."""

from __future__ import annotations

import warnings

import pytest

from autograder.errors import AutograderError
from autograder.topics.topic import parse
from tests.support.toy_topic import NAME, TEXT, write

EXPLAIN = TEXT[TEXT.index('# %% [markdown] task="explain"') :]
TEST = TEXT[TEXT.index('# %% test="triple"') : TEXT.index('# %% [markdown] task="explain"')]
TASK = TEXT[TEXT.index('# %% task="triple"') : TEXT.index('# %% test="triple"')]


def read(folder, text=TEXT):
    return parse(write(folder, text))


def swap(old, new, count=1):
    assert old in TEXT
    return TEXT.replace(old, new, count)


def test_cells_are_told_apart_by_their_headers(tmp_path):
    kinds = [(cell.kind, cell.grade_id, cell.points) for cell in read(tmp_path).cells]
    assert kinds == [
        ("prose", "", None),
        ("given", "given-data", None),
        ("task", "double", None),
        ("test", "test-double", 2),
        ("test", "test-double-array", 1.5),
        ("open", "", None),
        ("task", "triple", None),
        ("test", "test-triple", 1),
        ("question", "explain", 2),
    ]


def test_every_cell_knows_its_line(tmp_path):
    lines = TEXT.splitlines()
    for cell in read(tmp_path).cells:
        assert lines[cell.line - 1].startswith("# %%")
        assert lines[cell.first_line - 1].endswith(cell.source.split("\n")[0])


def test_line_of_prose_in_quotes(tmp_path):
    prose = '# %% [markdown]\n"""\nQuoted ### BEGIN SOLUTION\n"""\n\n'
    with pytest.raises(AutograderError, match=f"{NAME}.py:3: "):
        read(tmp_path, prose + TEXT.split("# ---\n\n")[1])


def test_an_ordinary_comment_is_no_shell_command(tmp_path):
    given = read(tmp_path).of("given")[0]
    assert "\n# cat and mouse, 100 %: an ordinary comment\n" in given.source


def test_a_magic_may_be_commented_out_for_python(tmp_path):
    topic = read(tmp_path, swap("print(data)", "# %matplotlib inline\nprint(data)"))
    assert topic.of("open")[0].source == "%matplotlib inline\nprint(data)"


def test_a_header_inside_a_string_begins_no_cell(tmp_path):
    topic = read(tmp_path, swap("print(data)", 'print("""\n# %% task="x"\n""")'))
    assert [cell.name for cell in topic.of("task")] == ["double", "triple"]


def test_given_text_is_locked_prose(tmp_path):
    given = read(tmp_path, swap("# %% [markdown]\n", '# %% [markdown] given="intro"\n')).cells[0]
    assert (given.kind, given.cell_type, given.grade_id) == ("given", "markdown", "given-intro")


def test_ids_stay_when_a_cell_is_added_after(tmp_path):
    before = {cell.id: cell.source for cell in read(tmp_path).cells}
    more = TEXT.replace('# %% task="triple"', '# %%\nprint(2)\n\n# %% task="triple"')
    more += "\n# %% [markdown]\n# The end.\n"
    after = {cell.id: cell.source for cell in read(tmp_path, more).cells}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_ids_are_unique_and_short_enough_for_any_name(tmp_path):
    name = "very_" * 30
    text = TEXT.replace("triple", name).replace("double", "at")
    ids = [cell.id for cell in read(tmp_path, text).cells]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64


FAULTS = {
    "unknown key": (
        swap('test="triple" points=1', 'test="triple" pionts=1'),
        '# %% test="triple"',
        'unknown header key "pionts": the keys are given, task, test, part, points',
    ),
    "words in a header": (
        swap('task="triple"', "task triple"),
        "# %% task triple",
        '"task triple" in the header is no key="value" pair',
    ),
    "unreadable header": (
        swap('test="triple" points=1', 'test="triple" points='),
        '# %% test="triple"',
        "cannot be read: write key=",
    ),
    "header without a space": (
        swap('# %% test="triple"', '# %%test="triple"'),
        '# %%test="triple"',
        "looks like a cell header",
    ),
    "three percent signs": (swap("# %%\nprint", "# %%% \nprint"), "# %%% ", "exactly two %"),
    "raw cell": (swap("# %%\nprint", "# %% [raw]\nprint"), "# %% [raw]", "a raw cell"),
    "two kinds": (
        swap('given="data"', 'given="data" task="data"'),
        '# %% given="data"',
        "only one of given and task",
    ),
    "bad name": (swap('task="triple"', 'task="tri-ple"'), 'task="tri-ple"', "letters, digits"),
    "bad part": (swap('part="array"', 'part="an array"'), 'part="an', "letters, digits"),
    "test without points": (
        swap('test="triple" points=1', 'test="triple"'),
        '# %% test="triple"',
        'cell test="triple": without points: write points=2',
    ),
    "needs no task": (
        swap('test="triple" points=1', 'test="triple" points=1 needs="half"'),
        '# %% test="triple"',
        'needs="half" names no other task',
    ),
    "a task that needs": (
        swap('task="triple"', 'task="triple" needs="double"'),
        '# %% task="triple"',
        "only a test needs other tasks",
    ),
    "zero points": (swap("points=1.5", "points=0"), "points=0", "not a number above 0"),
    "negative points": (swap("points=1.5", "points=-1"), "points=-1", "not a number above 0"),
    "points in words": (swap("points=1.5", 'points="two"'), 'points="two"', "not a number"),
    "true points": (swap("points=1.5", "points=True"), "points=True", "not a number"),
    "question without points": (
        swap('task="explain" points=2', 'task="explain"'),
        'task="explain"',
        "without points",
    ),
    "points on a task": (
        swap('task="triple"', 'task="triple" points=1'),
        '# %% task="triple"',
        "points belong to its test",
    ),
    "part on a task": (
        swap('task="triple"', 'task="triple" part="a"'),
        '# %% task="triple"',
        "part= belongs to tests only",
    ),
    "task without a solution": (
        swap(TASK, TASK.replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", "")),
        '# %% task="triple"',
        "a task without a solution: put it between ### BEGIN SOLUTION",
    ),
    "question without a solution": (
        swap(EXPLAIN, EXPLAIN.replace("BEGIN SOLUTION", "So").replace("END SOLUTION", "it is")),
        'task="explain"',
        "a task without a solution",
    ),
    "empty solution": (
        swap("    doubled_secretly = 2 * x\n    return doubled_secretly\n", "    # to do\n"),
        "    ### BEGIN SOLUTION",
        "the solution is empty",
    ),
    "unclosed marker": (
        swap("    return doubled_secretly\n    ### END SOLUTION\n", "    return 2 * x\n"),
        "    ### BEGIN SOLUTION",
        "BEGIN SOLUTION is not closed: add a line ### END SOLUTION",
    ),
    "nested marker": (
        swap("    doubled_secretly =", "    ### BEGIN SOLUTION\n    doubled_secretly ="),
        "    ### BEGIN SOLUTION\n    doubled",
        "BEGIN SOLUTION is inside BEGIN SOLUTION",
    ),
    "marker never opened": (
        swap("    ### BEGIN SOLUTION\n    doubled", "    doubled"),
        "    ### END SOLUTION",
        "END SOLUTION has no BEGIN SOLUTION before it",
    ),
    "marker beside code": (
        swap("    return doubled_secretly\n", "    return doubled_secretly  # END SOLUTION\n"),
        "    return doubled_secretly",
        "put the marker alone",
    ),
    "misspelt marker": (
        swap("### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST"),
        "### BEGIN HIDDEN TEST",
        "misspelt marker",
    ),
    "two tasks of one name": (
        swap(TASK, TASK + TASK),
        '# %% task="triple"',
        'cell task="triple": two tasks have one name, the first in line',
    ),
    "two tests of one name": (
        swap(TEST, TEST + TEST),
        '# %% test="triple"',
        'cell test="triple": two tests have one name',
    ),
    "two tests of one part": (
        swap("# %%\nprint", '# %% test="double" part="array" points=1\nassert True\n\n# %%\nprint'),
        '# %% test="double" part="array"',
        'cell test="double" part="array": two tests have one name',
    ),
    "two given cells of one name": (
        swap("# %%\nprint", '# %% given="data"\nprint'),
        '# %% given="data"',
        "two given cells have one name",
    ),
    "test of nothing": (
        swap(TEST, TEST.replace('test="triple"', 'test="tripel"')),
        '# %% test="tripel"',
        'no task is named "tripel"',
    ),
    "test before its task": (
        swap(TASK + TEST, TEST + TASK),
        '# %% test="triple"',
        "its task comes later, in line",
    ),
    "test of a question": (
        TEXT + '\n# %% test="explain" points=1\nassert True\n',
        '# %% test="explain"',
        "graded by a person",
    ),
    "task without a test": (
        swap(TEST, ""),
        '# %% task="triple"',
        'a task without a test: add a cell # %% test="triple" points=',
    ),
    "stub that does not parse": (
        swap(
            "    doubled_secretly = 2 * x\n    return", "    if x:\n        pass\n    return"
        ).replace("    ### BEGIN SOLUTION\n    if x:\n", "    if x:\n    ### BEGIN SOLUTION\n", 1),
        '# %% task="double"',
        "the stub that students get (the solution replaced by one raise statement) is not valid",
    ),
    "stub that stops the notebook": (
        swap(
            "    ### BEGIN SOLUTION\n    doubled_secretly = 2 * x\n    return doubled_secretly\n"
            "    ### END SOLUTION\n",
            "    return 2 * x\n\n\n### BEGIN SOLUTION\nanswer = double(21)\n### END SOLUTION\n",
        ),
        '# %% task="double"',
        "the stub would stop the student's notebook",
    ),
    "hidden part in the open": (
        swap("with checks.hidden():\n    assert", "assert"),
        "### BEGIN HIDDEN TESTS",
        "must be inside `with checks.hidden():`",
    ),
    "hidden part half in the open": (
        swap("### END HIDDEN TESTS", "assert double(5) == 10\n### END HIDDEN TESTS"),
        "### BEGIN HIDDEN TESTS",
        "must be inside",
    ),
    "empty hidden part": (
        swap("with checks.hidden():\n    assert double(-7.5) == -15.0\n", "# nothing\n"),
        "### BEGIN HIDDEN TESTS",
        "must be inside",
    ),
    "hidden test outside the hidden part": (
        swap("assert double(2) == 4\n", "with checks.hidden():\n    assert double(2) == 4\n"),
        '# %% test="double" points=2',
        "outside the hidden part reaches students",
    ),
    "hidden tests in an open cell": (
        swap("print(data)", "### BEGIN HIDDEN TESTS\nprint(data)\n### END HIDDEN TESTS"),
        "### BEGIN HIDDEN TESTS\nprint",
        "BEGIN HIDDEN TESTS belongs in a test cell",
    ),
    "solution in an open cell": (
        swap("print(data)", "### BEGIN SOLUTION\nprint(data)\n### END SOLUTION"),
        "### BEGIN SOLUTION\nprint",
        "BEGIN SOLUTION belongs in a task cell",
    ),
    "solution in a given cell": (
        swap("data = np.arange(3.0)", "### BEGIN SOLUTION\ndata = 1\n### END SOLUTION"),
        "### BEGIN SOLUTION\ndata",
        "BEGIN SOLUTION belongs in a task cell",
    ),
    "solution in a test": (
        swap("assert double(2) == 4", "### BEGIN SOLUTION\nassert 1\n### END SOLUTION"),
        "### BEGIN SOLUTION\nassert",
        "BEGIN SOLUTION belongs in a task cell",
    ),
    "solution in prose": (
        swap("# Doubling, and why.", "# ### BEGIN SOLUTION\n# 2 x\n# ### END SOLUTION"),
        "# ### BEGIN SOLUTION\n# 2 x",
        "BEGIN SOLUTION belongs in a task cell",
    ),
    "mark scheme in a task": (
        swap("    return 3 * x\n    ###", "    return 3 * x\n    ###").replace(
            "    ### END SOLUTION\n\n\ndef six",
            "    ### END SOLUTION\n    ### BEGIN MARK SCHEME\n    ### END MARK SCHEME\n\n\ndef six",
        ),
        "    ### BEGIN MARK SCHEME",
        "BEGIN MARK SCHEME belongs in a written question",
    ),
    "cell that is no Python": (
        swap("print(data)", "print(data)\nprint(data"),
        "print(data\n",
        "open cell: the cell is not valid Python",
    ),
    "cell that Python warns of": (
        swap("print(data)", 'print("\\sigma")'),
        'print("\\sigma")',
        "is not valid Python (invalid escape sequence",
    ),
    "empty cell": (swap("print(data)\n", ""), "# %%\n\n", "the cell is empty"),
    "text before the first header": ("x = 1\n\n" + TEXT, "x = 1", "before the first cell"),
    "no task": ("# %%\nprint(1)\n", "# %%", "the topic has no task"),
    "nothing": ("", "", "the topic has no task"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_names_file_line_and_remedy(fault, tmp_path):
    text, where, message = FAULTS[fault]
    path = write(tmp_path, text)
    with pytest.raises(AutograderError) as caught:
        parse(path)
    # The second of two is the one to blame.
    start = text.rindex(where) if fault.startswith("two ") else text.index(where)
    line = text[:start].count("\n") + 1
    reports = [r for r in str(caught.value).splitlines() if r.startswith(f"{path}:{line}: ")]
    assert any(message in report for report in reports), str(caught.value)


def test_several_faults_are_told_at_once(tmp_path):
    text = swap("### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TEST").replace(TEST, "")
    with pytest.raises(AutograderError) as caught:
        read(tmp_path, text)
    told = str(caught.value)
    assert "misspelt marker" in told
    assert "a task without a test" in told


def test_missing_file(tmp_path):
    with pytest.raises(AutograderError, match=r"there is no such file.*solutions/TOPIC/TOPIC.py"):
        parse(tmp_path / NAME / f"{NAME}.py")


def test_not_text(tmp_path):
    path = write(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(AutograderError, match="UTF-8"):
        parse(path)


def test_name_must_be_the_folders(tmp_path):
    path = write(tmp_path)
    other = path.rename(path.with_name("toy.py"))
    with pytest.raises(AutograderError, match=f'named "toy", its folder "{NAME}"'):
        parse(other)


def test_reading_warns_of_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(tmp_path)


def test_a_limit_stands_in_the_header_of_its_cell_or_of_the_title(tmp_path):
    text = swap('test="triple" points=1', 'test="triple" points=1 limit_s=90')
    topic = read(tmp_path, text.replace("# %% [markdown]", "# %% [markdown] limit_s=240", 1))
    assert topic.limit_s == 240
    assert [cell.limit_s for cell in topic.cells if cell.grade_id == "test-triple"] == [90]
    assert {cell.limit_s for cell in topic.of("task", "given", "question")} == {None}


@pytest.mark.parametrize("value", ["0", "-1", '"long"', "true", "1e999"])
def test_a_limit_that_is_none_is_refused(tmp_path, value):
    text = swap('test="triple" points=1', f'test="triple" points=1 limit_s={value}')
    with pytest.raises(AutograderError, match="is not a number above 0"):
        read(tmp_path, text)


def test_a_limit_in_a_cell_without_a_name_is_refused(tmp_path):
    text = swap("# %%\nprint(data)", "# %% limit_s=5\nprint(data)")
    with pytest.raises(AutograderError, match="belongs to a given, task or test cell"):
        read(tmp_path, text)
