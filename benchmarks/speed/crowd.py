"""Grade a thousand NumPy submissions in one run: throughput, the writer's time, memory over time.

The topic is small and needs only NumPy, so that the cost of the autograder itself is visible.
Memory is that of the command that reads, sanitises and records, without the proctor's children.
Writes ``build/bench/crowd.json``; run by ``make crowd``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.topics.release import release
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench" / "crowd"
TOPIC = "numpy-only"

TEXT = '''# %% given="setup"
import numpy as np

from nnkit import checks

# %% task="sigmoid"
def sigmoid(z):
    """σ(z) = 1 / (1 + e^(−z)), any shape."""
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-z))
    ### END SOLUTION

# %% test="sigmoid" points=2
checks.close(sigmoid(np.array([0.0, 2.0])), [0.5, 0.8807970779778823], "σ(0) and σ(2)")
### BEGIN HIDDEN TESTS
with checks.hidden():
    some = [(np.random.default_rng(1).normal(size=shape),) for shape in ((3,), (2, 5))]
    checks.same(sigmoid, lambda z: 1 / (1 + np.exp(-z)), some, "σ of arrays")
### END HIDDEN TESTS

# %% task="mean_square"
def mean_square(a, y):
    """The mean of ½ (a − y)² over all elements."""
    ### BEGIN SOLUTION
    return np.mean((a - y) ** 2) / 2
    ### END SOLUTION

# %% test="mean_square" points=2
checks.close(mean_square(np.array([1.0, 2.0]), np.array([0.0, 4.0])), 1.25, "the cost of two")
### BEGIN HIDDEN TESTS
with checks.hidden():
    draw = np.random.default_rng(2).normal
    some = [(draw(size=7), draw(size=7))]
    checks.same(mean_square, lambda a, y: np.mean((a - y) ** 2) / 2, some, "the cost of seven")
### END HIDDEN TESTS
'''
# The class's submissions, in turn: the solved tasks, and the source of an added cell.
HABITS = [
    (["sigmoid", "mean_square"], ""),
    (["sigmoid"], ""),
    ([], ""),
    (["sigmoid", "mean_square"], "print('x' * 100_000)"),
    (["mean_square"], "import os\nos._exit(1)"),
]


def main() -> None:
    """Make the class, grade it, print and write the measurements."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--students", type=int, default=1000)
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()
    course = make_class(options.students)
    summary = FOLDER / "summary.json"
    command = [sys.executable, "-m", "autograder", "grade", TOPIC, "--course", str(course.root)]
    command += ["--force", "--jobs", str(options.jobs), "--json", str(summary)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    samples: list[int] = []
    threading.Thread(target=_watch, args=(process.pid, samples), daemon=True).start()
    if process.wait():
        sys.exit("the class could not be graded")
    wall_s = time.perf_counter() - began
    told = list(json.loads(summary.read_text("utf-8"))[TOPIC]["submissions"].values())
    found = measured(told, samples, wall_s, options.jobs)
    found["scores"] = scores_are_right(told)
    (FOLDER / "crowd.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    table = Table("", "")
    for name, value in found.items():
        table.add_row(name, str(value))
    Console().print(table)


def make_class(students: int) -> Course:
    """Make a course with the small topic and a class's submissions."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    folder = FOLDER / "solutions" / TOPIC
    folder.mkdir(parents=True)
    (folder / f"{TOPIC}.py").write_text(TEXT, encoding="utf-8")
    shutil.copy(ROOT / "nbgrader_config.py", FOLDER)
    course = Course.find(root=FOLDER)
    release(course, [TOPIC])
    parsed = parse(course.topic_path(TOPIC))
    released = nbformat.read(course.release_dir / TOPIC / f"{TOPIC}.ipynb", as_version=4)
    for number in range(students):
        solved, cell = HABITS[number % len(HABITS)]
        work = submission(released, build_source(parsed), solved=solved)
        if cell:
            work.cells.insert(1, nbformat.v4.new_code_cell(cell))
        folder = course.submitted_dir / f"student-{number:04}" / TOPIC
        folder.mkdir(parents=True)
        nbformat.write(work, folder / f"{TOPIC}.ipynb")
    return course


def scores_are_right(told: list[dict]) -> str:
    """Return how many scores are right, as text."""
    right = sum(one["score"] == 2 * len(HABITS[n % len(HABITS)][0]) for n, one in enumerate(told))
    return f"{right} of {len(told)} right"


def measured(told: list[dict], samples: list[int], wall_s: float, jobs: int) -> dict[str, object]:
    """Return the run's seconds, and the command's memory in MiB early and late."""
    count = len(told)
    mean = {
        step: sum(one["timing"][step] for one in told) / count
        for step in ("sanitise", "fork", "cells", "tests", "record")
    }
    working = samples[len(samples) // 10 :]  # the first tenth is start-up
    third = max(1, len(working) // 3)
    return {
        "submissions": count,
        "workers": jobs,
        "wall_s": round(wall_s, 1),
        "submissions per minute": round(60 * count / wall_s),
        "exam CPU s per submission": round(sum(one["cpu_s"] for one in told) / count, 3),
        **{f"{step} s per submission": round(value, 4) for step, value in mean.items()},
        "writer s per submission": round(mean["sanitise"] + mean["record"], 4),
        "MiB, mean of the first third": round(sum(working[:third]) / third / 2**20),
        "MiB, mean of the last third": round(sum(working[-third:]) / third / 2**20),
        "MiB, peak": round(max(samples) / 2**20),
    }


def _watch(pid: int, samples: list[int]) -> None:
    """Sample the resident memory of the command until it ends."""
    try:
        process = psutil.Process(pid)
        while process.is_running():
            samples.append(process.memory_info().rss)
            time.sleep(0.5)
    except psutil.NoSuchProcess:
        return


if __name__ == "__main__":
    main()
