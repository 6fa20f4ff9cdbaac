"""TensorFlow and Keras in the exam: values, models, determinism, and plain NumPy without them."""

import json

import pytest

from autograder.errors import AutograderError
from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from tests.support.toy_exam import check, errors, given, limited, notebook, passed, records

pytestmark = pytest.mark.slow

SETUP = given(
    "import keras\nimport numpy as np\nimport tensorflow as tf\nfrom nnkit import checks\n"
    "tf.zeros(1)"
)
MODEL = """
model = keras.Sequential([
    keras.layers.Input((4,)), keras.layers.Dense(3, activation="tanh"), keras.layers.Dense(2)
])
variable = tf.Variable([[1.0, 2.0]])
tensor = tf.constant([1, 2])
@tf.function
def traced(x): return 2 * x
def loss(y, p): return tf.reduce_mean((y - p) ** 2)
def gradient(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)
def count(some_model): return some_model.count_params()
def kind(x): return type(x).__name__
"""


def test_models_tensors_and_variables(exam_pool):
    result = exam_pool.examine(
        notebook(
            SETUP,
            MODEL,
            check(
                """
                assert model.count_params() == 23 and len(model.layers) == 2
                assert model.weights[0].shape == (4, 3)
                x = np.linspace(-1, 1, 12).reshape(3, 4)
                a, b = model.predict(x, verbose=0), model(x)
                assert type(a) is np.ndarray and tf.is_tensor(b) and b.dtype == tf.float32
                checks.close(a, b.numpy(), "predict and call", rtol=1e-4)
                W, c = model.layers[0].get_weights()
                checks.close(model.layers[0].kernel, W, "kernel")
                checks.close(np.tanh(x @ W + c) @ model.layers[1].kernel.numpy(), b, "b", rtol=1e-3)
                assert isinstance(model, keras.Model) and isinstance(model.layers[0], keras.Layer)
                assert [layer.name for layer in model.layers][0].startswith("dense")
                """,
                "test-model",
            ),
            check(
                """
                model.layers[0].set_weights([np.zeros((4, 3)), np.zeros(3)])
                checks.close(model(np.ones((2, 4))), np.zeros((2, 2)), "zero model", atol=1e-6)
                model.layers[1].bias.assign([1.0, 2.0])
                checks.close(model(np.ones((1, 4))), [[1.0, 2.0]], "biased model")
                model.trainable = False
                assert not model.trainable and len(model.trainable_weights) == 0
                """,
                "test-changes",
            ),
            check(
                """
                assert tf.is_tensor(tensor) and tensor.dtype == tf.int32 and tensor.shape == (2,)
                assert variable.shape == (1, 2) and (variable + 1).numpy().tolist() == [[2.0, 3.0]]
                assert float(tf.reduce_sum(variable)) == 3.0 and np.sum(variable) == 3.0
                assert traced(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
                checks.close(traced(np.ones(2, np.float32)), [2, 2], "traced")
                checks.close(loss(tf.ones(3), tf.zeros(3)), 1.0, "loss")
                slope = gradient(tf.exp, tf.constant([0.0, 1.0]))
                checks.close(slope, np.exp([0, 1]), "slope", rtol=1e-6)
                assert kind(tf.Variable(1.0)) == "ResourceVariable" and kind(tf.float32) == "DType"
                other = keras.Sequential([keras.layers.Input((5,)), keras.layers.Dense(2)])
                assert count(other) == 12
                """,
                "test-tensors",
            ),
            check("checks.forbid(gradient, 'autodiff')", "test-forbid"),
        )
    )
    found = errors(result)
    assert "CheckFailed" in found.pop("test-forbid")
    assert found == {"test-model": None, "test-changes": None, "test-tensors": None}


TRAINING = notebook(
    SETUP,
    """
    import random
    x = np.random.normal(size=(200, 4)); y = (x[:, 0] > 0).astype(float)
    net = keras.Sequential([
        keras.layers.Input((4,)), keras.layers.Dense(8, activation="relu"),
        keras.layers.Dropout(0.3), keras.layers.Dense(1, activation="sigmoid"),
    ])
    net.compile("adam", "binary_crossentropy")
    history = net.fit(x, y, epochs=3, verbose=0).history["loss"]
    numbers = [random.random(), float(np.random.rand()), float(tf.random.normal([]))]
    order = list({"a", "b", "c", "d", "e"})
    """,
    check(
        "checks.close(history[-1], 0.0, 'loss of this run')",
        "test-history",
    ),
    check("checks.close(net(np.ones((2, 4))), [[0.0], [0.0]], 'prediction')", "test-model"),
    check("assert not (numbers, order, np.random.rand()), (numbers, order)", "test-draws"),
)


def outcome(result):
    cells = [cell.get("outputs", []) for cell in result.notebook.cells]
    return json.dumps([passed(result), records(result), cells], sort_keys=True)


def test_the_same_submission_gets_the_same_outcome_every_time(exam_pool):
    from concurrent.futures import ThreadPoolExecutor

    first = outcome(exam_pool.examine(TRAINING))
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda _: outcome(exam_pool.examine(TRAINING)), range(6)))
    assert "0." in first
    assert len(json.loads(first)[1]) >= 2
    assert again == [first] * 6


def test_an_inserted_cell_does_not_change_the_draws_of_named_cells(exam_pool):
    def cells(*between):
        given_cell = given("import numpy as np\ndrawn = np.random.rand()")
        return notebook(given_cell, *between, check("assert not drawn, drawn"))

    short, long = (errors(exam_pool.examine(cells(*b))) for b in ((), ("np.random.rand()",)))
    assert short == long


def test_a_numpy_notebook_runs_no_tensorflow_operation(exam_pool):
    result = exam_pool.examine(
        notebook(
            given("import numpy as np\nimport tensorflow as tf\nfrom nnkit import checks"),
            "from tensorflow.python.eager import context\ndef f(x): return 2 * x\n"
            "def woken(): return context.context()._context_handle is not None",
            check("checks.same(f, lambda x: 2 * x, [(np.ones(3),)], 'f')", "test-f"),
            check(
                "from tensorflow.python.eager import context as own\n"
                "assert not woken() and own.context()._context_handle is None",
                "test-cold",
            ),
        )
    )
    assert errors(result) == {"test-f": None, "test-cold": None}


def test_in_the_sandbox_all_is_the_same():
    with ExamPool(Limits(cell_s=20, call_s=10), sandbox="required") as exam_pool:
        first = outcome(exam_pool.examine(TRAINING))
        crash = exam_pool.examine(
            notebook("x = 1", "import ctypes; ctypes.string_at(0)", check("assert x == 1"))
        )
        refusal = notebook("x = 1", "import os; os._exit(3)", check("assert x == 1"))
        forged_refusal = exam_pool.examine(refusal)
        endless = limited("while True: pass")
        loop = exam_pool.examine(notebook(endless, check("assert True")))
    assert passed(crash) == {"test-it": True}
    assert "SIGSEGV" in crash.remarks[0].text
    assert passed(forged_refusal) == {"test-it": True}
    [remark] = loop.remarks
    assert remark.text.startswith(
        "cell 1 ran out of time and was interrupted: it used more than 1 s of"
    )
    with ExamPool(Limits(), sandbox="off") as exam_pool:
        assert outcome(exam_pool.examine(TRAINING)) == first


def test_without_a_sandbox_no_student_code_runs(tmp_path):
    """A candidate that cannot enter its sandbox stops the exam, and names the remedy."""
    mark = tmp_path / "ran"
    tiny = Limits(scratch_bytes=1)  # no file system can be made of this size
    (tmp_path / "data").write_bytes(b"x" * 100_000)
    submission = notebook(f"open({str(mark)!r}, 'w')")
    with (
        ExamPool(tiny, sandbox="required") as refusing,
        pytest.raises(AutograderError, match="--sandbox off"),
    ):
        refusing.examine(submission, files=tmp_path)
    assert not mark.exists()


def test_a_student_may_add_layers_to_a_model_of_the_tests(examine):
    result = examine(
        notebook(
            given("import keras\nimport numpy as np"),
            """
            def longer(model):
                more = [keras.layers.Dense(4), keras.layers.Dense(5)]
                return keras.Sequential([*model.layers, *more])
            """,
            check(
                """
                parts = [keras.layers.Dense(3), keras.layers.Dense(2), keras.layers.Dense(7)]
                made = longer(keras.Sequential([keras.Input((2,)), *parts[1:]]))
                assert np.shape(made(np.zeros((1, 2), "float32"))) == (1, 5)
                """
            ),
        )
    )
    assert passed(result) == {"test-it": True}, errors(result)
