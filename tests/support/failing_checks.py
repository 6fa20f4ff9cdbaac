"""A student's page of tests that fail, one for each kind of check; printed as JSON.

It runs by itself, so that `nnkit` may be a copy in which every sentence is another.
"""

import json
import sys
from pathlib import Path

import nbformat
import numpy as np

from autograder.feedback.rendering import Graded, page
from autograder.report import gather
from nnkit import checks
from nnkit.checks import report

BECAUSE = "It is the square, not the double."
GOT, EXPECTED = 9.125, 6.25
LARGE = np.arange(20.0)


def swapped(x):
    return [x[1], x[0]]


def squares(x):
    return x * GOT


def power(x):
    return np.sum(x**2)


def known(value):
    return [checks.cause("square", value, BECAUSE)]


def large():
    changed = LARGE.copy()
    changed[3] = GOT
    checks.close(changed, LARGE, "label", causes=known(changed))


def hidden():
    with checks.hidden():
        checks.close(GOT, EXPECTED, "label", causes=known(GOT))


def hidden_without_cause():
    with checks.hidden():
        checks.close(GOT, EXPECTED, "label", standard=False)


#: By name: what runs, the texts that tell what came back, those that tell what was expected, and
#: whether the cause is known.
FAILING = {
    "close": (
        lambda: checks.close(GOT, EXPECTED, "label", causes=known(GOT)),
        ["9.125"],
        ["6.25"],
        True,
    ),
    "part": (
        lambda: checks.close([[0.0, 0.0], [GOT]], [np.zeros(2), np.array([EXPECTED])], "label"),
        ["9.125"],
        ["6.25"],
        False,
    ),
    "matrix": (
        lambda: checks.close([[GOT, 1], [2, 3]], [[EXPECTED, 1], [2, 3]], "label"),
        ["[[9.125, 1.", " [2.   , 3."],
        ["[[6.25, 1."],
        False,
    ),
    "large": (large, ["9.125"], ["3"], True),
    "same": (
        lambda: checks.same(squares, lambda x: x * EXPECTED, [(1.0,)], "label", causes=[]),
        ["9.125"],
        ["6.25"],
        False,
    ),
    "input": (
        lambda: checks.same(lambda x: None, lambda x: x, [(GOT,)], "label"),
        ["9.125"],
        [],
        False,
    ),
    "gradient": (
        lambda: checks.gradient(power, lambda x: x * GOT, np.ones(2), "label"),
        ["9.125"],
        ["2"],
        False,
    ),
    "rate": (
        lambda: checks.rate(
            np.zeros(400), 0.625, "label", causes=[checks.cause("never", 0.0, BECAUSE)]
        ),
        [],
        ["0.625"],
        True,
    ),
    "holds": (lambda: checks.holds(False, "label", BECAUSE, name="square"), [], [], True),
    "hidden": (hidden, [], [], True),
    "hidden without cause": (hidden_without_cause, [], [], False),
}


def outputs_of(run):
    """Return the outputs of a test that fails."""
    shown = []
    report.publish = lambda data: shown.append(data) or True
    try:
        run()
    except checks.CheckFailed as failure:
        error = nbformat.v4.new_output("error", ename="CheckFailed", evalue=str(failure))
    return [*(nbformat.v4.new_output("display_data", data=data) for data in shown), error]


def main():
    """Make the page and what the class report takes from each test."""
    cells = []
    for name, (run, *_) in FAILING.items():
        about = {"grade": True, "solution": False, "locked": True, "grade_id": f"test-{name}"}
        about |= {"points": 1, "score": 0.0, "schema_version": 3, "cell_type": "code"}
        cells += [
            nbformat.v4.new_markdown_cell(f"## {name}"),
            nbformat.v4.new_code_cell(
                outputs=outputs_of(run), metadata={"nbgrader": about}, execution_count=1
            ),
        ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    about = {"student": "ana", "assignment": "toy", "notebook": "toy"}
    about |= {"score": 0.0, "max_score": float(len(FAILING)), "late_penalty": 0.0}
    nowhere = Path("/nowhere")
    results = {
        cell.metadata.nbgrader.grade_id.removeprefix("test-"): gather._result(None, 1.0, cell)
        for cell in cells
        if cell.cell_type == "code"
    }
    made = {
        "page": page(json.dumps(notebook), Graded(about, nowhere / "ana" / "toy", nowhere)),
        "records": nbformat.writes(notebook),
        "causes": {name: [one.diagnosis, one.because] for name, one in results.items()},
    }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
