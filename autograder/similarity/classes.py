"""Compare the submissions of a class, read and repaired as for grading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import nbformat
from nbformat import NotebookNode

from autograder.bounded_process import Exceeded, shared
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook import assignment
from autograder.gradebook.assignment import Plan
from autograder.similarity import handed_in
from autograder.similarity.comparing import compare
from autograder.similarity.pairs import Comparison
from autograder.submissions.layout import HandedIn, hand_ins
from autograder.topics import markers
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from autograder.topics.variants import Variant, load


def of_class(course: Course, topic: str) -> Comparison:
    """Compare all submissions for a topic. No code is run.

    The topic's reference solution and its variants count as code that any student may write.

    Returns
    -------
    Comparison
        The similar pairs, and for each student why work was not, or only partly, compared.

    Raises
    ------
    AutograderError
        If there are no submissions, or the topic was never released.
    """
    entries = hand_ins(course, course.submitted_dir.resolve(), topic)
    with course.gradebook() as gradebook:
        plan = assignment.load(gradebook, course, topic)
    path = course.release_dir / topic / f"{topic}.ipynb"
    if not path.is_file():
        raise AutograderError(
            f"There is no students' notebook at {path}. Release it: autograder release {topic}"
        )
    unread: dict[str, list[str]] = {}
    released = nbformat.read(path, as_version=4)
    solution, known = _by_the_book(course, topic)
    found = compare(_read(entries, plan, unread), released, solution, known)
    return Comparison(found.pairs, dict(sorted((unread | found.remarks).items())))


def by_the_book(source: NotebookNode, variants: Iterable[Variant]) -> tuple[list[str], list[str]]:
    """Return the code cells of a topic's reference solution, and the code of its variants.

    Parameters
    ----------
    source
        The notebook with the reference solution (`autograder.topics.source_notebook.build_source`).
    """
    answers = [
        markers.without_markers(cell.source)
        for cell in source.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]
    return answers, [variant.source for variant in variants]


def _read(
    entries: Iterable[HandedIn], plan: Plan, unread: dict[str, list[str]]
) -> Iterator[tuple[str, NotebookNode]]:
    """Yield the notebooks that can be read, repaired as for grading; note the others."""
    for entry in entries:
        try:
            notebook = shared().call(handed_in.cells, entry, plan)
        except (Exceeded, AutograderError) as error:  # one submission must not stop the class
            unread[entry.student] = [f"not compared: {error}"]
        else:
            yield entry.student, notebook


def _by_the_book(course: Course, topic: str) -> tuple[list[str], list[str]]:
    """Return `by_the_book` from the course's own files of a topic; [] for missing files."""
    try:
        path = course.topic_path(topic)
        source = build_source(parse(path))
    except AutograderError:
        return [], []
    try:
        return by_the_book(source, load(path.parent / "variants.py"))
    except AutograderError:
        return by_the_book(source, [])
