"""Made-up students who work alone: a known right or wrong answer, own names, own small edits."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterable

import nbformat
from nbformat import NotebookNode

from autograder.demo.students import Material
from autograder.topics import solved_notebooks
from autograder.topics.variants import Variant

Source = Callable[[random.Random, ast.Module], None]


def honest(topic: Material, rng: random.Random, diligence: float | None = None) -> NotebookNode:
    """Return the notebook of a student who works alone and does a share ``diligence`` of tasks."""
    diligence = rng.choice([1.0, 1.0, 1.0, 0.8, 0.5, 0.0]) if diligence is None else diligence
    done = [task for task in topic.tasks if rng.random() < diligence]
    by_name: dict[str, list[Variant]] = {}
    for variant in topic.variants:
        if variant.kind == "right" or rng.random() < 0.1:
            by_name.setdefault(variant.name, []).append(variant)
    chosen = [rng.choice([None, *those]) for those in by_name.values()]
    replace = [variant for variant in chosen if variant and home(topic, variant) in done]
    notebook = solved_notebooks.submission(topic.released, topic.source, done, replace)
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
    """Return the grade id of the task that a variant answers."""
    return solved_notebooks.task_cell(topic.source, variant).metadata.nbgrader.grade_id


def solution_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that a student completes."""
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
    """Make small edits, as people do: intermediate steps, swapped operands, asserts."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            rng.choice([step_between, step_between, swap, precaution])(rng, function)


def step_between(rng: random.Random, function: ast.FunctionDef) -> None:
    """Assign a part of an expression to a name on the line before."""
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
    """Return a written answer: the topic's words and phrases, in a random order."""
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
    """Insert a code cell at a random place of a notebook."""
    place = rng.randrange(len(notebook.cells) + 1)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
