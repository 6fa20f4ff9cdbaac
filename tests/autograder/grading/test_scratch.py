"""Scratch folders go with their run, and those of killed runs with the next one."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.grading.scratch import PREFIX, scratch_folder, sweep

HELD = """
import time
from autograder.grading.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "work").write_text("mine")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def age(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_it_goes_with_its_run(temporary):
    with scratch_folder() as folder:
        assert folder.parent == temporary
        (folder / "work").write_text("mine")
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_has_left_is_swept_and_what_lives_is_not(temporary):
    with subprocess.Popen([sys.executable, "-c", HELD], stdout=subprocess.PIPE, text=True) as run:
        folder = Path(run.stdout.readline().strip())
        age(folder)
        sweep()
        assert (folder / "work").read_text() == "mine"
        run.send_signal(signal.SIGKILL)
    sweep()
    assert not folder.exists()


def test_what_is_young_or_not_ours_stays(temporary):
    young, foreign = temporary / f"{PREFIX}young", temporary / f"{PREFIX}foreign"
    young.mkdir()
    (young / "in-use").touch()
    foreign.mkdir()
    age(foreign)
    sweep()
    assert young.exists()
    assert foreign.exists()
