"""What a test says of an answer that it could not use: whose code failed, and what came back."""

import pytest

from tests.support.toy_exam import check, errors, given, notebook

SETUP = given("import functools\nimport numpy as np\nfrom nnkit import checks")
HIDDEN = "with checks.hidden():\n    {}"
STAND_INS = {
    "async def f(x):\n    return x": "a coroutine, not its result (`async def` makes one: write",
    "async def f(x):\n    yield x": "an async generator, not its result",
    "def f(x):\n    yield x": "a generator, which gives its values only once",
    "def f(x):\n    return (v for v in x)": "a generator, which gives its values only once",
    "def f(x):\n    return map(abs, x)": "a generator, which gives its values only once",
    "def f(x):\n    return lambda: x": "a function, not its result",
    "def f(x):\n    return functools.partial(abs, x)": "a function, not its result",
    "def f(x):\n    return np.ndarray": "a class, not its result",
    "class f:\n    def __init__(self, x):\n        self.x = x": "an object of type f",
    "def f(x):\n    return {'a': 1}.keys()": "an object of type dict_keys",
    "def f(x):\n    return print": "a function, not its result",
    "def f(x):\n    return None": "None",
}


@pytest.fixture(scope="module")
def results(examine):
    """Return what each test says of each stand-in; all are judged in one exam."""
    cells, names = [SETUP], {}
    tests = {
        "close": "checks.close({f}(np.ones(2)), np.ones(2), 'it')",
        "parts": "checks.close({f}(np.ones(2)), (np.ones(2), np.ones(3)), 'it')",
        "same": "checks.same({f}, lambda x: x, [(np.ones(2),)], 'it')",
        "holds": "checks.holds({f}(np.ones(2)), 'it', 'it is not')",
        "gradient": "checks.gradient({f}, np.ones(2), np.ones(2), 'it')",
        "item": "{f}(np.ones(2))[0] + 1.0",
        "length": "len({f}(np.ones(2))) + [][0]",
        "loop": "for v in {f}(np.ones(2)): float(v) + [][0]",
        "sum": "{f}(np.ones(2)) + 1.0 + [][0]",
    }
    for place, source in enumerate(STAND_INS):
        cells.append(
            source.replace("def f(", f"def f{place}(").replace("class f:", f"class f{place}:")
        )
        for kind, test in tests.items():
            name = f"test-{place}-{kind}"
            names[name] = source, kind
            cells.append(check(test.format(f=f"f{place}"), name))
    found = errors(examine(notebook(*cells)))
    return {names[name]: error for name, error in found.items()}


@pytest.mark.parametrize("source", STAND_INS)
def test_no_stand_in_is_called_by_a_word_of_the_graders(results, source):
    said = {kind: error for (of, kind), error in results.items() if of == source}
    if STAND_INS[source].startswith("an object"):
        del said["holds"]  # true, as any object is
    assert all(said.values()), said
    for word in ("Proxy", "Record", "RemoteError", "Unusable"):
        assert word not in str(said)
    for kind in ("close", "same"):
        assert STAND_INS[source] in said[kind], said[kind]


@pytest.mark.parametrize(
    ("answer", "test", "raised", "words"),
    [
        ("return None", "f(1.0)[0]", False, "None"),
        ("return None", "a, b = f(1.0)", False, "None"),
        ("return (1, 2, 3)", "a, b = f(1.0)", False, "a tuple"),
        ("return 5", "f(1.0)[0]", False, "a number"),
        ("return {'a': 1}", "f(1.0)['b']", False, "a dictionary"),
        ("return [1]", "f(1.0)[3]", False, "a list"),
        ("return np.ones(2)", "f(1.0).reshape(3)", False, "an array"),
        ("return 'x'", "f(1.0) + 1", False, "a text"),
        ("return lambda: 1", "f(1.0).shape", False, "a function"),
        ("return None", "helper(f)", False, "None"),
        ("return x[0]", "f(1.0)", True, ""),
        ("return helper(lambda y: None)", "f(1.0)", True, ""),
        ("return 1", "f(1.0, 2.0)", True, ""),
        ("return g(x)", "f(1.0)", True, ""),
    ],
)
def test_an_error_is_the_students_only_if_their_code_raised_it(
    examine, answer, test, raised, words
):
    result = examine(
        notebook(
            SETUP,
            given("def helper(function):\n    return function(1.0)[0]", "given-helper"),
            "%%time\ndef g(x):\n    return x[0]",
            f"def f(x):\n    {answer}",
            check(HIDDEN.format(test), "test-hidden"),
            check(test, "test-open"),
        )
    )
    found = errors(result)
    assert ("your code raised" in found["test-hidden"]) == raised, found
    assert words in found["test-hidden"]
    assert ("your code had returned" in found["test-open"]) != raised, found
    assert words in found["test-open"]


def test_a_type_is_not_named_by_what_a_hidden_test_gives(examine):
    tells = "def f(x):\n    return type(f'V{int(x)}', (), {})()"
    hidden = "    checks.close(f(86420.0), 1.0, 'it')\n"
    tests = [
        hidden,
        "    f(86420.0)[0]\n",
        "    f(86420.0) + 1\n",
        "    checks.holds(f(86420.0).y, 'it', '')",
    ]
    cells = [check("with checks.hidden():\n" + t, f"test-{n}") for n, t in enumerate(tests)]
    result = examine(notebook(SETUP, tells, *cells))
    assert all(errors(result).values())
    assert "86420" not in str([cell.outputs for cell in result.notebook.cells])
