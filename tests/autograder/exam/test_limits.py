"""A limit of the exam stands once, in `autograder.exam.limits`: all else takes it from there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.exam.limits import MIB, Limits

HOUSE = Path(__file__).parents[3]

# What a person would change in the source, the test changes before anything reads it.
LOOK = """
import json, re
from pathlib import Path
from autograder.exam.limits import MIB, Limits

Limits.cell_s, Limits.call_s, Limits.submission_s = 71.0, 72.0, 730.0
Limits.memory_bytes = 740 * MIB

from typer.testing import CliRunner
from autograder.cli import app
from autograder.course import Course
from autograder.grading.exam_engine import ExamEngine

limits = ExamEngine.of(Course.find(root=Path.cwd()).config).limits
shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["grade", "--help"]).output
defaults = re.findall(r"--(\\S+-seconds|memory-mb).*?Default: ([\\d.]+) (?:s|MiB)\\.", shown)
used = [limits.cell_s, limits.call_s, limits.submission_s, limits.memory_bytes / MIB]
print(json.dumps([used, {name: float(value) for name, value in defaults}]))
"""


@pytest.mark.slow
def test_a_limit_that_is_changed_in_the_source_is_used_and_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    used, shown = json.loads(done.stdout.splitlines()[-1])
    assert used == [71.0, 72.0, 730.0, 740.0]
    assert shown == {
        "cell-seconds": 71.0,
        "call-seconds": 72.0,
        "submission-seconds": 730.0,
        "memory-mb": 740.0,
    }


@pytest.mark.parametrize(
    "said",
    [
        f"a cell ({Limits.cell_s:g} s)",
        f"code ({Limits.call_s:g} s)",
        f"submission ({Limits.submission_s:g} s)",
        f"one process ({Limits.memory_bytes / MIB:g} MiB)",
    ],
)
def test_the_instructors_guide_names_the_defaults(said: str) -> None:
    guide = (HOUSE / "docs" / "instructors.md").read_text("utf-8")
    assert said in " ".join(guide.split())
