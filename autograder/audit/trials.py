"""The notebooks that an audit examines, and the tests that each must lose."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

from nbformat import NotebookNode

from autograder.audit import memoriser, trivial
from autograder.audit.mutants import Mutant, mutants
from autograder.audit.outcome import cells_of, lost
from autograder.exam.notebook.namespace import defined_names, used_names
from autograder.exam.results import ExamResult
from autograder.gradebook.scores import PREFIX, key
from autograder.topics import ipython_syntax, markers, solved_notebooks
from autograder.topics.cells import Topic
from autograder.topics.source_notebook import build_source
from autograder.topics.variants import Variant


@dataclass(frozen=True)
class Trial:
    """One notebook to examine.

    Attributes
    ----------
    kind
        "reference", "stub", "alone", "together", "memorised", "trivial", "right", "wrong" or
        "mutant".
    label
        Its name in messages: the task and a description.
    notebook
        The notebook to examine: tests with their hidden parts.
    loses
        The tests that it must lose, and no others; None for a mutant, which must lose any.
    diagnosis
        The cause that the first of these must name; "" for any.
    then
        Given the result of ``notebook``, returns the notebook that is examined next and judged in
        its place, or None.
    changes
        By the grade id of a task, the text in place of the reference solution, where the trial is
        only about that and some tests.
    tests
        The keys of these tests.
    """

    kind: str
    label: str
    notebook: NotebookNode
    loses: frozenset[str] | None = frozenset()
    first: str = ""
    diagnosis: str | None = ""
    mutant: Mutant | None = None
    then: Callable[[ExamResult], NotebookNode | None] | None = None
    changes: Mapping[str, str] = field(default_factory=dict)
    tests: frozenset[str] = frozenset()


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
            if not about.get("solution"):
                continue
            if cell.cell_type == "code":
                cell.source = markers.replace(cell.source, markers.SOLUTION, markers.STUB)
            else:
                cell.source = markers.TEXT_STUB
        return notebook

    @property
    def tests(self) -> list[str]:
        """The keys of the tests, in order."""
        return [cell.key for cell in self.topic.of("test")]

    def whole(self) -> Iterator[Trial]:
        """Yield the whole submissions that represent a class."""
        every = frozenset(self.tests)
        tasks = [cell.name for cell in self.topic.of("task")]
        yield Trial("reference", "the reference solution", self.source)
        yield Trial("stub", "the untouched notebook", self.stub, every)
        for task in tasks:
            solved = self._with_needed(task)
            alone = solved_notebooks.submission(self.stub, self.source, solved=solved)
            yield Trial(
                "alone", f"only {', '.join(sorted(solved))} solved", alone, self._lost(solved)
            )
        for number, chosen in enumerate(self._together(tasks), 1):
            mixed = solved_notebooks.submission(self.stub, self.source, replace=chosen)
            yield Trial("together", f"right variants together, {number}", mixed)
        yield Trial(
            "memorised",
            "every visible answer memorised",
            memoriser.listening(self.source),
            every,
            then=self._memorised,
        )

    def trivial(self) -> Iterator[Trial]:
        """Yield trivial answers: to tasks that no other needs, then to the needed ones."""
        tests = self.topic.of("test")
        needed = {name for test in tests for name in test.needs}
        rest = {cell.name for cell in self.topic.of("task")} - needed
        for tasks, solved in ((rest, needed), (needed, set())):
            start = solved_notebooks.submission(self.stub, self.source, solved=solved)
            loses = frozenset(test.key for test in tests if test.name not in solved)
            for what, notebook in trivial.notebooks(start, tasks) if tasks else ():
                yield Trial("trivial", f"always returns {what}", notebook, loses)

    def _memorised(self, examined: ExamResult) -> NotebookNode | None:
        """Return the notebook with memorised answers; None if the reference solution loses a test.

        In that case the result of the reference solution is judged, and is a finding.
        """
        if examined.notebook is None or lost(examined):
            return None
        return memoriser.memorised(self.stub, cells_of(examined))[0]

    def _with_needed(self, task: str) -> set[str]:
        """Return a task and the tasks that its tests need."""
        solved, new = set(), {task}
        while new:
            solved |= new
            needed = [c.needs for c in self.topic.of("test") if c.name in solved]
            new = {name for names in needed for name in names} - solved
        return solved

    def _lost(self, solved: set[str]) -> frozenset[str]:
        """Return the tests that must be lost if only some tasks are solved."""
        tests = self.topic.of("test")
        return frozenset(c.key for c in tests if not {c.name, *c.needs} <= solved)

    def _together(self, tasks: Iterable[str]) -> Iterator[list[Variant]]:
        """Yield the first right variants of all tasks, then the last ones."""
        rights = [[v for v in self.variants if v.kind == "right" and v.name == t] for t in tasks]
        for place in (0, -1):
            yield [found[place] for found in rights if found]

    @cached_property
    def functions(self) -> dict[str, set[str]]:
        """For each task, the names that its variants may have: its own, and those in its cell."""
        return {c.name: {c.name, *_defined(c.source)} for c in self.topic.of("task")}

    @cached_property
    def mutants(self) -> list[Mutant]:
        """The mutants of all tasks."""
        return [m for cell in self.topic.of("task") for m in mutants(cell.name, cell.source)]

    @cached_property
    def _asked(self) -> dict[str, set[str]]:
        """For each test's key, its own name and the names that it uses."""
        return {c.key: {c.name, *_used(c.source)} for c in self.topic.of("test")}

    def of_variants(self, task: str | None = None) -> Iterator[Trial]:
        """Yield each variant, of one task or all, with the tests that it can lose."""
        for variant in self.variants:
            if task and variant.name not in self.functions[task]:
                continue
            cell = solved_notebooks.task_cell(self.source, variant)
            text = solved_notebooks.replaced(cell.source, variant)
            names = {variant.name, _grade_id(cell)}
            first = variant.loses[0] if variant.loses else ""
            changes = {_grade_id(cell): text}
            tests = self._naming(names) | set(variant.loses)
            yield Trial(
                variant.kind,
                f"variants.py:{variant.line}: {variant.name}: {variant.doc}",
                self.only(changes, tests),
                frozenset(variant.loses),
                first,
                variant.diagnosis,
                changes=changes,
                tests=frozenset(tests),
            )

    def of_mutants(self, task: str | None = None) -> Iterator[Trial]:
        """Yield each mutant, of one task or all, with the first test of its task, then with others.

        Most mutants lose that first test, and a topic's last tests train networks for seconds.
        """
        for mutant in self.mutants:
            if task not in (None, mutant.task):
                continue
            changes = {mutant.task: mutant.source}
            first = next(c.key for c in self.topic.of("test") if c.name == mutant.task)
            others = self._naming({mutant.task}) - {first}
            wider = self.only(changes, others) if others else None
            yield Trial(
                "mutant",
                str(mutant),
                self.only(changes, {first}),
                None,
                mutant=mutant,
                then=partial(_if_nothing_is_lost, wider),
                changes=changes,
                tests=frozenset({first}),
            )

    def _naming(self, names: set[str]) -> set[str]:
        """Return the keys of the tests that name one of ``names``."""
        return {test for test, asked in self._asked.items() if asked & names}

    def only(self, changes: Mapping[str, str], tests: Set[str]) -> NotebookNode:
        """Return the reference solution with other texts of some tasks, and fewer cells.

        Some of the tests, the changed tasks, and the tasks and given cells that these need remain:
        a given cell may train a network for seconds.
        """
        cells = [cell for cell in self.source.cells if _counts(cell, tests)]
        while cells and not _is_test(cells[-1]):  # cells after the last test
            cells.pop()
        cells = [NotebookNode({**c, "source": changes.get(_grade_id(c), c.source)}) for c in cells]
        return NotebookNode({**self.source, "cells": _needed(cells, changes.keys())})

    @cached_property
    def defined(self) -> dict[str, set[str]]:
        """The names that each cell of code with a grade id defines, by that id."""
        return {_grade_id(cell): _defines(cell.source) for cell in self._code}

    @cached_property
    def reach(self) -> dict[str, set[str]]:
        """The names that each test uses, by itself or through what it calls, by its grade id."""
        used: dict[str, set[str]] = {}
        for cell in self._code:
            for name in () if _is_test(cell) else _defines(cell.source):
                used.setdefault(name, set()).update(_used(cell.source))
        return {_grade_id(c): _reached(_used(c.source), used) for c in self._code if _is_test(c)}

    @property
    def _code(self) -> list[NotebookNode]:
        return [c for c in self.source.cells if c.cell_type == "code" and _grade_id(c)]


def _reached(names: Set[str], used: Mapping[str, set[str]]) -> set[str]:
    found, new = set(), set(names)
    while new:
        found |= new
        new = {further for name in new for further in used.get(name, ())} - found
    return found


def _if_nothing_is_lost(wider: NotebookNode | None, examined: ExamResult) -> NotebookNode | None:
    return None if lost(examined) else wider


def _needed(cells: list[NotebookNode], changed: Set[str]) -> list[NotebookNode]:
    """Omit the tasks and given cells that define no name that a later cell uses."""
    used: set[str] = set()
    kept = []
    for cell in reversed(cells):
        wanted = _grade_id(cell) in changed or _is_test(cell) or _defines(cell.source) & used
        given = not cell.metadata["nbgrader"]["solution"]
        if not wanted and not (given and _acts(cell.source)):
            continue
        used |= _used(cell.source)
        kept.append(cell)
    return kept[::-1]


def _counts(cell: NotebookNode, wanted: Set[str]) -> bool:
    """Return whether a cell is kept: a given cell, a task, a wanted test."""
    if cell.cell_type != "code" or not _grade_id(cell):
        return False
    return key(_grade_id(cell)) in wanted if _is_test(cell) else True


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _is_test(cell: NotebookNode) -> bool:
    graded = cell.metadata.get("nbgrader", {}).get("grade")
    return bool(graded) and _grade_id(cell).startswith(PREFIX)


@cache
def _defines(source: str) -> set[str]:
    return defined_names(ipython_syntax.plain_python(source))


@cache
def _used(source: str) -> set[str]:
    return used_names(ipython_syntax.plain_python(source))


@cache
def _acts(source: str) -> bool:
    """Return whether a cell does more than define names, for example a bare call."""
    return any(isinstance(node, ast.Expr) for node in ipython_syntax.tree(source).body)


def _defined(source: str) -> set[str]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in ipython_syntax.tree(source).body if isinstance(node, kinds)}
