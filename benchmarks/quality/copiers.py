"""Made-up students who copy another's work and disguise it, and a class with some of them."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable

from nbformat import NotebookNode

from autograder.demo.students import Material
from benchmarks.quality.honest import (
    Source,
    add_cell,
    changed,
    essay,
    honest,
    own_names,
    solution_cells,
)


def identical(topic: Material, notebook: NotebookNode, rng: random.Random) -> NotebookNode:
    """Return the work unchanged."""
    del topic, rng
    return notebook


def disguised(
    *changes: Source, more: Callable[[str], str] = str
) -> Callable[[Material, NotebookNode, random.Random], NotebookNode]:
    """Return a disguise that changes the code of each task; the written answer is new."""

    def disguise(topic: Material, notebook: NotebookNode, rng: random.Random) -> NotebookNode:
        for cell in solution_cells(notebook):
            if cell.cell_type == "code":
                cell.source = more(changed(cell.source, rng, changes))
            else:
                cell.source = essay(topic, rng)
        return notebook

    return disguise


def reordered(topic: Material, notebook: NotebookNode, rng: random.Random) -> NotebookNode:
    """Shuffle the functions of a cell, put some into cells of their own, shuffle the cells."""
    notebook = disguised()(topic, notebook, rng)
    cells = solution_cells(notebook)
    for cell in [cell for cell in cells if cell.cell_type == "code"]:
        body = ast.parse(cell.source).body
        rng.shuffle(body)
        if rng.random() < 0.5:
            add_cell(notebook, ast.unparse(ast.Module(body[1:], [])), rng)
            body = body[:1]
        cell.source = ast.unparse(ast.Module(body, []))
    rng.shuffle(notebook.cells)
    return notebook


def talkative(rng: random.Random, tree: ast.Module) -> None:
    """Print something between the statements of each function."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        place = rng.randrange(len(function.body))
        function.body.insert(place, ast.parse(f"print('here', {rng.randrange(9)})").body[0])


def commented(source: str) -> str:
    """Add a comment to every line."""
    return "\n".join(f"{line}  # line {n} of mine" for n, line in enumerate(source.split("\n")))


def reformatted(source: str) -> str:
    """Break lines after opening brackets, and indent by two."""
    lines = []
    for line in source.split("\n"):
        body = line.lstrip()
        indent = " " * ((len(line) - len(body)) // 2)
        safe = body.startswith("return ") and "'" not in body and '"' not in body
        lines.append(indent + (body.replace("(", "(\n    ") if safe else body))
    return "\n".join(lines)


def half(topic: Material, notebook: NotebookNode, rng: random.Random) -> NotebookNode:
    """Copy half of the answers, with other names, and write the others."""
    own = honest(topic, rng, diligence=1.0)
    theirs = {cell.metadata.nbgrader.grade_id: cell for cell in solution_cells(notebook)}
    code = [cell for cell in solution_cells(own) if cell.cell_type == "code"]
    for cell in rng.sample(code, len(code) // 2):
        source = theirs[cell.metadata.nbgrader.grade_id].source
        cell.source = changed(source, rng, [own_names])
    return own


DISGUISES: dict[str, Callable[[Material, NotebookNode, random.Random], NotebookNode]] = {
    "identical": identical,
    "renamed": disguised(own_names),
    "reordered": reordered,
    "talkative": disguised(talkative, more=commented),
    "half": half,
    "reformatted": disguised(more=reformatted),
    "group": disguised(own_names, talkative),
}


def made_class(
    topic: Material, students: int, seed: int, of_each: int | None = None
) -> tuple[dict[str, NotebookNode], dict[str, set[frozenset[str]]]]:
    """Return a class, and for each kind of copying the pairs that share work.

    Parameters
    ----------
    of_each
        Victims of each kind of copying. Default: one in a hundred students.

    Returns
    -------
    tuple
        Notebooks by student, and pairs of students by kind of copying.
    """
    rng = random.Random(seed)
    work: dict[str, NotebookNode] = {}
    copied: dict[str, set[frozenset[str]]] = {}
    for kind, disguise in DISGUISES.items():
        for _ in range(of_each or max(1, students // 100)):
            number = len(work)
            victim, *others = [f"student-{number + k:03}" for k in range(2 + (kind == "group") * 2)]
            work[victim] = honest(topic, rng, diligence=1.0)
            for copier in others:
                work[copier] = disguise(topic, copy.deepcopy(work[victim]), rng)
            everyone = [victim, *others]
            pairs = {frozenset((a, b)) for a in everyone for b in everyone if a != b}
            copied.setdefault(kind, set()).update(pairs)
    while len(work) < students:
        work[f"student-{len(work):03}"] = honest(topic, rng)
    return work, copied
