"""`forbid` on a whole notebook: read from its text as the exam does, and live as its kernel does.

`HIDDEN` are the honest-looking ways to what a task rules out; none calls for a guard. `HONEST` is
code that only mentions it.
"""

import sys
import types

import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from nnkit import checks
from nnkit.checks.notebook_text import NotebookText

pytest.importorskip("tensorflow")

IMPORTS = "import numpy as np, tensorflow as tf, keras, functools, importlib"
TAPED = """
def taped(x, make=tf.GradientTape):
    x = tf.constant(x)
    with make() as tape:
        tape.watch(x)
        y = x**2
    return tape.gradient(y, x)
"""
WITH = "    with {} as t:\n        t.watch(x)\n        y = x**2\n    return t.gradient(y, x)"

HIDDEN = {
    "time": ["%%time\ndef f(x):\n" + WITH.format("tf.GradientTape()")],
    "capture": ["%%capture out\ndef f(x):\n" + WITH.format("tf.GradientTape()")],
    "prun": ["%%prun -q\ndef f(x):\n" + WITH.format("tf.GradientTape()")],
    "nested magics": ["%%time\n%%capture\ndef f(x):\n" + WITH.format("tf.GradientTape()")],
    "line magic": [TAPED, "%time f = lambda x: taped(x)"],
    "value of a line magic": [TAPED, "f = %time lambda x: taped(x)"],
    "call of a magic": [
        "get_ipython().run_cell_magic('time', '', '''def f(x):\n"
        + WITH.format("tf.GradientTape()")
        + "''')"
    ],
    "module alias": ["T = tf", "def f(x):\n" + WITH.format("T.GradientTape()")],
    "import as": ["import tensorflow as t2\ndef f(x):\n" + WITH.format("t2.GradientTape()")],
    "from import as": [
        "from tensorflow import GradientTape as G\ndef f(x):\n" + WITH.format("G()")
    ],
    "star import": ["from tensorflow import *\ndef f(x):\n" + WITH.format("GradientTape()")],
    "import_module": [
        'm = importlib.import_module("tensorflow")',
        "def f(x):\n" + WITH.format("m.GradientTape()"),
    ],
    "import_module within": [
        'def f(x):\n    m = importlib.import_module("tensorflow")\n'
        + WITH.format("m.GradientTape()")
    ],
    "__import__": [
        'def f(x):\n    m = __import__("tensorflow")\n' + WITH.format("m.GradientTape()")
    ],
    "getattr": ["def f(x):\n" + WITH.format('getattr(tf, "GradientTape")()')],
    "getattr outside": [
        'Tape = getattr(tf, "GradientTape")',
        "def f(x):\n" + WITH.format("Tape()"),
    ],
    "tuple": ["a, T = 1, tf.GradientTape", "def f(x):\n" + WITH.format("T()")],
    "nested tuple": ["a, (b, T) = 1, (2, tf.GradientTape)", "def f(x):\n" + WITH.format("T()")],
    "walrus": ["def f(x):\n" + WITH.format("(T := tf.GradientTape)()")],
    "walrus outside": ["if (T := tf.GradientTape): pass", "def f(x):\n" + WITH.format("T()")],
    "for": ["for T in (tf.GradientTape,): pass", "def f(x):\n" + WITH.format("T()")],
    "with": [
        "import contextlib\nwith contextlib.nullcontext(tf.GradientTape) as T: pass",
        "def f(x):\n" + WITH.format("T()"),
    ],
    "default": ["def f(x, T=tf.GradientTape):\n" + WITH.format("T()")],
    "local alias": ["def f(x):\n    t2 = tf\n" + WITH.format("t2.GradientTape()")],
    "dictionary": [TAPED, 'ways = {"t": taped}', 'def f(x):\n    return ways["t"](x)'],
    "filled dictionary": [
        TAPED,
        "ways = {}",
        'ways["t"] = taped',
        "def f(x):\n    return ways['t'](x)",
    ],
    "list": [TAPED, "ways = [np.sum, taped]", "def f(x):\n    return ways[1](x)"],
    "get": [TAPED, "ways = dict(t=taped)", 'def f(x):\n    return ways.get("t")(x)'],
    "items": [
        TAPED,
        "ways = dict(t=taped)",
        "def f(x):\n    for _, w in ways.items():\n        return w(x)",
    ],
    "partial": [TAPED, "f = functools.partial(taped)"],
    "tf.function": [TAPED, "f = tf.function(taped)"],
    "decorated": [
        "def timed(g):\n    @functools.wraps(g)\n"
        "    def inner(*a):\n        return g(*a)\n    return inner",
        "@timed\ndef f(x):\n" + WITH.format("tf.GradientTape()"),
    ],
    "decorator": [
        TAPED,
        "def through(g):\n    @functools.wraps(g)\n"
        "    def inner(x):\n        return taped(x)\n    return inner",
        "@through\ndef f(x):\n    return 2 * x",
    ],
    "lambda": [TAPED, "f = lambda x: taped(x)"],
    "closure": [TAPED, "def make(g):\n    return lambda x: g(x)", "f = make(taped)"],
    "factory": [
        "def make():\n    def inner(x):\n    "
        + WITH.format("tf.GradientTape()").replace("\n", "\n    ")
        + "\n    return inner",
        "f = make()",
    ],
    "callable object": [
        "class F:\n    def __call__(self, x):\n        return self.way(x)\n"
        "    def way(self, x):\n    " + WITH.format("tf.GradientTape()").replace("\n", "\n    "),
        "f = F()",
    ],
    "bound method": [
        "class F:\n    def way(self, x):\n    "
        + WITH.format("tf.GradientTape()").replace("\n", "\n    "),
        "f = F().way",
    ],
    "object's method": [
        "class F:\n    def way(self, x):\n    "
        + WITH.format("tf.GradientTape()").replace("\n", "\n    "),
        "net = F()",
        "def f(x):\n    return net.way(x)",
    ],
    "inherited": [
        "class A:\n    def way(self, x):\n    "
        + WITH.format("tf.GradientTape()").replace("\n", "\n    "),
        "class B(A):\n    pass",
        "def f(x):\n    return B().way(x)",
    ],
    "class attribute": [
        "class F:\n    T = tf.GradientTape\n    def way(self, x):\n    "
        + WITH.format("self.T()").replace("\n", "\n    "),
        "f = F().way",
    ],
    "object's attribute": [
        "class F:\n    def __init__(self):\n        self.T = tf.GradientTape\n"
        "    def way(self, x):\n    " + WITH.format("self.T()").replace("\n", "\n    "),
        "f = F().way",
    ],
    "static method": [
        TAPED,
        "class F:\n    @staticmethod\n    def way(x):\n        return taped(x)",
        "f = F.way",
    ],
    "other cells": [TAPED, "def g(x):\n    return taped(x)", "def f(x):\n    return g(x)"],
    "helper later": ["def f(x):\n    return g(x)", TAPED, "g = taped"],
    "namespace": [
        TAPED,
        "import types\nns = types.SimpleNamespace(w=taped)",
        "def f(x):\n    return ns.w(x)",
    ],
    "mapped": [TAPED, "def f(x):\n    return list(map(taped, [x]))[0]"],
    "branch": [TAPED, "if True:\n    f = taped\nelse:\n    f = np.sum"],
    "ready-made slope": ["def f(x):\n    return tf.raw_ops.SigmoidGrad(y=x, dy=x)"],
    "forward mode": [
        "def f(x):\n    with tf.autodiff.ForwardAccumulator(x, x) as a:\n        return x"
    ],
}
NUMERICAL = {
    "complex step": ["def f(x):\n    return np.exp(x + 1e-20j).imag / 1e-20"],
    "complex step, its parts apart": [
        "h = 1e-20j",
        "def f(x):\n    return np.imag(np.exp(x + h)) / 1e-20",
    ],
    "getattr": ['def f(x):\n    return getattr(np.exp(x + 1e-20j), "imag") / 1e-20'],
    "nnkit": [
        "from nnkit.checks.gradients import numerical_gradient as slope",
        "def f(x):\n    return slope(lambda p: (p**2).sum(), x)[0][1]",
    ],
    "nnkit's module": [
        "import nnkit.checks.gradients\ndef f(x):\n"
        "    return nnkit.checks.gradients.numerical_gradient(lambda p: (p**2).sum(), x)[0][1]"
    ],
    "numpy": ["def f(x):\n    return np.gradient(x**2, x)"],
    "centred": [
        "def c(x):\n    return x**2",
        "def f(x, h=1e-5):\n    return (c(x + h) - c(x - h)) / (2 * h)",
    ],
    "forward": ["def f(x):\n    return (np.exp(x + 1e-7) - np.exp(x)) / 1e-7"],
    "backward": ["def f(x, h=1e-7):\n    return 1 / h * 1.0 * (np.exp(x) - np.exp(x - h)) / h"],
    "tensorflow": ["def f(x):\n    return tf.test.compute_gradient(tf.exp, [x])"],
}
HONEST = {
    "by hand": ["def f(x):\n    return 2 * x"],
    "comment": ["def f(x):\n    # not with tf.GradientTape, nor keras\n    return 2 * x"],
    "docstring": ['def f(x):\n    """No tf.GradientTape, no keras."""\n    return 2 * x'],
    "string": ['def f(x):\n    way = "keras.ops.relu"\n    return 2 * x'],
    "dead imports": [
        "from tensorflow import GradientTape\nfrom keras import *",
        "def f(x):\n    return 2 * x",
    ],
    "dead import within": ["def f(x):\n    import keras\n    return 2 * x"],
    "own method": [
        "class Net:\n    def gradient(self, x):\n        return 2 * x\n"
        "    def taped(self, x):\n        return tf.GradientTape()",
        "net = Net()",
        "def f(x):\n    return net.gradient(x)",
    ],
    "local name": [
        "from tensorflow import GradientTape",
        "def f(x):\n    keras = 2\n    GradientTape = x\n    return keras * GradientTape",
    ],
    "parameter": ["def f(x, keras=2, tf=None):\n    return keras * x"],
    "loop's name": ["def f(x):\n    return sum(keras * x for keras in (1, 1))"],
    "nested parameter": ["def f(x):\n    return (lambda keras: 2 * keras)(x)"],
    "local gradient": [
        "from numpy import gradient",
        "def f(x):\n    gradient = 2 * x\n    return gradient",
    ],
    "own gradient": [
        "from numpy import *",
        "def gradient(x):\n    return 2 * x",
        "def f(x):\n    return gradient(x)",
    ],
    "shadowed star": [
        "from tensorflow import *",
        "def GradientTape(x):\n    return 2 * x",
        "def f(x):\n    return GradientTape(x)",
    ],
    "defined again": [TAPED, "f = taped", "def f(x):\n    return 2 * x"],
    "tensors": ["def f(x):\n    return tf.add(tf.constant(x), x).numpy()"],
    "data of keras": [
        "scale = keras.ops.convert_to_numpy(keras.ops.ones(1))[0]",
        "def f(x):\n    return 2 * scale * x",
    ],
    "value of taped code": [
        TAPED,
        "slope = taped(2.0)",
        "def f(x):\n    return 2 * x + 0 * float(slope)",
    ],
    "compared elsewhere": [
        TAPED,
        "def f(x):\n    return 2 * x",
        "def compare(x):\n    return f(x) - taped(x)",
    ],
    "both ways in a table": [
        TAPED,
        "def hand(x):\n    return 2 * x",
        'ways = {"hand": hand, "tape": taped}',
        'def f(x):\n    return ways["hand"](x)',
    ],
    "annotation": ["def f(x: keras.Layer) -> tf.Tensor:\n    y: keras.Layer = 2 * x\n    return y"],
    "difference": ["def c(x):\n    return x", "def f(x):\n    return (c(4 * x) - c(2 * x)) / 1.0"],
    "real part": ["def f(x):\n    return np.real(2 * x)"],
    "itself": ["def f(x, n=1):\n    return 2 * x if n else f(x, n - 1)"],
    "circle": ["def f(x):\n    return g(x)", "def g(x, n=1):\n    return 2 * x if n else f(x)"],
    "circular names": ["a = 2\nb = a\na = b", "def f(x):\n    return a * x"],
    "time": ["%%time\ndef f(x):\n    return 2 * x"],
    "other magics": ["%%writefile g.py\nimport keras", "%pwd", "def f(x):\n    return 2 * x"],
}


@pytest.fixture
def live(monkeypatch, tmp_path):
    """Return a function that runs cells in a shell, and gives its names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    for name in ("displayhook", "excepthook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    monkeypatch.setattr("nnkit.checks.source.get_ipython", lambda: shell)

    def run(cells):
        for cell in [IMPORTS, *cells]:
            result = shell.run_cell(cell, store_history=True)
            result.raise_error()
        return shell.user_ns

    return run


def _handle(cells):
    """Stand for a function of another process, whose code only the text tells."""
    text = NotebookText(TransformerManager().transform_cell)
    for cell in [IMPORTS, *cells]:
        text.add(cell)

    def stand_in(*_):
        raise AssertionError("nothing is run")

    stand_in.__nnkit_source__ = lambda: text.source("f")
    return stand_in


ALL_HIDDEN = [
    pytest.param(cells, kind, id=f"{kind}: {name}")
    for kind, table in (("autodiff", HIDDEN), ("numerical", NUMERICAL))
    for name, cells in table.items()
]


@pytest.mark.parametrize(("cells", "kind"), ALL_HIDDEN)
def test_it_is_found_in_the_text(failure, cells, kind):
    found = failure(checks.forbid, _handle(cells), *checks.BY_HAND)
    assert found.record.diagnosis == f"uses-{kind}"


@pytest.mark.parametrize(("cells", "kind"), ALL_HIDDEN)
def test_it_is_found_in_the_kernel(failure, live, cells, kind):
    found = failure(checks.forbid, live(cells)["f"], *checks.BY_HAND)
    assert found.record.diagnosis == f"uses-{kind}"


@pytest.mark.parametrize("cells", HONEST.values(), ids=HONEST)
def test_what_is_only_mentioned_passes_in_the_text(cells):
    handle = _handle(cells)
    assert handle.__nnkit_source__() is not None
    checks.forbid(handle, *checks.BY_HAND)


@pytest.mark.parametrize("cells", HONEST.values(), ids=HONEST)
def test_what_is_only_mentioned_passes_in_the_kernel(live, cells):
    f = live(cells)["f"]
    checks.forbid(f, *checks.BY_HAND, example=(np.ones(2),))
    np.testing.assert_array_equal(f(np.ones(2)), 2)


def test_the_guard_follows_aliases_of_the_notebook(failure, live):
    names = live(
        [
            "from numpy import gradient as slope\nname = 'slope'",
            "def f(x):\n    return globals()[name](x)",
        ]
    )
    failure(checks.forbid, names["f"], "numerical", example=(np.ones(3),))
    assert names["slope"] is np.gradient


@pytest.mark.parametrize(
    "cells",
    [["exec('def f(x): return x')"], ["from helper import f"], ["import helper\nf = helper.f"]],
)
def test_where_no_code_is_found_it_says_so(cells):
    assert _handle(cells).__nnkit_source__() is None
