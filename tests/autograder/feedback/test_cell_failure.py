"""Why a cell failed: told as far as the cell's own text tells it, and no further."""

import pytest

from autograder.feedback.cell_failure import why

ODD = {
    "x = 1\u00a0+ 2": ("U+00A0, NO-BREAK SPACE", "line 1, column 6", "type a blank"),
    "x = 1\n\ny = x \u200b+ 2": ("U+200B, ZERO WIDTH SPACE", "line 3, column 7", "delete it"),
    "x = \ufeff1": ("U+FEFF, ZERO WIDTH NO-BREAK SPACE", "line 1, column 5", "delete it"),
    "print(\u201chi\u201d)": ("LEFT DOUBLE QUOTATION MARK", "line 1, column 7", "straight quote"),
    "x = \u2018a\u2019": ("LEFT SINGLE QUOTATION MARK", "line 1, column 5", "straight quote"),
    "x = 3 \u2212 1": ("U+2212, MINUS SIGN", "line 1, column 7", "Python's own sign"),
    "x = 3 \u2013 1": ("U+2013, EN DASH", "line 1, column 7", "hyphen"),
    "f\uff081)": ("FULLWIDTH LEFT PARENTHESIS", "line 1, column 2", "type `(`"),
    "x = 1\uff11": ("FULLWIDTH DIGIT ONE", "line 1, column 6", "type `1`"),
    "%%time\nx = 1\u00a0+ 2": ("NO-BREAK SPACE", "line 2, column 6", "type a blank"),
    "\n\n    x = 1\u00a0+ 2": ("NO-BREAK SPACE", "line 3", "type a blank"),
}
PLAIN = {
    "if 1:\n\tx = 1\n        y = 2": ("inconsistent use of tabs and spaces", "line 3"),
    "for i in range(3)\n    pass": ("expected ':'", "line 1, column 18"),
    "def f():\nreturn 1": ("expected an indented block", "line 2"),
    "y = '\\d'\nx = (1": ("'(' was never closed", "line 2"),
    "return 3": ("'return' outside function",),
}
TOLD = [
    ("import torch", "ModuleNotFoundError", "No module named 'torch'"),
    ("import torch.nn as nn", "ModuleNotFoundError", "No module named 'torch'"),
    ("from a.b import c", "ModuleNotFoundError", "No module named 'a.b'; 'a' is not a package"),
    ("def f():\n    import helpers", "ModuleNotFoundError", "No module named 'helpers'"),
    ("print(stpe)", "NameError", "name 'stpe' is not defined"),
    ("import numpy as np\nnp.arry", "AttributeError", "module 'numpy' has no attribute 'arry'"),
]


@pytest.mark.parametrize(("source", "words"), [*ODD.items(), *PLAIN.items()])
def test_a_fault_of_syntax_is_told_with_its_place(source, words):
    reason = why(source, "SyntaxError", "what the process says is not read: 0.123")
    assert all(word in reason for word in words), reason
    assert "0.123" not in reason


@pytest.mark.parametrize(("source", "name", "message"), TOLD)
def test_names_of_the_text_are_told(source, name, message):
    assert why(source, name, message) == message


def test_the_path_of_a_module_is_not_told():
    message = "cannot import name 'flot' from 'numpy' (/home/grader/numpy.py)"
    expected = "cannot import name 'flot' from 'numpy'"
    assert why("from numpy import flot", "ImportError", message) == expected


@pytest.mark.parametrize(
    ("source", "name", "message"),
    [
        ("__import__(kept)", "ModuleNotFoundError", "No module named '8674.6875'"),
        ("exec(kept)", "NameError", "name 'kestrel' is not defined"),
        ("raise ValueError(kept)", "ValueError", "8674.6875"),
        ("raise NameError(kept)", "NameError", "8674.6875 kept"),
        ("x = kept", "NameError", "name 'kept' is not defined; 8674.6875"),
        ("x = 1", "SyntaxError", "8674.6875"),
        ("exec('x = ')", "SyntaxError", "invalid syntax 8674.6875"),
        ("(" * 5000, "NameError", "name 'x' is not defined"),
        ("x = 1\n" * 50_000, "SyntaxError", "too long"),
    ],
)
def test_nothing_else_is_told(source, name, message):
    assert why(source, name, message) == ""
