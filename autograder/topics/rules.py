"""The rules for a topic's text, so that its release runs, can be graded and leaks nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from autograder.topics import ipython_syntax, markers
from autograder.topics.cells import Problems, Topic, TopicCell

_TOPIC_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# The cells in which each marker is allowed: in any other, its content would reach the students.
_ALLOWED = {
    markers.SOLUTION: ("task", "question"),
    markers.HIDDEN: ("test",),
    markers.SCHEME: ("question",),
}
_HOME = {
    markers.SOLUTION: "a task cell",
    markers.HIDDEN: "a test cell",
    markers.SCHEME: "a written question ([markdown] with task= and points=)",
}


def check(topic: Topic, problems: Problems) -> None:
    """Note each rule that a topic breaks."""
    if topic.path.resolve().parent.name != topic.name or not _TOPIC_NAME.fullmatch(topic.name):
        problems.add(
            1,
            f'the file is named "{topic.name}", its folder "{topic.path.resolve().parent.name}": '
            "give both one name of letters, digits, - and _",
        )
    if not topic.of("task", "question"):
        problems.add(1, "the topic has no task: write at least one cell with task= in its header")
    for cell in topic.cells:
        _check_cell(cell, problems)
        if cell.limit_s and not cell.grade_id and cell is not topic.cells[0]:
            text = "limit_s= belongs to a given, task or test cell, or to the title: move it there"
            problems.add(cell.line, text, cell)
    _check_names(topic, problems)
    _check_tests(topic, problems)


def _check_cell(cell: TopicCell, problems: Problems) -> None:
    if not cell.source:
        problems.add(cell.line, "the cell is empty: fill it or remove it", cell)
        return
    try:
        regions = markers.regions(cell.source)
    except markers.MarkerError as error:
        for index, text in error.faults:
            problems.add(cell.first_line + index, text, cell)
        return
    for region in regions:
        if cell.kind not in _ALLOWED[region.kind]:
            problems.add(
                cell.first_line + region.begin,
                f"BEGIN {region.kind} belongs in {_HOME[region.kind]}; here students would "
                "see it: move it there",
                cell,
            )
    if cell.kind in ("task", "question"):
        _check_solution(cell, regions, problems)
    if cell.cell_type != "code" or not _compiles(cell, cell.source, "", problems):
        return
    if cell.kind == "task":
        _check_stub(cell, problems)
    elif cell.kind == "test":
        _check_hidden(cell, regions, problems)


def _check_solution(cell: TopicCell, regions: list[markers.Region], problems: Problems) -> None:
    solutions = [region for region in regions if region.kind == markers.SOLUTION]
    if not solutions:
        problems.add(
            cell.line,
            "a task without a solution: put it between ### BEGIN SOLUTION and ### END SOLUTION",
            cell,
        )
    for region in solutions:
        lines = markers.body(cell.source, region).split("\n")
        code = cell.cell_type == "code"
        if not any(line.strip() and not (code and line.strip()[0] == "#") for line in lines):
            problems.add(
                cell.first_line + region.begin, "the solution is empty: write it here", cell
            )


def _compiles(cell: TopicCell, source: str, what: str, problems: Problems) -> bool:
    fault = ipython_syntax.fault(source)
    if fault is None:
        return True
    # Line numbers of a shortened source are not the file's: name the cell's line then.
    at = cell.line if what else cell.first_line + (fault.lineno or 1) - 1
    problems.add(at, f"{what or 'the cell'} is not valid Python ({fault.msg}): fix it", cell)
    return False


def _check_stub(cell: TopicCell, problems: Problems) -> None:
    stub = markers.replace(cell.source, markers.SOLUTION, markers.STUB)
    what = "the stub that students get (the solution replaced by one raise statement)"
    if not _compiles(cell, stub, what, problems):
        return
    if any(isinstance(statement, ast.Raise) for statement in ipython_syntax.tree(stub).body):
        problems.add(
            cell.line,
            "the stub would stop the student's notebook here: put the solution markers inside "
            "the body of a function or a class",
            cell,
        )


def _check_hidden(cell: TopicCell, regions: list[markers.Region], problems: Problems) -> None:
    for region in regions:
        body = markers.body(cell.source, region)
        wrapped = _statements(body)
        if not wrapped or not all(_is_hidden(statement) for statement in wrapped):
            problems.add(
                cell.first_line + region.begin,
                "all hidden tests must be inside `with checks.hidden():`, not indented "
                "further, or their failure would show students what is hidden",
                cell,
            )
    visible = markers.replace(cell.source, markers.HIDDEN)
    if not _compiles(cell, visible, "the test without its hidden part", problems):
        return
    if any(_is_hidden(node) for node in ast.walk(ipython_syntax.tree(visible))):
        problems.add(
            cell.line,
            "`with checks.hidden():` outside the hidden part reaches students: put it between "
            "### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS",
            cell,
        )


def _statements(body: str) -> list[ast.stmt]:
    try:
        return ast.parse(body).body
    except SyntaxError:  # indented, or half a statement
        return []


def _is_hidden(node: ast.AST) -> bool:
    if not isinstance(node, ast.With) or len(node.items) != 1:
        return False
    call = node.items[0].context_expr
    return isinstance(call, ast.Call) and ast.unparse(call) == "checks.hidden()"


def _check_names(topic: Topic, problems: Problems) -> None:
    seen: dict[str, TopicCell] = {}
    for cell in topic.cells:
        first = seen.setdefault(cell.grade_id, cell) if cell.grade_id else cell
        if first is cell:
            continue
        word = {"given": "given cells", "test": "tests"}.get(cell.kind, "tasks")
        remedy = 'give this one another part="…"' if cell.kind == "test" else "rename one"
        problems.add(
            cell.line, f"two {word} have one name, the first in line {first.line}: {remedy}", cell
        )


def _check_tests(topic: Topic, problems: Problems) -> None:
    tests = topic.of("test")
    tested = {cell.name for cell in tests}
    for cell in topic.of("task"):
        if cell.name not in tested:
            problems.add(
                cell.line,
                f'a task without a test: add a cell # %% test="{cell.name}" points=…',
                cell,
            )
    for cell in tests:
        if text := _misplaced(cell, topic.of("task", "question")):
            problems.add(cell.line, text, cell)
        tasks = {task.name for task in topic.of("task")} - {cell.name}
        for name in set(cell.needs) - tasks:
            problems.add(cell.line, f'needs="{name}" names no other task: fix it', cell)
    for cell in topic.cells:
        if cell.part and cell.kind != "test":
            problems.add(cell.line, "part= belongs to tests only: remove it", cell)


def _misplaced(test: TopicCell, tasks: Iterable[TopicCell]) -> str:
    named = [cell for cell in tasks if cell.name == test.name]
    if not named:
        return f'no task is named "{test.name}": name the test after its task'
    if named[0].kind == "question":
        return "a written question is graded by a person: remove the test"
    if named[0].line > test.line:
        return f"its task comes later, in line {named[0].line}: move the test after it"
    return ""
