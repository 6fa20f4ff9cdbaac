"""Solved notebooks: with the reference solution, with some tasks solved, with variants."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.topics import ipython_syntax, markers
from autograder.topics.cells import Topic
from autograder.topics.source_notebook import build_source
from autograder.topics.variants import Variant

_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def apply(source: NotebookNode, variants: Iterable[Variant]) -> NotebookNode:
    """Return the notebook with each variant in place of the function of the same name.

    Parameters
    ----------
    source
        The notebook with the reference solution (`autograder.topics.release.build_source`).
    variants
        At most one for a function; the rest of the task's cell stays, without markers.

    Raises
    ------
    AutograderError
        If no task of the notebook defines such a function.
    """
    notebook = deepcopy(source)
    for variant in variants:
        cell = task_cell(notebook, variant)
        cell.source = replaced(cell.source, variant)
    return notebook


def submission(
    release: NotebookNode,
    source: NotebookNode,
    solved: Iterable[str] | str = "all",
    replace: Iterable[Variant] = (),
) -> NotebookNode:
    """Return the notebook of a student who has solved some of the tasks.

    Parameters
    ----------
    release
        The student's notebook as released.
    source
        The notebook with the reference solution.
    solved
        Names of the tasks and questions solved as in the reference solution, or "all".
    replace
        Variants in place of the reference solution; their tasks count as solved.

    Raises
    ------
    AutograderError
        If the notebook has no such task or function.
    """
    replace = list(replace)
    answers = {_grade_id(cell): cell.source for cell in _answer_cells(source)}
    wanted = set(answers) if solved == "all" else set(solved)
    if unknown := wanted - set(answers):
        raise AutograderError(
            f"There is no task {', '.join(sorted(unknown))}: the tasks are {', '.join(answers)}."
        )
    changed = apply(source, replace)
    given = {_grade_id(task_cell(source, variant)) for variant in replace}
    answers = {_grade_id(cell): cell.source for cell in _answer_cells(changed)}
    notebook = deepcopy(release)
    for cell in notebook.cells:
        if _grade_id(cell) in wanted | given:
            cell.source = markers.without_markers(answers[_grade_id(cell)])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def solved(course: Course, topic: Topic) -> NotebookNode:
    """Return the student's notebook of a topic with every task solved as in the reference.

    Raises
    ------
    OSError
        If the topic is not released.
    """
    path = course.release_dir / topic.name / f"{topic.name}.ipynb"
    return submission(nbformat.read(path, as_version=4), build_source(topic))


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _answer_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]


def task_cell(notebook: NotebookNode, variant: Variant) -> NotebookNode:
    """Return the cell with the function that a variant replaces.

    Raises
    ------
    AutograderError
        If there is none.
    """
    cells = [c for c in _answer_cells(notebook) if c.cell_type == "code"]
    defining = [c for c in cells if _definition(c.source, variant.name) is not None]
    named = [c for c in defining if _grade_id(c) == variant.name]
    if not defining:
        names = ", ".join(_grade_id(cell) for cell in cells)
        raise AutograderError(
            f"variants.py:{variant.line}: no task's cell defines {variant.name} (tasks: {names}): "
            "name the variant after the function that it replaces."
        )
    return (named or defining)[0]


def _definition(source: str, name: str) -> ast.FunctionDef | ast.ClassDef | None:
    """Return the last definition of a name at the top level of a cell."""
    matches = [
        node
        for node in ipython_syntax.tree(source).body
        if isinstance(node, _DEFINITIONS) and node.name == name
    ]
    return matches[-1] if matches else None


def replaced(source: str, variant: Variant) -> str:
    """Return a cell with a variant in place of the function of the same name, without markers."""
    text = markers.without_markers(source)
    node = _definition(text, variant.name)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = text.split("\n")
    return "\n".join([*lines[: first - 1], variant.source, *lines[node.end_lineno :]])
