"""Measure grading on a Dask cluster of this machine, and model larger clusters.

One class is graded by this machine's own executor and by 1, 2 and 4 workers of a cluster, whose
proctors have started already. The time is from the first submission read to the last recorded. All
of it is measured in one run, since machines differ and are noisy: compare the ratios.

Writes ``build/bench/cluster.json``; run by ``make bench-cluster``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.cluster.address import Place
from autograder.cluster.cluster_workers import ClusterWorkers
from autograder.course import Course
from autograder.grading.engine import Engine
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.grade import grade
from autograder.grading.workers import Runner, Workers, local_threads
from benchmarks.speed.cluster_model import Costs, NoExam, simulate
from benchmarks.speed.grading import FOLDER, make_class

SIZES = (1, 2, 4)
MODELLED = (1, 2, 5, 10, 20, 50, 100, 200)
CROWD = 10_000


@dataclass(frozen=True)
class Measured:
    """One run over the class.

    Attributes
    ----------
    writer_cpu_s, other_cpu_s
        Processor time in seconds of the thread that reads and records, and of this process's other
        threads: the client's and, for a cluster of this machine, the scheduler's.
    """

    workers: int
    wall_s: float
    submissions: int
    exams: list[float]
    opening: float
    recording: float
    writer_cpu_s: float
    other_cpu_s: float

    @property
    def per_hour(self) -> float:
        """Submissions per hour."""
        return 3600 * self.submissions / self.wall_s

    @property
    def not_exam(self) -> float:
        """The share of the workers' time without an exam, 0 to 1."""
        return max(0.0, 1 - sum(self.exams) / (self.workers * self.wall_s))

    def costs(self, bare: Measured) -> Costs:
        """Return the model's costs, from this run and from ``bare``, a run without exams.

        There the scheduler always works; here it mostly waits, which also costs processor time.
        """
        writer = self.writer_cpu_s / self.submissions
        opening = writer * self.opening / (self.opening + self.recording)
        passing = bare.other_cpu_s / bare.submissions / 2
        return Costs(opening, writer - opening, max(passing, 1e-6), self.exams)


def main() -> None:
    """Measure, model, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--topic", default="01-perceptron")
    arguments.add_argument("--students", type=int, default=24)
    arguments.add_argument("--json", type=Path, default=FOLDER / "cluster.json")
    options = arguments.parse_args()
    warnings.filterwarnings("ignore", message="Object of type .* not in session")
    course = make_class(FOLDER / "cluster", options.topic, options.students)
    cores = len(os.sched_getaffinity(0))
    here = {size: locally(course, options.topic, size) for size in sorted({1, cores})}
    there = {size: on_cluster(course, options.topic, size) for size in SIZES}
    bare = without_exams(course, options.topic)
    found = summary(here, there, bare, cores)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    show(here, there, found)
    print(f"Written to {options.json}")


def locally(course: Course, topic: str, size: int) -> Measured:
    """Grade with this machine's own executor."""
    engine = ExamEngine.of(course.config)
    try:
        with Workers(local_threads, size) as crew:
            return measured(course, topic, engine, crew, size)
    finally:
        engine.stop()


def on_cluster(course: Course, topic: str, size: int) -> Measured:
    """Grade with a cluster on this machine."""
    with ClusterWorkers(Place("", size)) as crew:
        return measured(course, topic, ExamEngine.of(course.config), crew, size)


def without_exams(course: Course, topic: str, repeats: int = 10) -> Measured:
    """Grade the class many times with an engine that holds no exam."""
    with ClusterWorkers(Place("", 2)) as crew:
        runs = [measured(course, topic, NoExam(), crew, 2) for _ in range(repeats)]
    return Measured(
        workers=2,
        wall_s=sum(run.wall_s for run in runs),
        submissions=sum(run.submissions for run in runs),
        exams=[],
        opening=runs[0].opening,
        recording=runs[0].recording,
        writer_cpu_s=sum(run.writer_cpu_s for run in runs),
        other_cpu_s=sum(run.other_cpu_s for run in runs),
    )


def measured(course: Course, topic: str, engine: Engine, crew: Runner, size: int) -> Measured:
    """Warm every worker up, then grade the class and see what it takes."""
    first = {f"student-{number:02}" for number in range(1, 2 * size + 1)}
    grade(
        course, [topic], engine=engine, workers=crew, force=True, only=lambda h: h.student in first
    )
    began, writer, process = time.perf_counter(), time.thread_time(), time.process_time()
    [run] = grade(course, [topic], engine=engine, workers=crew, force=True)
    wall = time.perf_counter() - began
    writer = time.thread_time() - writer
    process = time.process_time() - process
    steps = [outcome.timing for outcome in run.submissions.values()]
    return Measured(
        workers=size,
        wall_s=wall,
        submissions=len(steps),
        exams=[sum(each.get(step, 0.0) for step in ("fork", "cells", "tests")) for each in steps],
        opening=sum(each["sanitise"] for each in steps) / len(steps),
        recording=sum(each["record"] for each in steps) / len(steps),
        writer_cpu_s=writer,
        other_cpu_s=process - writer,
    )


def summary(
    here: dict[int, Measured], there: dict[int, Measured], bare: Measured, cores: int
) -> dict[str, object]:
    """Return the JSON summary: measured, checked and modelled numbers."""
    one = there[1]
    costs = one.costs(bare)
    # More workers than cores share the cores; the model assumes a core for each worker.
    checked = {
        size: simulate(each.costs(bare), each.submissions, size) / each.wall_s
        for size, each in there.items()
        if size <= cores
    }
    lengths = {size: simulate(costs, CROWD, size) for size in MODELLED}
    return {
        "efficiency": {
            str(size): round(each.per_hour / (size * one.per_hour), 3)
            for size, each in there.items()
        },
        "local_s": round(here[cores].wall_s, 2),
        "cluster_s": round(there[min(SIZES, key=lambda size: abs(size - cores))].wall_s, 2),
        "not_exam": {str(size): round(each.not_exam, 3) for size, each in there.items()},
        "local_not_exam": {str(size): round(each.not_exam, 3) for size, each in here.items()},
        "model_over_measured": {str(size): round(ratio, 3) for size, ratio in checked.items()},
        "modelled_s": {str(size): round(seconds) for size, seconds in lengths.items()},
        "modelled_efficiency": {
            str(size): round(lengths[1] / (size * seconds), 3) for size, seconds in lengths.items()
        },
        "writer_per_hour": round(costs.writer_limit),
        "scheduler_per_hour": round(costs.scheduler_limit),
        "measured": {
            "local": {size: asdict(each) for size, each in here.items()},
            "cluster": {size: asdict(each) for size, each in there.items()},
            "without_exams": asdict(bare),
        },
    }


def show(here: dict[int, Measured], there: dict[int, Measured], found: dict) -> None:
    """Print the tables."""
    table = Table("", "workers", "s", "per hour", "not exam", "efficiency", title="Measured")
    for name, runs in (("this machine", here), ("cluster", there)):
        for size, each in runs.items():
            table.add_row(
                name,
                str(size),
                f"{each.wall_s:.1f}",
                f"{each.per_hour:.0f}",
                f"{each.not_exam:.1%}",
                f"{each.per_hour / (size * runs[1].per_hour):.2f}",
            )
    Console().print(table)
    print("Model ÷ measured:", found["model_over_measured"])
    table = Table("workers", "minutes", "efficiency", title=f"Modelled: {CROWD} submissions")
    for size, seconds in found["modelled_s"].items():
        table.add_row(size, f"{seconds / 60:.0f}", f"{found['modelled_efficiency'][size]:.2f}")
    Console().print(table)
    print(f"One writer: at most {found['writer_per_hour']} submissions an hour;")
    print(f"one scheduler, with its client: {found['scheduler_per_hour']}.")


if __name__ == "__main__":
    main()
