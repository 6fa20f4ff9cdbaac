"""What a given cell computes by `once` is computed in one of the two processes alone."""

import pytest

from autograder.exam.messages import Cell, Role
from autograder.exam.notebook.once_cache import OnceCache
from autograder.remarks import texts
from tests.support.toy_exam import check, errors, given, notebook, passed, text

pytestmark = pytest.mark.slow

DEAR = """
import os
import numpy as np
from nnkit.once import once

def dear(seed):
    return [np.full(3, seed), os.getpid()]

numbers, where = once(dear, 7)
"""
MINE = "def mine():\n    return numbers, where, os.getpid()"
SAME = check(
    """
    theirs, computed_in, own = mine()
    assert np.array_equal(theirs, numbers) and np.array_equal(numbers, [7, 7, 7])
    assert computed_in == where == os.getpid() != own
    """
)


def test_the_candidate_is_handed_what_the_examiner_computed(examine):
    assert passed(examine(notebook(given(DEAR), MINE, SAME))) == {"test-it": True}


def test_a_second_candidate_is_handed_it_too(examine):
    result = examine(notebook(given(DEAR + "again = 1"), "os._exit(1)", MINE, SAME))
    assert passed(result) == {"test-it": True}


def test_what_a_student_makes_of_once_counts_only_there(examine):
    lie = "get_ipython().once = lambda name, compute: [0, 0]\ndef dear(seed):\n    return [0, 0]"
    late = given("again = once(dear, 8)[0]", "given-late")
    look = check("assert np.array_equal(again, [8, 8, 8])")
    assert errors(examine(notebook(given(DEAR), lie, late, look))) == {"test-it": None}


def test_what_cannot_be_handed_over_is_computed_there(examine):
    source = "from nnkit.once import once\n\ndef dear():\n    return object()\n\nthing = once(dear)"
    look = check("assert mine()")
    result = examine(notebook(given(source), "def mine(): return type(thing) is object", look))
    assert passed(result) == {"test-it": True}
    assert any("computed again" in remark for remark in texts(result.remarks))


def test_a_model_can_be_handed_over(examine):
    source = """
    import keras
    from nnkit.once import once

    def network():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])

    model = once(network)
    """
    look = check("assert np.array_equal(weights(), model.get_weights()[0])")
    mine = "def weights(): return model.get_weights()[0]"
    result = examine(notebook(given("import numpy as np"), given(source), mine, look))
    assert passed(result) == {"test-it": True}


def test_a_class_computes_it_once(exam_pool):
    students = [MINE, "def mine():\n    return list(numbers), where, os.getpid()"]
    lone = given(DEAR.replace("7", "11"))
    same = check("shown = mine()[1]\nprint(shown)")
    first, second = (exam_pool.examine(notebook(lone, mine, same)) for mine in students)
    assert text(first.notebook.cells[2]) == text(second.notebook.cells[2])
    other = given(DEAR.replace("7", "11") + "\nmore = 1")  # other cells may compute other things
    third = exam_pool.examine(notebook(other, MINE, same))
    assert text(third.notebook.cells[2]) != text(first.notebook.cells[2])


def test_who_comes_first_draws_what_the_next_one_draws(exam_pool):
    source = (
        "import numpy as np, keras\nfrom nnkit.once import once\n"
        "def dear():\n    np.random.rand(5)\n"
        "    return keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.5)])\n"
        "model = once(dear)\ndrawn = [np.random.rand(), model(np.ones((20, 2)), training=True)]"
    )
    mine = "def mine():\n    return repr(drawn)"
    cells = [given(source), mine, check("print(repr(drawn), mine())\nassert repr(drawn) == mine()")]
    results = [exam_pool.examine(notebook(*cells)) for _ in range(2)]
    assert [passed(result) for result in results] == [{"test-it": True}] * 2
    first, second = (text(result.notebook.cells[2]) for result in results)
    assert first == second != ""


def test_what_is_kept_is_each_ones_own(exam_pool):
    source = "import numpy as np\nfrom nnkit.once import once\nzeros = once(np.zeros, 3)"
    spoil = "zeros += 1\ndef mine():\n    return zeros"
    look = check("zeros -= mine()\nassert np.array_equal(zeros, -np.ones(3))")
    for _ in range(2):
        assert passed(exam_pool.examine(notebook(given(source), spoil, look))) == {"test-it": True}


def test_too_much_to_keep_is_computed_on_both_sides(examine):
    source = "import numpy as np\nfrom nnkit.once import once\nmuch = once(np.ones, 3 * 10**6)"
    look = check("assert mine() == len(much) == np.sum(much)")
    result = examine(notebook(given(source), "def mine(): return float(np.sum(much))", look))
    assert passed(result) == {"test-it": True}
    assert any("larger than 16 MB" in remark for remark in texts(result.remarks))


def test_the_shelf_forgets_what_was_not_asked_for_the_longest():
    once_cache = OnceCache(most_bytes=10)
    one, two, three = ([Cell(0, Role.GIVEN, name, 0)] for name in "abc")
    for cells, size in ((one, 5), (two, 5)):
        (cell,) = once_cache.hand_out(cells)
        assert cell.known == {}
        once_cache.keep(cell.once_cache, {"call": [b"x" * size, []]})
    once_cache.hand_out(one)
    (cell,) = once_cache.hand_out(three)
    once_cache.keep(cell.once_cache, {"call": [b"xx", [b"xx"]]})
    for cells, known in ((one, True), (two, False), (three, True)):
        (cell,) = once_cache.hand_out(cells)
        assert bool(cell.known) == known
