"""A run's grades as CSV: one line for each student and topic, one column for each task."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from autograder.gradebook.records import Submission, TopicRun
from autograder.remarks import texts

HEAD = ("student_id", "topic", "score", "max_score", "status")


def write_grades(path: Path, runs: Iterable[TopicRun]) -> None:
    """Write the file; the same grades always give the same bytes.

    ``score`` and ``max_score`` count the automatically graded points. The column of a task is blank
    if the topic has no such task, or if it is not graded by hand yet.
    """
    runs = list(runs)
    tasks = list(dict.fromkeys(name for run in runs for name in _tasks(run)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*HEAD, *tasks], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(_lines(runs), key=lambda line: (line["topic"], line["student_id"])))


def _tasks(run: TopicRun) -> Iterable[str]:
    """Yield the names of a topic's tests, then of its written questions."""
    outcomes = [run.submissions[student] for student in sorted(run.submissions)]
    yield from (name for outcome in outcomes for name in outcome.tests)
    yield from (name for outcome in outcomes for name in outcome.manual)


def _lines(runs: Iterable[TopicRun]) -> Iterable[dict[str, str]]:
    """Yield one line for each student and topic."""
    for run in runs:
        common = {"topic": run.topic, "max_score": f"{run.max_score:g}"}
        for student, outcome in run.submissions.items():
            yield {"student_id": student, **common, **_scores(outcome)}
        for student in run.absent:
            yield {"student_id": student, **common, "score": "0", "status": "not handed in"}


def _scores(outcome: Submission) -> dict[str, str]:
    """Return the scores of one submission as text."""
    line = {"score": f"{outcome.score:g}", "status": "; ".join(texts(outcome.remarks)) or "graded"}
    line |= {name: f"{test.score:g}" for name, test in outcome.tests.items()}
    return line | {
        name: f"{answer.score:g}"
        for name, answer in outcome.manual.items()
        if answer.score is not None
    }
