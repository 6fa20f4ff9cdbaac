"""The accuracy that a test requires of a trained network, read from the topic's own text.

Nothing is copied: the thresholds and the training lines are those of the test, the functions are
the topic's given and task cells, and the wrong answers are those of its ``variants.py``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.topics import variants
from autograder.topics.cells import Topic, TopicCell
from autograder.topics.topic import parse

ROOT = Path(__file__).resolve().parents[2]
SPLITS = {"digits.y_val": "validation", "digits.y_test": "test"}

Names = dict[str, Any]
Accuracies = dict[str, float]  # split -> accuracy
Measure = Callable[[Topic, Names, int], Accuracies]


@dataclass(frozen=True, eq=False)
class Asked:
    """A test with an accuracy threshold, and how to measure an answer's accuracy.

    Attributes
    ----------
    topic, test
        The topic, and the test's key: ``NAME`` or ``NAME-PART``.
    lines
        The names whose assignments in the test do the training.
    reference
        The measurements, by a text that says what the seed changes: functions of
        ``(topic, names, seed)`` that return the accuracies. The first one also measures the wrong
        answers.
    remark
        A sentence or two for the page, after the table of wrong answers.
    seeds, wrong_seeds
        The number of seeds for the reference and for each wrong answer: fewer if one training
        takes seconds.
    splits
        The page's names of the labels that the test compares with, or of the predictions if it
        compares several with the same labels.
    apart
        Wrong answers, by their docstring, that lose the test because of another check.
    """

    topic: str
    test: str
    lines: tuple[str, ...]
    reference: dict[str, Measure]
    remark: str
    seeds: int = 40
    wrong_seeds: int = 40
    splits: dict[str, str] = field(default_factory=lambda: SPLITS)
    apart: tuple[str, ...] = ()


def read(name: str) -> Topic:
    """Read a topic's source."""
    return parse(ROOT / "solutions" / name / f"{name}.py")


def cell_of(topic: Topic, test: str) -> TopicCell:
    """Return the cell of a test; ``SystemExit`` if there is none of that key."""
    for cell in topic.of("test"):
        if cell.key == test:
            return cell
    sys.exit(f"{topic.path}: no test {test}: fix ASKED in {Path(__file__).name}.")


def thresholds(topic: Topic, asked: Asked) -> Accuracies:
    """Read a test's thresholds, by split, from its calls of ``checks.accuracy``."""
    found = {}
    test = asked.test
    for node in ast.walk(ast.parse(cell_of(topic, test).source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "checks.accuracy":
            given = dict(zip(("predicted", "labels", "at_least"), node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords}
            try:
                texts = [ast.unparse(given[name]) for name in ("predicted", "labels")]
                split = next(asked.splits[text] for text in texts if text in asked.splits)
                bound = float(ast.literal_eval(given["at_least"]))
                found[split] = max(bound, found.get(split, 0.0))
            except (KeyError, ValueError, StopIteration):
                sys.exit(
                    f"{topic.path}: test {test}: {ast.unparse(node)}\nWrite the threshold as a "
                    f"number, and the labels as one of {', '.join(asked.splits)}."
                )
    if not found:
        sys.exit(f"{topic.path}: test {test} has no accuracy threshold: fix ASKED.")
    return found


def training_lines(topic: Topic, asked: Asked) -> str:
    """Return the training lines of the test: its assignments to ``asked.lines``."""
    source = cell_of(topic, asked.test).source
    found = {
        node.targets[0].id: ast.get_source_segment(source, node)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    if missing := [name for name in asked.lines if name not in found]:
        sys.exit(f"{topic.path}: test {asked.test} doesn't assign {', '.join(missing)}: fix ASKED.")
    return "\n".join(found[name] for name in asked.lines)


def reference_names(topic: Topic) -> Names:
    """Run the topic's given and task cells, in order; return the names that they define."""
    names: Names = {"__name__": topic.name}
    for cell in topic.of("given", "task"):
        exec(compile(cell.source, f"{topic.path.name}, {cell.label}", "exec"), names)
    return names


def wrong_answers(topic: Topic, asked: Asked) -> dict[str, str]:
    """Return the description and the source of each variant that must lose the test."""
    task = cell_of(topic, asked.test).name
    found = {
        variant.doc.removeprefix("Wrong: ").rstrip("."): variant.source
        for variant in variants.load(topic.path.with_name("variants.py"))
        if variant.name == task and asked.test in variant.loses
    }
    if gone := set(asked.apart) - found.keys():
        sys.exit(f"{asked.topic}: variants.py does not have: {', '.join(gone)}. Fix `apart`.")
    return {words: source for words, source in found.items() if words not in asked.apart}
