"""What the audit puts before a topic's tests: notebooks, and what must come of each."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

from nbformat import NotebookNode

from autograder import answers, markers, syntax
from autograder.audit.mutants import Mutant, mutants
from autograder.grading.scores import PREFIX, key
from autograder.source import build_source
from autograder.topic import Topic
from autograder.variants import Variant


@dataclass(frozen=True)
class Trial:
    """One notebook to examine.

    Attributes
    ----------
    kind
        "reference", "stub", "alone", "together", "by heart", "right", "wrong" or "mutant".
    label
        What a person calls it: the task and what is special about it.
    notebook
        What is examined: tests with their hidden parts.
    loses
        The tests that it must lose, and no others; None for a mutant, which must lose any.
    diagnosis
        The cause that the first of these must name; "" where that does not matter.
    """

    kind: str
    label: str
    notebook: NotebookNode
    loses: frozenset[str] | None = frozenset()
    first: str = ""
    diagnosis: str | None = ""
    mutant: Mutant | None = None


@dataclass
class Subject:
    """A topic under audit, with its variants."""

    topic: Topic
    variants: list[Variant]
    source: NotebookNode = field(init=False)

    def __post_init__(self) -> None:
        self.source = build_source(self.topic)

    @cached_property
    def stub(self) -> NotebookNode:
        """The students' notebook with the hidden tests still in it."""
        notebook = deepcopy(self.source)
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                text = markers.STUB if cell.cell_type == "code" else markers.TEXT_STUB
                cell.source = markers.replace(cell.source, markers.SOLUTION, text)
        return notebook

    @property
    def tests(self) -> list[str]:
        """The keys of the tests, in order."""
        return [cell.key for cell in self.topic.of("test")]

    def whole(self) -> Iterator[Trial]:
        """Yield the whole submissions that stand for a class."""
        every = frozenset(self.tests)
        tasks = [cell.name for cell in self.topic.of("task")]
        yield Trial("reference", "the reference solution", self.source)
        yield Trial("stub", "the untouched notebook", self.stub, every)
        for task in tasks:
            own = {cell.key for cell in self.topic.of("test") if cell.name == task}
            alone = answers.submission(self.stub, self.source, solved=[task])
            yield Trial("alone", f"only {task} solved", alone, every - own)
        for number, chosen in enumerate(self._together(tasks), 1):
            mixed = answers.submission(self.stub, self.source, replace=chosen)
            yield Trial("together", f"right variants together, {number}", mixed)

    def _together(self, tasks: Iterable[str]) -> Iterator[list[Variant]]:
        """Yield the first right variant of every task, and the last."""
        rights = [[v for v in self.variants if v.kind == "right" and v.name == t] for t in tasks]
        for place in (0, -1):
            yield [found[place] for found in rights if found]

    def functions(self, task: str) -> set[str]:
        """Return the names that a variant of a task may have: the functions of its cell."""
        cell = next(cell for cell in self.topic.of("task") if cell.name == task)
        return {task, *_defined(cell.source)}

    def of_variants(self, task: str | None = None) -> Iterator[Trial]:
        """Yield each variant, of one task or all, with the tests that it can lose."""
        wanted = self.functions(task) if task else {variant.name for variant in self.variants}
        for variant in self.variants:
            if variant.name not in wanted:
                continue
            notebook = self._only(answers.apply(self.source, [variant]), variant.name, variant)
            first = variant.loses[0] if variant.loses else ""
            label = f"variants.py:{variant.line}: {variant.name}: {variant.doc}"
            loses = frozenset(variant.loses)
            yield Trial(variant.kind, label, notebook, loses, first, variant.diagnosis)

    def of_mutants(self, task: str | None = None) -> Iterator[Trial]:
        """Yield each mutant, of one task or all, with the tests of its task."""
        for cell in self.topic.of("task"):
            if task and cell.name != task:
                continue
            for mutant in mutants(cell.name, cell.source):
                changed = deepcopy(self.source)
                for other in changed.cells:
                    if other.metadata.get("nbgrader", {}).get("grade_id") == cell.name:
                        other.source = mutant.source
                notebook = self._only(changed, cell.name)
                yield Trial("mutant", str(mutant), notebook, None, mutant=mutant)

    def _only(
        self, notebook: NotebookNode, name: str, variant: Variant | None = None
    ) -> NotebookNode:
        """Leave out the tests that a change of one function cannot touch, figures and prose.

        What remains is what all share, the definitions, and the tests of the function's task, those
        that name the function, and those that the variant must lose.
        """
        task = next(c.name for c in self.topic.of("task") if name in self.functions(c.name))
        wanted = set(variant.loses if variant else ())
        wanted |= {c.key for c in self.topic.of("test") if c.name == task or name in _names(c)}
        kept = [cell for cell in notebook.cells if _counts(cell, wanted)]
        while kept and not _is_test(kept[-1]):  # what comes after the last test
            kept.pop()
        return NotebookNode({**notebook, "cells": kept})


def _counts(cell: NotebookNode, wanted: set[str]) -> bool:
    about = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not about:
        return False
    return key(about["grade_id"]) in wanted if _is_test(cell) else True


def _is_test(cell: NotebookNode) -> bool:
    about = cell.metadata.get("nbgrader", {})
    return bool(about.get("grade")) and about["grade_id"].startswith(PREFIX)


def _names(cell: object) -> set[str]:
    """Return the names that a test's text uses."""
    tree = syntax.tree(cell.source)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _defined(source: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in syntax.tree(source).body if isinstance(node, kinds)}
