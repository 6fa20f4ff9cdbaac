"""Measure the grading of one class: plain nbgrader, the exam, and the floor (least possible time).

The floor is the time of the submissions' own cells and tests: each notebook's cells run one after
the other in a fork of a process that has imported the libraries already. All of it is measured in
one run on one class, since machines differ and are noisy: compare the ratios.

Writes ``build/bench/grading.json``; run by ``make bench``.
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
from collections.abc import Sequence
from pathlib import Path

import nbformat
import psutil
from rich.console import Console
from rich.table import Table

from autograder.course import Course
from autograder.demo.students import CLASS, Material, broken, mistaken
from autograder.topics.release import release

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "bench"
# The course's configuration without the exam: nbgrader's own steps.
PLAIN_CONFIG = """
c.pop("Autograde")
c.Execute.timeout = 120
"""


def main() -> None:
    """Measure the named topics and print a table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("topics", nargs="*", default=["01-perceptron", "05-backprop"])
    arguments.add_argument("--students", type=int, default=16)
    arguments.add_argument("--json", type=Path, default=FOLDER / "grading.json")
    options = arguments.parse_args()
    results = {topic: measure(topic, options.students) for topic in options.topics}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    show(results)
    print(f"Written to {options.json}")


def measure(topic: str, students: int) -> dict[str, object]:
    """Grade one class in every way; return seconds by the clock and of processor time."""
    plain = make_class(FOLDER / topic / "plain", topic, students, PLAIN_CONFIG)
    ours = make_class(FOLDER / topic / "exam", topic, students)
    nbgrader = ["-m", "nbgrader", "autograde", topic, f"--course-dir={plain.root}", "--quiet"]
    grade = ["-m", "autograder", "grade", topic, "--course", str(ours.root), "--force"]
    summary = FOLDER / topic / "summary.json"
    cores = os.cpu_count() or 1
    nbgrader_s, _ = timed(nbgrader, plain.root)
    one_s, one_peak = timed([*grade, "--jobs", "1", "--json", str(summary)], ours.root)
    all_s, all_peak = timed([*grade, "--jobs", str(cores), "--json", str(summary)], ours.root)
    told = json.loads(summary.read_text("utf-8"))[topic]["submissions"].values()
    floor_wall, floor_cpu = floor(ours, topic)
    return {
        "submissions": students,
        "workers": cores,
        "nbgrader_s": round(nbgrader_s, 2),
        "one_worker_s": round(one_s, 2),
        "all_workers_s": round(all_s, 2),
        "exam_cpu_s": round(sum(one["cpu_s"] for one in told), 2),
        "floor_s": round(floor_wall, 2),
        "floor_cpu_s": round(floor_cpu, 2),
        "mb_per_submission": round((all_peak - one_peak) / max(1, cores - 1) / 2**20),
        "timing": _parts([one.get("timing", {}) for one in told]),
    }


def make_class(root: Path, topic: str, students: int, config: str = "") -> Course:
    """Make a course folder with a class's submissions."""
    course, material = empty_course(root, topic, config)
    habits = [student.habit for student in CLASS if student.habit is not broken]
    habits += [mistaken(number, 1 + number % 3) for number in range(7, 7 + students)]
    for number, habit in enumerate(habits[:students], 1):
        folder = course.submitted_dir / f"student-{number:02}" / topic
        folder.mkdir(parents=True)
        nbformat.write(habit(material), folder / f"{topic}.ipynb")
    return course


def empty_course(root: Path, topic: str, config: str = "") -> tuple[Course, Material]:
    """Make a course folder with one released topic; return it and the material for answers."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    text = (ROOT / "nbgrader_config.py").read_text("utf-8") + config
    (root / "nbgrader_config.py").write_text(text, encoding="utf-8")
    course = Course.find(root=root, solutions=ROOT / "solutions")
    release(course, [topic])
    return course, Material.read(course, topic)


def timed(command: Sequence[str], folder: Path) -> tuple[float, int]:
    """Run a Python command; return seconds, and the peak memory in bytes with its children."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak = [0]
    watch = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watch.start()
    _, said = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{said.decode(errors='replace')[-2000:]}")
    return seconds, peak[0]


def _watch(pid: int, peak: list[int]) -> None:
    """Store the largest sum of PSS in bytes: processes that share a page share its size."""
    while True:
        try:
            top = psutil.Process(pid)
            family = [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        peak[0] = max(peak[0], sum(map(_memory, family)))
        time.sleep(0.5)


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().pss
    except (psutil.Error, OSError):
        return 0


def floor(course: Course, topic: str) -> tuple[float, float]:
    """Run every graded notebook's cells in forks of one process; return seconds (clock, CPU)."""
    books = sorted(course.autograded_dir.glob(f"*/{topic}/{topic}.ipynb"))
    code = ["-c", FLOOR, *map(str, books)]
    environment = {**os.environ, "NNKIT_FIGURES": "off"}
    done = subprocess.run(
        [sys.executable, *code], capture_output=True, text=True, env=environment, cwd=course.root
    )
    if done.returncode:
        sys.exit(f"The floor could not be measured:\n{done.stderr[-2000:]}")
    wall, cpu = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu


FLOOR = """
import json, os, sys, time
import keras, matplotlib, nbformat, numpy, tensorflow
matplotlib.use("agg")
import matplotlib.pyplot
from IPython.core.interactiveshell import InteractiveShell
from nnkit import checks, datasets, plots
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
began, cpu = time.perf_counter(), 0.0
for path in sys.argv[1:]:
    cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1), os.dup2(null, 2)
        for source in cells:
            shell.run_cell(source)
        os._exit(0)
    _, _, used = os.wait4(pid, 0)
    cpu += used.ru_utime + used.ru_stime
print(json.dumps([time.perf_counter() - began, cpu]))
"""


def _parts(timings: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean seconds of each step of a submission."""
    names = dict.fromkeys(name for timing in timings for name in timing)
    return {name: round(sum(t.get(name, 0.0) for t in timings) / len(timings), 4) for name in names}


def show(results: dict[str, dict]) -> None:
    """Print the table."""
    table = Table(title="Seconds for one class")
    rows = {
        "submissions": lambda r: r["submissions"],
        "plain nbgrader autograde": lambda r: r["nbgrader_s"],
        "autograder grade, 1 worker": lambda r: r["one_worker_s"],
        "autograder grade, 1 worker per core": lambda r: r["all_workers_s"],
        "floor: cells and tests alone, CPU": lambda r: r["floor_cpu_s"],
        "exam, CPU": lambda r: r["exam_cpu_s"],
        "exam CPU ÷ floor CPU": lambda r: f"{r['exam_cpu_s'] / r['floor_cpu_s']:.2f}",
        "cost above the floor ÷ plain nbgrader": lambda r: (
            f"{(r['exam_cpu_s'] - r['floor_cpu_s']) / r['nbgrader_s']:.1%}"
        ),
        "throughput ÷ plain nbgrader's": lambda r: f"{r['nbgrader_s'] / r['all_workers_s']:.1f}",
        "MB for each further submission": lambda r: r["mb_per_submission"],
    }
    table.add_column("")
    for topic in results:
        table.add_column(topic, justify="right")
    for name, value in rows.items():
        table.add_row(name, *(str(value(result)) for result in results.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
