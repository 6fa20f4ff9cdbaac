"""Compare made-up classes of 200: copies found, students accused who worked alone, seconds.

An honest student answers each task in one of the ways that the topic's variants know, with names
and small edits of their own, and a text of their own. Copiers take another student's work and hide
it. Nothing is run. Writes ``build/bench/similar.json``; run by ``make similar``.

These classes are harder than real ones: fifty students at a time share every line but their edits.
The threshold was set with ``--seed 1``. With ``--seed 2``, over the ten topics, no one of 199 000
pairs was accused falsely, all 220 copies of whole works were found, and of 20 copies of half of the
tasks, with nothing rare in them but the victim's edits, 9.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console
from rich.table import Table

from autograder import answers
from autograder.course import Course
from autograder.demo.students import Material
from autograder.release import build_source
from autograder.similarity import by_the_book, compare
from autograder.topic import parse
from autograder.variants import Variant, load

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "bench" / "similar.json"
Source = Callable[[random.Random, ast.Module], None]


def main() -> None:
    """Compare a made-up class of each topic, print a table, write the numbers."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("topics", nargs="*")
    arguments.add_argument("--students", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", type=Path, default=TARGET)
    options = arguments.parse_args()
    course = Course.find(root=ROOT)
    found = {
        topic: measure(material(course, topic), options.students, options.seed)
        for topic in options.topics or course.topics()
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    show(found)


def material(course: Course, topic: str) -> Material:
    """Read a topic: the students' notebook, the solved one, the variants."""
    path = course.topic_path(topic)
    released = nbformat.read(course.release_dir / topic / f"{topic}.ipynb", as_version=4)
    return Material(released, build_source(parse(path)), load(path.parent / "variants.py"))


def measure(topic: Material, students: int, seed: int) -> dict[str, object]:
    """Compare one class: pairs accused falsely, copies found of each kind, seconds."""
    work, copied = made_class(topic, students, seed)
    book = by_the_book(topic.source, topic.variants)
    began = time.perf_counter()
    pairs = compare(work.items(), topic.released, *book).pairs
    seconds = time.perf_counter() - began
    named = {frozenset((pair.first, pair.second)) for pair in pairs}
    true = {pair for kind in copied.values() for pair in kind}
    return {
        "students": students,
        "falsely accused": len(named - true),
        "copies": {kind: [len(those & named), len(those)] for kind, those in copied.items()},
        "seconds": round(seconds, 2),
    }


def made_class(
    topic: Material, students: int, seed: int
) -> tuple[dict[str, NotebookNode], dict[str, set[frozenset[str]]]]:
    """Return a class, and for each kind of copying the pairs that share a text."""
    rng = random.Random(seed)
    work: dict[str, NotebookNode] = {}
    copied: dict[str, set[frozenset[str]]] = {}
    for kind, disguise in DISGUISES.items():
        for _ in range(max(1, students // 100)):
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


# How a student works alone.


def honest(topic: Material, rng: random.Random, diligence: float | None = None) -> NotebookNode:
    """Return the work of a student who wrote it alone; ``diligence`` is the share of tasks done."""
    diligence = rng.choice([1.0, 1.0, 1.0, 0.8, 0.5, 0.0]) if diligence is None else diligence
    done = [task for task in topic.tasks if rng.random() < diligence]
    by_name: dict[str, list[Variant]] = {}
    for variant in topic.variants:
        if variant.kind == "right" or rng.random() < 0.1:
            by_name.setdefault(variant.name, []).append(variant)
    chosen = [rng.choice([None, *those]) for those in by_name.values()]
    replace = [variant for variant in chosen if variant and home(topic, variant) in done]
    notebook = answers.submission(topic.released, topic.source, done, replace)
    for cell in solution_cells(notebook):
        if cell.metadata.nbgrader.grade_id not in done:
            continue
        if cell.cell_type == "code":
            cell.source = changed(cell.source, rng, [own_names, own_edits])
        else:
            cell.source = essay(topic, rng)
    for _ in range(rng.randrange(4) if diligence else 0):
        add_cell(notebook, experiment(rng), rng)
    return notebook


def home(topic: Material, variant: Variant) -> str:
    """Return the task whose cell a variant belongs to."""
    return answers.task_cell(topic.source, variant).metadata.nbgrader.grade_id


def solution_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that a student is to complete."""
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def changed(source: str, rng: random.Random, changes: Iterable[Source]) -> str:
    """Return a cell after some changes of its syntax tree."""
    tree = ast.parse(source)
    for change in changes:
        change(rng, tree)
    return ast.unparse(ast.fix_missing_locations(tree))


def own_names(rng: random.Random, tree: ast.Module) -> None:
    """Give every local variable, argument and helper another name."""
    top = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    nodes = list(ast.walk(tree))
    old = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    old |= {n.arg for n in nodes if isinstance(n, ast.arg)}
    old |= {n.name for n in nodes if isinstance(n, ast.FunctionDef)} - top
    new = {name: f"{rng.choice('abcdefghkmnpqrstuvwxyz')}{rng.randrange(10_000)}" for name in old}
    for node in nodes:
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
        elif isinstance(node, ast.FunctionDef):
            node.name = new.get(node.name, node.name)


def own_edits(rng: random.Random, tree: ast.Module) -> None:
    """Write some things another way, as people do: steps in between, swapped operands, asserts."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            rng.choice([step_between, step_between, swap, precaution])(rng, function)


def step_between(rng: random.Random, function: ast.FunctionDef) -> None:
    """Give a part of an expression a name in a line before."""
    number = rng.randrange(len(function.body))
    statement = function.body[number]
    if not isinstance(statement, ast.Assign | ast.Return) or statement.value is None:
        return
    inner = [n for n in ast.walk(statement.value) if isinstance(n, ast.Call | ast.BinOp)]
    if inner:
        part = rng.choice(inner)
        step = ast.Assign([ast.Name("step", ast.Store())], copy.deepcopy(part), lineno=0)
        _Swap(part, ast.Name("step", ast.Load())).visit(statement)
        function.body.insert(number, step)


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def swap(rng: random.Random, function: ast.FunctionDef) -> None:
    """Swap the operands of a sum or a product."""
    both = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult)
    ]
    if both:
        node = rng.choice(both)
        node.left, node.right = node.right, node.left


def precaution(rng: random.Random, function: ast.FunctionDef) -> None:
    """Check or convert the first argument."""
    if function.args.args:
        name = function.args.args[0].arg
        lines = [
            f"{name} = np.asarray({name})",
            f"{name} = np.array({name}, dtype=float)",
            f"assert len({name}) > 0",
            f"if {name} is None:\n    return None",
        ]
        function.body.insert(0, ast.parse(rng.choice(lines)).body[0])


def essay(topic: Material, rng: random.Random) -> str:
    """Return an answer in words: the topic's words and phrases, in an order of its own."""
    prose = [c.source for c in topic.released.cells if c.cell_type == "markdown"]
    words = " ".join(prose).split()
    parts = []
    for _ in range(rng.randrange(4, 12)):
        start = rng.randrange(len(words))
        parts.append(" ".join(words[start : start + rng.randrange(1, 9)]))
        parts.append(" ".join(rng.choices(words, k=rng.randrange(2, 7))))
    return " ".join(parts)


def experiment(rng: random.Random) -> str:
    """Return a cell in which a student tries something."""
    value = rng.choice(["0.1", "1e-3", "5", "np.pi", "2"])
    lines = [
        f"x = np.linspace(-{value}, {value}, {rng.choice([5, 50, 100])})",
        f"for k in range({rng.randrange(2, 9)}):\n    print(k, k ** 2)",
        f"rng = np.random.default_rng({rng.randrange(100)})\nz = rng.normal(size=(3, 4))",
        f"a = np.array([1.0, {value}, 3.0])\na.mean(), a.std()",
        f"b = np.ones((2, {rng.randrange(2, 6)})) @ np.ones(({rng.randrange(2, 6)}, 3))\nb.shape",
    ]
    return "\n".join(rng.sample(lines, rng.randrange(1, 4)))


def add_cell(notebook: NotebookNode, source: str, rng: random.Random) -> None:
    """Put a code cell somewhere into a notebook."""
    place = rng.randrange(len(notebook.cells) + 1)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))


# How copies are hidden.


def identical(topic: Material, notebook: NotebookNode, rng: random.Random) -> NotebookNode:
    """Return the work as it is."""
    del topic, rng
    return notebook


def disguised(
    *changes: Source, more: Callable[[str], str] = str
) -> Callable[[Material, NotebookNode, random.Random], NotebookNode]:
    """Return a disguise that changes the code of each task; the answer in words is fresh."""

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
    """Take half of the answers over, with other names, and write the others."""
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


def show(found: dict[str, dict[str, object]]) -> None:
    """Print a row for each topic: pairs accused falsely, copies found of each kind, seconds."""
    table = Table("topic", "accused", *DISGUISES, "s")
    for topic, one in found.items():
        kinds = [f"{hit}/{of}" for hit, of in one["copies"].values()]
        table.add_row(topic, str(one["falsely accused"]), *kinds, str(one["seconds"]))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
