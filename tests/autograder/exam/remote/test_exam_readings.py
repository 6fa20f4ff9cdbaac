"""What a test reads of the candidate is one value until the test calls student code again."""

import numpy as np
import pytest

from autograder.exam.remote.readings import Pass, Readings
from tests.support.toy_exam import check, errors, given, notebook

# Each makes something that answers otherwise every time it is asked; ``turn`` counts.
CHANGEABLE = """
import itertools
import numpy as np

turns = itertools.count()

def turn():
    return next(turns) % 2

class Array:
    def __array__(self, dtype=None, copy=None):
        return np.full((2, 3), float(turn()))

class Growing:
    def __array__(self, dtype=None, copy=None):
        return np.zeros((2 + turn(), 3))

class Shaped(Array):
    shape = property(lambda self: (2 + turn(), 3))
    dtype = np.dtype(np.int8)
    def __len__(self):
        return 7

class Number:
    def __float__(self):
        return float(turn())

class Index:
    def __index__(self):
        return turn()

class Unsure:
    def __bool__(self):
        return bool(turn())
    def __len__(self):
        return 2 + turn()
    def __repr__(self):
        return f"turn {turn()}"

class Attributes:
    data = property(lambda self: np.full(3, turn()))
    def __getattr__(self, name):
        if turn():
            raise AttributeError(name)
        return 5

class Listed(list):
    def __iter__(self):
        return iter([np.full(2, turn())] * 2)
    def __len__(self):
        return 2

class Unsized:
    def __iter__(self):
        yield turn()
        yield from (turn(), turn())

class Long(list):
    def __len__(self):
        return 3

class Items:
    def __getitem__(self, key):
        return np.full(2, turn())

class Restarting:
    def __iter__(self):
        return self
    def __next__(self):
        if turn():
            raise StopIteration
        return 1

class Inner:
    def __getitem__(self, key):
        return Array()

class Names(dict):
    def __getitem__(self, name):
        if name != "function":
            return super().__getitem__(name)
        return (abs, len)[turn()]
    def __contains__(self, name):
        return name == "function" or super().__contains__(name)
"""

STEADY = {
    "array": ("Array()", "first = np.asarray(it)\nassert (np.asarray(it) == first).all()"),
    "compared": ("Array()", "first = it + 0\nassert (it == first).all() and (-it == -first).all()"),
    "shape": ("Growing()", "assert np.shape(it) == (it + 0).shape == np.shape(it)"),
    "claimed shape": (
        "Shaped()",
        "assert it.shape == (2, 3) == np.shape(it) == it.shape\nassert len(it) == 2\n"
        "assert it.dtype == np.asarray(it).dtype == float",
    ),
    "float": ("Number()", "assert float(it) == float(it) == it + 0 == np.asarray(it) == abs(it)"),
    "format": ("Number()", "assert f'{it:.1f}' == f'{it:.1f}' == f'{float(it):.1f}'"),
    "index": ("Index()", "assert [0, 1][it] == int(it) == it + 0 == [0, 1][it]"),
    "bool": ("Unsure()", "assert bool(it) == bool(it)\nassert len(it) == len(it)"),
    "repr": ("Unsure()", "assert repr(it) == repr(it)"),
    "attribute": ("Attributes()", "first = it.data\nassert (it.data == first).all()"),
    "missing": ("Attributes()", "assert hasattr(it, 'some') == hasattr(it, 'some')"),
    "list": (
        "Listed()",
        "first = list(it)\nassert np.array_equal(first, list(it))\n"
        "assert np.array_equal(np.asarray(it), first)",
    ),
    "iterable": ("Unsized()", "first = list(it)\nassert list(it) == first == list(it)"),
    "item": ("Items()", "first = it[0]\nassert (it[0] == first).all() and (it[0] == first).all()"),
    "item of an item": ("Inner()", "first = it[0] + 0\nassert (np.asarray(it[0]) == first).all()"),
    "end": ("Restarting()", "list(it)\nassert list(it) == list(it) == []"),
    "inside": ("[Array(), (Array(),)]", "first = it[1][0] + 0\nassert (it[1][0] == first).all()"),
}


@pytest.fixture(scope="module")
def steady(examine):
    made = [check(f"it = make_{i}()\n{test}", n) for i, (n, (_, test)) in enumerate(STEADY.items())]
    makers = [f"def make_{i}():\n    return {v}" for i, (v, _) in enumerate(STEADY.values())]
    return errors(examine(notebook(given("import numpy as np"), CHANGEABLE, *makers, *made)))


@pytest.mark.parametrize("name", STEADY)
def test_what_is_read_twice_is_the_same(steady, name):
    assert steady[name] is None


def test_a_name_means_one_object_between_two_calls(examine):
    result = examine(
        notebook(
            CHANGEABLE,
            "data = np.zeros(3)",
            "get_ipython().user_ns = Names(get_ipython().user_ns)",
            check("first = function\nassert function is first is function", "function"),
            check("data[0] = 5\nassert data[0] == 0", "test-copy"),
        )
    )
    assert errors(result) == {"function": None, "test-copy": None}


def test_an_object_that_says_too_much_is_no_container(examine):
    cells = [
        check(
            f"try:\n    list({made})\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError",
            made,
        )
        for made in ("short", "long")
    ]
    result = examine(
        notebook(CHANGEABLE, "short = Long([1, 2])", "long = Long([1, 2, 3, 4])", *cells)
    )
    assert errors(result) == {"short": None, "long": None}


def test_calls_in_between_are_seen(examine):
    """Everything that student code does when a test lets it is seen by the test."""
    result = examine(
        notebook(
            given("import numpy as np"),
            """
            import numpy as np

            class Weights:
                def __init__(self):
                    self.values, self.log = np.zeros(2), []
                def __array__(self, dtype=None, copy=None):
                    return self.values
                def __iter__(self):
                    return iter(self.values)
                def __getitem__(self, key):
                    return self.values[key]
                def step(self):
                    self.values = self.values + 1
                    self.log.append(len(self.log))
                def __setitem__(self, key, value):
                    self.values = np.array(self.values)
                    self.values[key] = value

            weights, count = Weights(), 0

            def train():
                global count
                count += 1
                weights.step()

            def training():
                while True:
                    train()
                    yield weights

            def minimise(loss):
                train()
                loss()
                train()
                return loss()
            """,
            check(
                """
                it = weights
                assert np.asarray(it)[0] == 0 and count == 0 and list(it) == [0, 0]
                train()
                assert np.asarray(it)[0] == 1 and count == 1 and list(it) == [1, 1]
                it.step()
                assert it[0] == 2
                assert it.log == [0, 1]
                it[0] = 9
                assert np.asarray(it).tolist() == [9, 2]
                it.values = np.ones(2)
                assert np.asarray(it).tolist() == [1, 1]
                steps = training()
                assert [float(np.asarray(next(steps))[0]) for _ in range(2)] == [2, 3]
                assert np.asarray(it)[0] == 3
                seen = []
                minimise(lambda: seen.append(float(np.asarray(it)[0])))
                assert seen == [4, 5], seen
                assert np.asarray(it)[0] == 5
                """
            ),
        )
    )
    assert errors(result) == {"test-it": None}


def test_a_test_may_change_what_it_has_read():
    readings = Readings()

    def read():
        return readings.once("owner", ("value", 1), lambda: [np.zeros(2), {"a": [1]}])

    first = read()
    first[0][0], first[1]["a"][0] = 5, 7
    assert read()[0][0] == 0
    assert read()[1] == {"a": [1]}


def test_questions_are_told_apart_by_type():
    readings, asked = Readings(), []
    keys = [1, True, 1.0, "1", slice(1), (1,), (True,), None, np.arange(2), np.int8(1), ...]
    for _ in range(2):
        for key in keys:
            readings.once("owner", ("item", key), lambda key=key: asked.append(key))
    assert len(asked) == len(keys)
    readings.once("another", ("item", 1), lambda: asked.append(1))
    readings.forget()
    readings.once("owner", ("item", 1), lambda: asked.append(1))
    assert len(asked) == len(keys) + 2


def test_an_endless_pass_has_a_beginning():
    numbers = iter(range(10**9))
    endless = Pass(lambda: next(numbers), None)
    for _ in range(2):
        assert [number for number, _ in zip(endless, range(3), strict=False)] == [0, 1, 2]
