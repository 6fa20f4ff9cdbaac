"""The student who does no work: returns an argument, zeros or None in every task."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from nbformat import NotebookNode

from autograder.audit.memoriser import functions, is_task

# For each answer, the expression that a function returns; ``arguments`` is a tuple.
ANSWERS = {
    "the first argument": "arguments[0]",
    "the second argument": "arguments[1]",
    "the third argument": "arguments[2]",
    "the last argument": "arguments[-1]",
    "all arguments": "arguments",
    "the first two arguments": "arguments[:2]",
    "the two after the first two": "arguments[2:4]",
    "a copy of the first argument": "copy.deepcopy(arguments[0])",
    "zeros": "np.zeros_like(arguments[0], dtype=float)",
    "ones": "np.ones_like(arguments[0], dtype=float)",
    "nothing": "None",
    "0": "0.0",
    "1": "1.0",
    "not a number": "np.nan",
    "an empty list": "[]",
}
_FUNCTION = '''
def {name}(*args, **kwargs):
    """Return a trivial answer."""
    import copy
    import numpy as np
    arguments = (*args, *kwargs.values())
    return {answer}
'''


def notebooks(start: NotebookNode, tasks: set[str]) -> Iterator[tuple[str, NotebookNode]]:
    """Yield each trivial answer, and the notebook that gives it in ``tasks``.

    Parameters
    ----------
    start
        The notebook with the other tasks.
    tasks
        The tasks that are answered without work. A function keeps its other definitions: the last
        one counts.
    """
    for what, answer in ANSWERS.items():
        notebook = deepcopy(start)
        for cell in notebook.cells:
            if is_task(cell) and cell.metadata["nbgrader"]["grade_id"] in tasks:
                given = [_FUNCTION.format(name=n, answer=answer) for n in functions(cell.source)]
                cell.source = "\n".join([cell.source, *given])
        yield what, notebook
