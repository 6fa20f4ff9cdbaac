"""What of a submission is compared: its cells, read and repaired as for grading.

It runs in a process of its own, so that it imports no more than that takes.
"""

from __future__ import annotations

from nbformat import NotebookNode

from autograder.errors import AutograderError
from autograder.gradebook.assignment import Plan
from autograder.grading import nbgrader_log
from autograder.similarity.own import MOST_READ
from autograder.submissions import layout, reading
from autograder.submissions.clean_copy import Caps
from autograder.submissions.layout import HandedIn
from autograder.submissions.places import NAMES
from autograder.submissions.repair import repair


def cells(entry: HandedIn, plan: Plan) -> NotebookNode:
    """Return the cells of a submission, repaired, without outputs.

    Raises
    ------
    AutograderError
        If it cannot be read.
    """
    try:
        with layout.taken(entry, Caps.usual(include=NAMES)) as taken:
            notebook = reading.read(taken, plan).notebook
        repair(notebook, plan)
    except Exception as error:
        raise AutograderError(nbgrader_log.reason(error, entry.notebook.name)) from error
    kept = [
        NotebookNode(
            cell_type=cell.cell_type,
            source=cell.source[: MOST_READ + 1],
            metadata=NotebookNode(nbgrader=cell.metadata.get("nbgrader")),
        )
        for cell in notebook.cells
    ]
    return NotebookNode(cells=kept)
