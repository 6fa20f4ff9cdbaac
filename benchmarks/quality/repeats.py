"""Grade one class many times, on one to four workers: scores and check records must be equal.

With ``--busy``, a class of right answers is graded on a quiet machine, then the slowest of them
while eight endless loops run, at the course's limits.

Run by ``make repeats``; fails and names the first difference if a repeat differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course
from autograder.demo.students import Material, reference
from autograder.gradebook.records import TopicRun
from autograder.grading.grade import grade
from autograder.remarks import texts
from autograder.topics.solved_notebooks import submission
from autograder.topics.variants import Variant
from benchmarks.speed.grading import FOLDER, empty_course, make_class
from nnkit.record import RECORD_TYPE

WORKERS = (1, 2, 3, 4)
LOOPS = 8
BUSY_TOPICS = ("07-dropout", "08-cnn", "10-transfer")
REFERENCE = "reference"


def main() -> None:
    """Grade each named topic many times, or on a quiet and a busy machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", help="default: 05, with --busy 07, 08 and 10")
    parser.add_argument("--students", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--busy", action="store_true", help="grade under load, and compare")
    options = parser.parse_args()
    for topic in options.topics or (BUSY_TOPICS if options.busy else ["05-backprop"]):
        if options.busy:
            under_load(topic, options.students)
            continue
        course = make_class(FOLDER / topic / "repeats", topic, options.students)
        first: dict[str, Any] | None = None
        for number in range(options.repeats):
            jobs = WORKERS[number % len(WORKERS)]
            [run] = grade(course, [topic], jobs=jobs, force=True)
            found = results(course, run)
            first = first or found
            if found != first:
                sys.exit(
                    f"{topic}: repeat {number + 1}, {jobs} workers: {difference(first, found)}"
                )
            print(f"{topic}: repeat {number + 1}, {jobs} workers: equal", flush=True)


def under_load(topic: str, slowest: int) -> None:
    """Grade the reference and the slowest right answers without and with busy loops; compare."""
    course = right_answers(FOLDER / topic / "busy", topic)
    [quiet] = grade(course, [topic], jobs=1, force=True)
    expected = results(course, quiet)
    by_time = sorted(quiet.submissions.values(), key=lambda one: -one.cpu_s)
    names = {REFERENCE, *[one.student for one in by_time][:slowest]}
    with busy_loops(LOOPS):
        [run] = grade(course, [topic], force=True, only=lambda entry: entry.student in names)
    found = results(course, run)
    expected = {student: expected[student] for student in sorted(names)}
    if found != expected:
        sys.exit(f"{topic}, {LOOPS} busy loops: {difference(expected, found)}")
    before, now = (
        max(sum(o.timing.values()) for o in r.submissions.values()) for r in (quiet, run)
    )
    print(
        f"{topic}: {len(names)} with {LOOPS} busy loops: equal; {before:.0f} s became {now:.0f} s"
    )


def right_answers(root: Path, topic: str) -> Course:
    """Make a course whose students hand in the reference and every right variant of a topic."""
    course, material = empty_course(root, topic)
    put(course, topic, REFERENCE, reference(material))
    for variant in material.of("right"):
        put(course, topic, *answer(material, variant))
    return course


def answer(material: Material, variant: Variant) -> tuple[str, nbformat.NotebookNode]:
    """Return a student's name for a variant, and the reference solution with the variant."""
    made = submission(material.released, material.source, replace=[variant])
    return f"line-{variant.line}", made


def put(course: Course, topic: str, student: str, notebook: nbformat.NotebookNode) -> None:
    """Write a student's submission."""
    folder = course.submitted_dir / student / topic
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{topic}.ipynb")


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Run endless loops in this context, each in a process."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def results(course: Course, run: TopicRun) -> dict[str, Any]:
    """Return the result of each submission, without times, by student."""
    return {
        student: result(one, course.autograded_dir / student / run.topic / f"{run.topic}.ipynb")
        for student, one in sorted(run.submissions.items())
    }


def result(submission: Any, notebook: Path) -> dict[str, Any]:
    """Return the score, remarks, tests and check records of a submission, without times."""
    records = [
        output["data"][RECORD_TYPE]
        for cell in nbformat.read(notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        if RECORD_TYPE in output.get("data", {})
    ]
    return {
        "score": submission.score,
        "remarks": texts(submission.remarks),
        "tests": json.loads(json.dumps(submission.tests, default=vars)),
        "records": records,
    }


def difference(first: dict[str, Any], found: dict[str, Any]) -> str:
    """Return the first student and part that differ, as a sentence."""
    for student, parts in first.items():
        for part, value in parts.items():
            if found[student][part] != value:
                return f"{student}, {part}: {value} became {found[student][part]}"
    return f"students {list(first)} became {list(found)}"


if __name__ == "__main__":
    main()
