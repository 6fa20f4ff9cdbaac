"""Grade broken and odd ("dirty") submissions: ``make dirty`` prints a table of the results."""

from __future__ import annotations

import copy
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from rich.console import Console

from autograder import terminal
from autograder.course import Course
from autograder.gradebook.records import Submission, TopicRun
from autograder.grading.grade import grade
from autograder.remarks import texts
from autograder.topics import solved_notebooks
from autograder.topics.release import release
from autograder.topics.topic import parse
from benchmarks.quality.dirty_kinds import ALL, KINDS, NONE, TASK, Kind, Work, grade_id


def hand_in_all(
    course: Course, topic: str, solved: NotebookNode, names: tuple[str, str, str]
) -> None:
    """Hand in one submission of every kind; the student has the kind's name.

    Parameters
    ----------
    solved
        The students' notebook with right answers.
    names
        Grade ids of a task, of its test and of a given cell.
    """
    for kind in KINDS:
        folder = course.submitted_dir / kind.name / topic
        kind.make(Work(folder, topic, copy.deepcopy(solved), *names))


def verdict(kind: Kind, outcome: Submission, run: TopicRun, task: str) -> str | None:
    """Return how the outcome differs from the expected one, or None."""
    lost = sum(t.points for name, t in outcome.tests.items() if name.startswith(task))
    wanted = {ALL: run.max_score, TASK: run.max_score - lost, NONE: 0.0}[kind.score]
    said = "; ".join(texts(outcome.remarks))
    if not outcome.graded or outcome.score != wanted:
        return f"scored {outcome.score:g} instead of {wanted:g}: {said}"
    if kind.said and not re.search(kind.said, said):
        return f"the expected remark is missing: {said!r}"
    if not kind.said and said:
        return f"no remark was expected: {said!r}"
    return None


def names_in(solved: NotebookNode) -> tuple[str, str, str]:
    """Return the grade ids of a task that has a test, of the test and of the first given cell."""
    ids = [name for name in map(grade_id, solved.cells) if name]
    task = next(name for name in ids if f"test-{name}" in ids)
    return task, f"test-{task}", next(name for name in ids if name.startswith("given-"))


def main(arguments: Iterable[str]) -> int:
    """Grade all kinds of one topic, print the results, and return 1 if any is wrong."""
    topic = next(iter(arguments), "01-perceptron")
    original = Course.find(start=Path(__file__).parent)
    with tempfile.TemporaryDirectory(prefix="dirty-") as scratch:
        root = Path(scratch)
        shutil.copy(original.root / "nbgrader_config.py", root)
        course = Course.find(root=root, solutions=original.solutions)
        release(course, [topic])
        solved = solved_notebooks.solved(course, parse(course.topic_path(topic)))
        names = names_in(solved)
        hand_in_all(course, topic, solved, names)
        warnings.filterwarnings("ignore", message="Object of type .* not in session")
        (run,) = grade(course, [topic])
    lines, faults = [], []
    for kind in KINDS:
        outcome = run.submissions[kind.name]
        said = "; ".join(texts(outcome.remarks)).removeprefix("scored 0: ")
        lines.append((kind.name, f"{outcome.score:g}", terminal.clean(said)))
        if fault := verdict(kind, outcome, run, names[0]):
            faults.append(f"{kind.name}: {fault}")
    title = f"Dirty submissions of {topic}; all answers are right (of {run.max_score:g} points)"
    terminal.rows(Console(), title, ("Kind", "Score", "Remark"), lines, right=("Score",))
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
