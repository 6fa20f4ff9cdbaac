"""Toy notebooks for the exam, and what the tests read from its results."""

from __future__ import annotations

import textwrap

from nbformat.v4 import new_code_cell, new_notebook

from autograder.exam.limits import Limits
from nnkit.checks import RECORD_TYPE

LIMITS = Limits(cell_s=6, call_s=2, submission_s=90, output_bytes=100_000)


def code(source, kind="student", name=None, points=1):
    """A code cell as nbgrader's sanitiser leaves it."""
    cell = new_code_cell(textwrap.dedent(source).strip())
    if name is not None or kind != "student":
        cell.metadata["nbgrader"] = {
            "grade": kind == "test",
            "solution": kind == "student",
            "locked": kind in ("given", "test"),
            "grade_id": name or f"{kind}-cell",
            "points": points,
            "schema_version": 3,
        }
    return cell


def given(source, name="given-setup"):
    return code(source, "given", name)


def check(source, name="test-it"):
    return code(source, "test", name)


def limited(cell, limit_s=1):
    """A cell with an author's limit: what never ends takes the processor for no longer."""
    cell = code(cell) if isinstance(cell, str) else cell
    cell.metadata["autograder"] = {"limit_s": limit_s}
    return cell


def notebook(*cells):
    """A notebook; plain text is a student's cell."""
    return new_notebook(cells=[code(c) if isinstance(c, str) else c for c in cells])


def errors(result):
    """By grade id, what ended each test; None where it passed."""
    found = {}
    for cell in result.notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and not about["solution"]:
            ended = [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
            found[about["grade_id"]] = ended[0] if ended else None
    return found


def passed(result):
    """By grade id, whether a test earned its points."""
    return {name: error is None for name, error in errors(result).items()}


def text(cell):
    """What a cell printed."""
    return "".join(o.text for o in cell.outputs if o.output_type == "stream")


def records(result):
    """The machine-readable records of all checks."""
    return [
        output.data[RECORD_TYPE]
        for cell in result.notebook.cells
        for output in cell.get("outputs", [])
        if RECORD_TYPE in output.get("data", {})
    ]
