"""Which name a test means."""

import pytest

from autograder.exam.notebook.namespace import ExamNamespace, class_names
from tests.support.toy_exam import check, errors, given, notebook, passed

SOURCE = """
def decorate(function):
    return function

@decorate
def outer(a=student_default):
    def inner():
        return student_in_closure
    return inner(), [student_in_comprehension for _ in range(2)], (lambda: student_in_lambda)()

for _ in range(100):  # often enough for the interpreter to specialise its look-ups
    found = outer()

class Thing:
    inherited = [student_in_class_comprehension for _ in range(1)]
    def method(self):
        return student_in_method

def count():
    global student_counter
    student_counter = student_counter + "!"

count()
everything = (found, Thing.inherited, Thing().method(), student_counter, student_at_top)
"""


def namespace():
    names = ExamNamespace(mine=1)
    names.lookup = lambda name: f"<{name}>" if name.startswith("student") else _missing(name)
    return names


def _missing(name):
    raise KeyError(name)


def test_free_names_are_asked_wherever_they_stand():
    names = namespace()
    exec(compile(SOURCE, "cell", "exec"), names, names)
    assert names["everything"] == (
        ("<student_in_closure>", ["<student_in_comprehension>"] * 2, "<student_in_lambda>"),
        ["<student_in_class_comprehension>"],
        "<student_in_method>",
        "<student_counter>!",
        "<student_at_top>",
    )


def test_names_in_class_bodies_are_found_beforehand():
    source = "class A(B):\n    x = student_value\n    y = x\n    def f(self):\n        return other"
    assert "student_value" in class_names(source)
    assert "other" not in class_names(source)
    assert class_names("not python") == set()


def test_builtins_and_private_names_are_never_asked():
    asked = []
    names = ExamNamespace()
    names.lookup = lambda name: asked.append(name) or _missing(name)
    exec("sum([1]); len([]); isinstance(1, int)", names, names)
    for name in ("__secret__", "nowhere"):
        with pytest.raises(NameError, match=f"'{name}' is not defined"):
            exec(name, names, names)
    assert asked == ["nowhere"]


@pytest.mark.slow
def test_names_of_the_exam_come_before_the_students(examine):
    result = examine(
        notebook(
            given("import numpy as np\nlabels = np.arange(3)\ndef helper():\n    return 'given'"),
            """
            import numpy
            numpy.mean = lambda x: 'forged'
            np = None
            labels = [7]
            value = 1
            def helper(): return 'forged'
            def sum(x): return 'forged'
            def isinstance(*_): return True
            def answer(): return helper()
            """,
            check(
                """
                assert labels.tolist() == [0, 1, 2]
                assert helper() == "given"
                assert sum([1, 2]) == 3
                assert not isinstance(1, str)
                assert np.mean([1.0, 3.0]) == 2.0
                assert answer() == "forged"
                mine = 5
                assert value == 1
                """,
                "test-first",
            ),
            "value = 2\nmine = 'forged'",
            check("assert mine == 5\nassert value == 2", "test-second"),
            check("del value", "test-delete"),
            check("assert value == 2\nclass A:\n    x = value\nassert A.x == 2", "test-class"),
            check("assert nowhere", "test-missing"),
        )
    )
    assert errors(result) == {
        "test-first": None,
        "test-second": None,
        "test-delete": "NameError: name 'value' is not defined",
        "test-class": None,
        "test-missing": "NameError: name 'nowhere' is not defined",
    }


def test_values_are_fetched_anew_when_student_code_changes_them(examine):
    result = examine(
        notebook(
            "calls = 0\ndef f():\n    global calls\n    calls += 1\n    return calls",
            check("assert calls == 0\nf(); f()\nassert calls == 2", "test-a"),
            check("assert calls == 2\nassert f() == 3", "test-b"),
        )
    )
    assert passed(result) == {"test-a": True, "test-b": True}
