"""Automatic mutants of a reference solution: the same code with one small change.

The operators are the usual ones of mutation testing (Jia and Harman, *An analysis and survey of
the development of mutation testing*, 2011): arithmetic, relational and logical operators
replaced, terms, calls, arguments and statements removed, arguments swapped, constants and slice
bounds moved. mutmut and cosmic-ray mutate the modules of a package and run pytest on it; here the
text of one cell is mutated, and the exam judges it.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass

from autograder.audit.mutation_operators import changes
from autograder.topics import ipython_syntax, markers


@dataclass(frozen=True)
class Mutant:
    """One mutant of a task.

    Attributes
    ----------
    task
        The task whose cell it replaces.
    source
        The cell's text, without comments.
    was, became
        The lines that differ, as ``ast.unparse`` writes them; "" if there is none.
    count
        1, 2, … if one change is possible in several places with the same text.
    """

    task: str
    source: str
    was: str
    became: str
    count: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """The key of its mark of equivalence."""
        return self.task, self.was, self.became, self.count

    def __str__(self) -> str:
        nth = f" ({self.count}.)" if self.count > 1 else ""
        return f"{self.task}: `{self.was}` became `{self.became or '(nothing)'}`{nth}"


def mutants(task: str, source: str) -> list[Mutant]:
    """Return all distinct mutants of a task's solution, in the order of its text.

    Parameters
    ----------
    task
        The task's name.
    source
        Its cell with the markers; only the text between them is mutated.
    """
    lines = {
        number + 1
        for region in markers.regions(source)
        if region.kind == markers.SOLUTION
        for number in range(region.begin, region.end)
    }
    tree = ipython_syntax.tree(source)
    before = ast.unparse(tree)
    found: list[Mutant] = []
    seen = {before}
    counts: dict[tuple[str, str], int] = {}
    for node, change in changes(tree, lines):
        text = ast.unparse(ast.fix_missing_locations(_Swap(node, change).visit(_clone(tree))))
        if text in seen:
            continue
        seen.add(text)
        was, became = _difference(before, text)
        counts[was, became] = counts.get((was, became), 0) + 1
        found.append(Mutant(task, text + "\n", was, became, counts[was, became]))
    return found


def _clone(tree: ast.Module) -> ast.Module:
    for number, node in enumerate(ast.walk(tree)):
        node.place = number
    return copy.deepcopy(tree)


class _Swap(ast.NodeTransformer):
    """Replaces one node by another."""

    def __init__(self, node: ast.AST, change: ast.AST) -> None:
        self.place = node.place
        self.change = change

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the node, or visit its children."""
        if getattr(node, "place", None) == self.place:
            return self.change
        return self.generic_visit(node)


def _difference(before: str, after: str) -> tuple[str, str]:
    """Return the changed lines, before and after, each joined by `` / ``."""
    was, became = before.splitlines(), after.splitlines()
    while was and became and was[0] == became[0]:
        del was[0], became[0]
    while was and became and was[-1] == became[-1]:
        del was[-1], became[-1]
    return " / ".join(map(str.strip, was)), " / ".join(map(str.strip, became))
