"""The automatic mutants: the faults that people make, each once, and none outside the solution."""

import ast

import pytest

from autograder.audit.mutants import mutants


def task(body: str) -> str:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return (
        f'def f(x, y):\n    """Doc 1."""\n    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION\n'
    )


def became(body: str) -> set[str]:
    return {mutant.became for mutant in mutants("f", task(body))}


@pytest.mark.parametrize(
    ("body", "some"),
    [
        ("return x + y", {"return x - y", "return x", "return y"}),
        ("return x - y", {"return x + y", "return y - x", "return x", "return y"}),
        ("return x @ y", {"return y @ x", "return x"}),
        ("return x / y", {"return x * y", "return y / x", "return x"}),
        ("return x ** 2", {"return x * 2", "return 2 ** x", "return x", "return x ** 3"}),
        ("return -x", {"return x"}),
        ("return x < y", {"return x <= y", "return x >= y"}),
        ("return x and y", {"return x or y", "return x", "return y"}),
        ("return x if y else 0", {"return x", "return 0", "return x if y else 1"}),
        ("return x.sum(axis=0)", {"return x", "return x.sum()", "return x.sum(axis=1)"}),
        ("return g(x, y)", {"return x", "return g(y, x)"}),
        ("return x[1:]", {"return x[:]", "return x[2:]", "return x[0:]"}),
        ("return True", {"return False"}),
        ("return 0.5", {"return 1.5"}),
        ("x += y\nreturn x", {"x -= y", "x = y", "pass"}),
        ("x[0] = y\nreturn x", {"pass", "x[1] = y"}),
        ("x.sort()\nreturn x", {"pass", "x"}),
        ("if x:\n    y = 2\nreturn y", {"if True:", "if False:", "y = 3"}),
        ("while x:\n    break", {"pass"}),
        ("return x in y", {"return x not in y"}),
    ],
)
def test_each_fault_is_made(body, some):
    assert became(body) == some


@pytest.mark.parametrize(
    "body",
    [
        'raise ValueError("1 of 2: " + x)',
        "print(x + 1)\nreturn x",
        "assert x == 1",
        "return f'{x + 1} of 2'",
        "import os",
        "'''Text 1.'''\nreturn x",
        "return np.array(x, dtype=float)",
        "return list(x)",
        "return 'same'",
    ],
)
def test_what_only_speaks_or_changes_the_form_is_left_alone(body):
    assert became(body) == set()


def test_what_is_given_is_left_alone():
    text = "LIMIT = 3\n" + task("return x * y") + "\n\ndef given(z):\n    return z + 1\n"
    found = mutants("f", text)
    assert {mutant.became for mutant in found} == {"return x / y", "return x", "return y"}
    assert all("return z + 1" in mutant.source for mutant in found)


def test_every_mutant_is_python_differs_and_comes_once():
    text = task("z = x + y\nz = x + y\nreturn z * 1 - (x[0] if y else 2) ** 2")
    found = mutants("f", text)
    sources = [mutant.source for mutant in found]
    assert len(set(sources)) == len(sources)
    for source in sources:
        compile(source, "mutant", "exec")
        assert ast.unparse(ast.parse(source)) != ast.unparse(ast.parse(text))
    assert len({mutant.key for mutant in found}) == len(found)
    assert [m.count for m in found if m.became == "z = x - y"] == [1, 2]


def test_magics_are_understood():
    text = "%matplotlib inline\n" + task("return x + 1")
    assert "return x - 1" in {mutant.became for mutant in mutants("f", text)}
