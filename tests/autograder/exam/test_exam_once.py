"""What a given cell computes by `once` is computed in one of the two processes alone."""

import pytest
from toy_exam import check, errors, given, notebook, passed

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
    result = examine(notebook(given(DEAR), "os._exit(1)", MINE, SAME))
    assert passed(result) == {"test-it": True}


def test_what_a_student_makes_of_once_counts_only_there(examine):
    lie = (
        "import nnkit.once\nnnkit.once.made['dear(8,)'] = nnkit.once.handed['dear(8,)'] = [0, 0]\n"
        "def dear(seed):\n    return [0, 0]"
    )
    late = given("again = once(dear, 8)[0]", "given-late")
    look = check("assert np.array_equal(again, [8, 8, 8])")
    assert errors(examine(notebook(given(DEAR), lie, late, look))) == {"test-it": None}


def test_what_cannot_be_handed_over_is_computed_there(examine):
    source = "from nnkit.once import once\n\ndef dear():\n    return object()\n\nthing = once(dear)"
    look = check("assert mine()")
    result = examine(notebook(given(source), "def mine(): return type(thing) is object", look))
    assert passed(result) == {"test-it": True}
    assert any("computed again" in remark for remark in result.remarks)


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
