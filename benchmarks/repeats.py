"""Grade one class again and again, on one to four workers: scores and check records must be equal.

Run by ``make repeats``; fails, and names the first difference, where a repeat differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import nbformat

from autograder.grading.grade import grade
from benchmarks.grading import FOLDER, make_class
from nnkit.checks.report import RECORD_TYPE

WORKERS = (1, 2, 3, 4)


def main() -> None:
    """Grade the topics that were named, so many times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", default=["05-backprop"])
    parser.add_argument("--students", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    for topic in options.topics:
        course = make_class(FOLDER / topic / "repeats", topic, options.students)
        first: dict[str, Any] | None = None
        for number in range(options.repeats):
            jobs = WORKERS[number % len(WORKERS)]
            [run] = grade(course, [topic], jobs=jobs, force=True)
            found = {
                student: told(one, course.autograded_dir / student / topic / f"{topic}.ipynb")
                for student, one in sorted(run.submissions.items())
            }
            first = first or found
            if found != first:
                sys.exit(
                    f"{topic}: repeat {number + 1}, {jobs} workers: {difference(first, found)}"
                )
            print(f"{topic}: repeat {number + 1}, {jobs} workers: equal", flush=True)


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
        "remarks": list(submission.remarks),
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
