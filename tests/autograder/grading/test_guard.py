"""nbgrader's own commands read only regular files from the moment they read the configuration."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FIRST = "import nbgrader.apps"
READ = "PyFileConfigLoader('nbgrader_config.py', path='.').load_config()"
OURS = "from autograder.serverless import leave_out_server; leave_out_server()"
GUARDED = """
from nbgrader.apps import api, autogradeapp
print(*{module.Autograde.__name__ for module in (api, autogradeapp)})
"""


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        pytest.param([FIRST, READ], "PlainAutograde", id="its commands"),
        pytest.param([READ, FIRST], "PlainAutograde", id="the configuration first"),
        pytest.param([OURS, READ], "Autograde", id="the autograder reads clean copies"),
    ],
)
def test_the_class_that_reads_submissions(steps: list[str], name: str) -> None:
    code = "\n".join(["from traitlets.config import PyFileConfigLoader", *steps, GUARDED])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip() == name, done.stderr
