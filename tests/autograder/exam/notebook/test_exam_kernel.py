"""What runs in a student's notebook runs in the exam: a fresh kernel and a candidate, compared."""

import json

import pytest
from nbclient import NotebookClient

from tests.support.toy_exam import check, given, notebook, passed, text

pytestmark = pytest.mark.slow

PROBE = """
import asyncio, json, locale, os, signal, sys, threading, time, warnings

import matplotlib
import numpy


def of(look):
    try:
        return repr(look())
    except BaseException as error:
        return type(error).__name__


magics = get_ipython().magics_manager.lsmagic()
umask = os.umask(0)
os.umask(umask)
print("found", json.dumps({
    "path: the working folder stands before the packages": of(
        lambda: [entry.endswith("-packages") for entry in sys.path if not entry or "pack" in entry]
    ),
    "argv": of(lambda: [os.path.basename(sys.argv[0]), sys.argv[1], len(sys.argv) > 2]),
    "main": of(lambda: (__name__, sys.modules["__main__"].__dict__ is globals())),
    "no file": of(lambda: __file__),
    "files": of(lambda: sorted(os.listdir("."))),
    "history": of(lambda: (In[1], Out, _, _i.split()[0], len(_ih), get_ipython().execution_count)),
    "folder of %cd": of(lambda: str(_dh[0]) == os.getcwd()),
    "signals": of(lambda: (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGPIPE))),
    "recursion": of(sys.getrecursionlimit),
    "main thread": of(lambda: threading.current_thread() is threading.main_thread()),
    "deprecated": of(lambda: [f[0] for f in warnings.filters if f[2] is DeprecationWarning]),
    "locale": of(lambda: (locale.getpreferredencoding(), sys.getfilesystemencoding())),
    "zone": of(lambda: time.tzname),
    "umask": of(lambda: umask),
    "stdin": of(lambda: (sys.stdin.isatty(), sys.stdin.read())),
    "stdout": of(lambda: (sys.stdout.encoding.lower(), sys.stdout.isatty())),
    "errors of numpy": of(numpy.geterr),
    "printing of numpy": of(numpy.get_printoptions),
    "drawing": of(lambda: {
        name: value
        for name, value in matplotlib.rcParams.items()
        if value != matplotlib.rcParamsDefault[name] and name not in ("backend", "interactive")
    }),
    "shell": of(lambda: (get_ipython().ast_node_interactivity, get_ipython().autoawait)),
    "largest text of a number": of(sys.get_int_max_str_digits),
}))
print("magics", json.dumps({kind: sorted(names) for kind, names in magics.items()}))
"""


@pytest.fixture(scope="module")
def both(examine, tmp_path_factory):
    """The outputs of the probe: in a fresh kernel, and in the exam."""
    folder = tmp_path_factory.mktemp("beside")
    (folder / "mine.txt").touch()
    book = notebook("1 + 1", PROBE)
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    examined = examine(book, folder).notebook
    NotebookClient(book, resources={"metadata": {"path": str(folder)}}).execute()
    return [
        {line.partition(" ")[0]: json.loads(line.partition(" ")[2]) for line in lines}
        for lines in (text(nb.cells[1]).splitlines() for nb in (book, examined))
    ]


def test_a_candidate_is_like_a_fresh_kernel(both):
    kernel, exam = both
    assert exam["found"] == kernel["found"]


def test_no_magic_of_a_kernel_is_missing(both):
    kernel, exam = both
    assert [set(kernel["magics"][k]) - set(exam["magics"][k]) for k in ("line", "cell")] == [
        set()
    ] * 2


GIVEN = given("from nnkit import checks")


def test_modules_beside_the_notebook_are_imported(examine, tmp_path):
    (tmp_path / "mytools.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").touch()
    (tmp_path / "parts" / "halves.py").write_text(
        "from mytools import twice\nhalf = twice(1) / 4\n"
    )
    (tmp_path / "script.py").write_text("from mytools import twice\nrun = twice(3)\n")
    book = notebook(
        GIVEN,
        "from mytools import twice\nfrom parts.halves import half",
        "%run script.py",
        check("checks.close(twice(2), 4, 'twice')", "test-beside"),
        check("checks.close(half, 0.5, 'half')", "test-package"),
        check("checks.close(run, 6, 'run')", "test-script"),
    )
    assert passed(examine(book, tmp_path)) == dict.fromkeys(
        ("test-beside", "test-package", "test-script"), True
    )


def test_modules_that_a_cell_has_just_written_are_imported(examine):
    cells = [
        f"%%writefile made{i}.py\nvalue = {i}\n" if what else f"import made{i}"
        for i in range(20)
        for what in (True, False)
    ]
    cells.append("values = [" + ", ".join(f"made{i}.value" for i in range(20)) + "]")
    book = notebook(GIVEN, *cells, check("assert values == list(range(20))"))
    assert passed(examine(book)) == {"test-it": True}


def test_the_examiner_imports_nothing_of_a_students(examine, tmp_path):
    """A student's module has the name of one that a given cell imports for the first time."""
    for name in ("colorsys", "chunk"):
        (tmp_path / f"{name}.py").write_text("rgb_to_hsv = Chunk = lambda *_: 'mine'\n")
    book = notebook(
        given("from nnkit import checks\nimport colorsys"),
        "import colorsys as mine",
        check("assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)", "test-given"),
        check("import chunk\nassert isinstance(chunk.Chunk, type)", "test-own"),
        check("assert mine.rgb_to_hsv(0, 0, 0) == 'mine'", "test-theirs"),
    )
    found = passed(examine(book, tmp_path))
    assert (found["test-given"], found["test-own"]) == (True, True)


# What TensorFlow refuses under determinism, though it runs in a notebook, and runs as it stands.
UNSEEDED = {
    "global generator": "tf.random.get_global_generator().normal([2])",
    "any state": "tf.random.Generator.from_non_deterministic_state().uniform([2])",
    "raw uniform": "tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32)",
    "raw integers": "tf.raw_ops.RandomUniformInt(shape=[2], minval=0, maxval=5)",
    "raw normal": "tf.raw_ops.RandomStandardNormal(shape=[2], dtype=tf.float32)",
    "raw shuffle": "tf.raw_ops.RandomShuffle(value=[1, 2, 3])",
    "raw gamma": "tf.raw_ops.RandomGamma(shape=[2], alpha=1.0)",
    "raw choice": "tf.raw_ops.Multinomial(logits=[[1.0, 2.0]], num_samples=2)",
    "any integers": "tf.raw_ops.NonDeterministicInts(shape=[2])",
    "box": "tf.image.sample_distorted_bounding_box([8, 8, 3], [[[0.0, 0.0, 1.0, 1.0]]])[0]",
    "pool": "tf.nn.fractional_max_pool(tf.ones((1, 8, 8, 1)), [1, 1.4, 1.4, 1])[0]",
    "function": "tf.function(lambda: tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32))()",
    "in a function": "tf.function(lambda: tf.random.get_global_generator().normal([2]))()",
    "graph": "graph()",
}
DRAW = f"""
import tensorflow as tf

def graph():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        return session.run(tf.random.normal([3]))

drawn = {{}}
for name, what in {UNSEEDED!r}.items():
    try:
        drawn[name] = eval(what)
        drawn[name] = getattr(drawn[name], "numpy", lambda: drawn[name])().tolist()
    except Exception as error:
        drawn[name] = f"raised {{type(error).__name__}}: {{error}}"
import json
print(json.dumps(drawn))
"""


def test_randomness_without_a_seed_is_drawn_and_the_same_every_time(examine):
    first, second = (json.loads(text(examine(notebook(DRAW)).notebook.cells[0])) for _ in range(2))
    assert {name: what for name, what in first.items() if isinstance(what, str)} == {}
    assert second == first


def test_students_draws_do_not_depend_on_those_without_a_seed(examine):
    cells = [
        "import random, tensorflow as tf",
        "",
        "print(random.random(), tf.random.normal([2]).numpy())",
    ]
    plain = text(examine(notebook(*cells)).notebook.cells[2])
    cells[1] = "tf.random.Generator.from_non_deterministic_state().uniform([2])"
    assert text(examine(notebook(*cells)).notebook.cells[2]) == plain


def test_the_style_of_the_courses_figures_is_who_imports_it(examine):
    look = "import matplotlib\nprint(matplotlib.rcParams['axes.titlelocation'])"
    book = notebook(look, f"from nnkit import plots\n{look}")
    shown = [text(cell).strip() for cell in examine(book).notebook.cells]
    assert shown == ["center", "left"]


def test_magics_of_the_front_end_do_not_end_a_cell(examine):
    book = notebook(
        GIVEN, "%autosave 60\n%clear\n%store -r\nx = 1", check("checks.close(x, 1, 'x')")
    )
    assert passed(examine(book)) == {"test-it": True}
