"""The exam and plain nbgrader give honest work the same scores."""

import pytest
from nbgrader.preprocessors import Execute

from tests.support.toy_exam import check, given, notebook, passed

pytestmark = pytest.mark.slow

STUDENTS = {
    "right": "def mean(x):\n    return sum(x) / len(x)\nhalf = 0.5\n",
    "numpy": "def mean(x): return np.mean(x)\nhalf = np.float64(0.5)\n",
    "wrong": "def mean(x): return sum(x)\nhalf = [0.25]\n",
    "stub": "def mean(x): raise NotImplementedError\n",
    "changes": "def mean(x):\n    x -= 1\n    return x.mean() + 1\nhalf = '1/2'",
    "syntax": "def mean(x) return x",
    "raises": "half = 0.5\nmean = lambda x: x.mean()\n1 / 0",
    "none": "def mean(x): print(x)\nhalf = None",
}


def submission(student):
    return notebook(
        given("import numpy as np\nfrom nnkit import checks\nhalf_of_one = 1 / 2"),
        student,
        check("checks.close(mean([1, 2, 3]), 2, 'mean')", "test-visible"),
        check(
            """
            with checks.hidden():
                cases = [(np.arange(4.0),), (np.ones(3),)]
                checks.same(mean, lambda x: x.mean(), cases, "mean of arrays")
            """,
            "test-hidden",
        ),
        check("checks.close(half, half_of_one, 'a half')\n-3", "test-value"),
        check("assert mean(np.array([2.0, 4.0])) == 3", "test-assert"),
    )


@pytest.mark.parametrize("name", STUDENTS)
def test_scores_are_those_of_plain_execution(examine, name, tmp_path):
    exam = examine(submission(STUDENTS[name]))
    plain = submission(STUDENTS[name])
    plain.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    Execute().preprocess(plain, {"metadata": {"path": str(tmp_path)}})
    ends = {
        cell.metadata.nbgrader.grade_id: not any(o.output_type == "error" for o in cell.outputs)
        for cell in plain.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert passed(exam) == ends
