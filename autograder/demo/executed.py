"""Run a notebook in Jupyter, as a student does before handing it in, to get its outputs."""

from __future__ import annotations

from copy import deepcopy

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from autograder.kernel_environment import environment, quiet


def ran(notebook: NotebookNode, folder: str) -> NotebookNode:
    """Return a copy of the notebook with its outputs, run from top to bottom in a folder."""
    made = deepcopy(notebook)
    client = NotebookClient(
        made,
        timeout=600,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
    )
    with environment(), quiet():
        client.execute()
    for cell in made.cells:
        cell.metadata.pop("execution", None)  # times of day: two demos must be equal
    return made


def with_outputs(notebook: NotebookNode, like: NotebookNode) -> NotebookNode:
    """Give the cells of one notebook the outputs of the same cells in another."""
    known = {cell.source: cell for cell in like.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and (twin := known.get(cell.source)) is not None:
            cell.outputs = [nbformat.from_dict(output) for output in twin.outputs]
            cell.execution_count = twin.execution_count
    return notebook
