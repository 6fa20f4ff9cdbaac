"""A student who has memorised the visible tests: the expected answers, and no others.

The reference solution is examined once with each of its functions wrapped, so that a call prints
its arguments and its result. Output of hidden tests is dropped there, as it is for students. The
other calls become a table in which a function looks up its answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from copy import deepcopy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.topics import ipython_syntax

_MARK = "memorised-answer"
_TOO_LONG = 100_000  # characters of one answer

# Added to the student's code in both notebooks: computes a key from a call's arguments.
_KEY = """
def _key(value):
    import numpy as np
    if isinstance(value, (list, tuple)):
        return tuple(map(_key, value))
    if isinstance(value, dict):
        return tuple((name, _key(value[name])) for name in sorted(value, key=repr))
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        return array.dtype.str, array.shape, array.tobytes()
    plain = isinstance(value, (bool, int, float, str, type(None)))
    return repr(value) if plain else type(value).__name__
"""
_LISTEN = f"""
def _listen(function, name):
    import base64, functools, pickle
    def plain(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(plain, value))
        return value.numpy() if hasattr(value, "numpy") else value
    @functools.wraps(function)
    def listening(*args, **kwargs):
        asked = _key((args, kwargs))
        answer = function(*args, **kwargs)
        try:
            text = base64.b64encode(pickle.dumps((asked, plain(answer)))).decode()
            pickle.loads(base64.b64decode(text))
        except Exception:
            return answer
        if len(text) < {_TOO_LONG}:
            print("\\n{_MARK}", name, text, flush=True)
        return answer
    return listening
"""
_ANSWER = '''
def {name}(*args, **kwargs):
    """The visible answers, memorised."""
    import base64, pickle
    answers = dict(pickle.loads(base64.b64decode(text)) for text in {texts!r})
    return answers.get(_key((args, kwargs)), list(answers.values())[-1])
'''


def listening(source: NotebookNode) -> NotebookNode:
    """Return the reference solution; every function of a task prints its calls.

    Ungraded cells (experiments and figures) are omitted.
    """
    notebook = deepcopy(source)
    cells = []
    for cell in notebook.cells:
        if "nbgrader" not in cell.metadata:
            continue
        cells.append(cell)
        if is_task(cell):
            names = functions(cell.source)
            wraps = [f"{name} = _listen({name}, {name!r})" for name in names]
            cells.append(new_code_cell("\n".join([_KEY, _LISTEN, *wraps])))
    notebook.cells = cells
    return notebook


def memorised(stub: NotebookNode, examined: Iterable[dict]) -> tuple[NotebookNode, list[str]]:
    """Return the notebook with memorised answers, and the names of its memorised functions.

    Parameters
    ----------
    stub
        The notebook as released.
    examined
        The cells of the notebook that `listening` made, with their outputs.
    """
    calls: dict[str, dict[str, None]] = {}
    for cell in examined:
        for output in cell.get("outputs", []):
            for line in str(output.get("text", "")).splitlines():
                if line.startswith(_MARK):
                    _, name, text = line.split(" ", 2)
                    calls.setdefault(name, {})[text] = None
    notebook = deepcopy(stub)
    found = []
    for cell in notebook.cells:
        names = [name for name in functions(cell.source) if name in calls] if is_task(cell) else []
        if names:
            answers = [_ANSWER.format(name=name, texts=list(calls[name])) for name in names]
            cell.source = "\n".join([cell.source, _KEY, *answers])
            found += names
    return notebook, found


def is_task(cell: NotebookNode) -> bool:
    """Return whether a cell is a code task."""
    about = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(about.get("solution"))


def functions(source: str) -> list[str]:
    """Return the names of functions with arguments: without any there is only one answer."""
    return [
        node.name
        for node in ipython_syntax.tree(source).body
        if isinstance(node, ast.FunctionDef) and ast.unparse(node.args)
    ]
