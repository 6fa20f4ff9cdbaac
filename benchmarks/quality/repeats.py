"""Grade one class again and again, on one to four workers: scores and check records must be equal.

With ``--busy``, a class of right answers is graded on a quiet machine, then the slowest of them
with eight endless loops beside it, at the course's limits.

Run by ``make repeats``; fails, and names the first difference, where a repeat differs.
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
from nnkit.checks.report import RECORD_TYPE

WORKERS = (1, 2, 3, 4)
LOOPS = 8
BUSY_TOPICS = ("07-dropout", "08-cnn", "10-transfer")
REFERENCE = "reference"


def main() -> None:
    """Grade the topics that were named, so many times."""
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
            found = all_told(course, run)
            first = first or found
            if found != first:
                sys.exit(
                    f"{topic}: repeat {number + 1}, {jobs} workers: {difference(first, found)}"
                )
            print(f"{topic}: repeat {number + 1}, {jobs} workers: equal", flush=True)


def under_load(topic: str, slowest: int) -> None:
    """Compare the reference and the slowest right answers, graded without and with busy loops."""
    course = right_answers(FOLDER / topic / "busy", topic)
    [quiet] = grade(course, [topic], jobs=1, force=True)
    expected = all_told(course, quiet)
    by_time = sorted(quiet.submissions.values(), key=lambda one: -one.cpu_s)
    names = {REFERENCE, *[one.student for one in by_time][:slowest]}
    with busy_loops(LOOPS):
        [run] = grade(course, [topic], force=True, only=lambda entry: entry.student in names)
    found = all_told(course, run)
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
    """Make a course in which the reference and every right variant of a topic are handed in."""
    course, material = empty_course(root, topic)
    put(course, topic, REFERENCE, reference(material))
    for variant in material.of("right"):
        put(course, topic, *answer(material, variant))
    return course


def answer(material: Material, variant: Variant) -> tuple[str, nbformat.NotebookNode]:
    """Return a student's name for a variant, and the reference with it in place."""
    made = submission(material.released, material.source, replace=[variant])
    return f"line-{variant.line}", made


def put(course: Course, topic: str, student: str, notebook: nbformat.NotebookNode) -> None:
    """Hand a notebook in."""
    folder = course.submitted_dir / student / topic
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{topic}.ipynb")


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keep processors busy meanwhile."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def all_told(course: Course, run: TopicRun) -> dict[str, Any]:
    """Return what grading says of each submission, times aside."""
    return {
        student: told(one, course.autograded_dir / student / run.topic / f"{run.topic}.ipynb")
        for student, one in sorted(run.submissions.items())
    }


def told(submission: Any, notebook: Path) -> dict[str, Any]:
    """Return everything that grading says of a submission, times aside."""
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
    """Name the first student and part that differ."""
    for student, parts in first.items():
        for part, value in parts.items():
            if found[student][part] != value:
                return f"{student}, {part}: {value} became {found[student][part]}"
    return f"students {list(first)} became {list(found)}"


if __name__ == "__main__":
    main()
