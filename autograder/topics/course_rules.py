"""The rules that a course sets for all of its topics: ``rules.toml`` in the folder of the topics.

Each rule is a number, or a list of the least and the most. A missing rule, or a missing
file, allows any number; the rules that a single text must keep are in `autograder.topics.rules`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from autograder.errors import AutograderError
from autograder.topics.cells import Topic
from autograder.topics.variants import Variant

FILE = "rules.toml"


@dataclass(frozen=True)
class Span:
    """The numbers from ``least`` to ``most``, both included."""

    least: float = 0
    most: float = math.inf

    def __contains__(self, number: float) -> bool:
        return self.least <= number <= self.most

    def __str__(self) -> str:
        if self.least == self.most:
            return f"{self.least:g}"
        if self.most == math.inf:
            return f"{self.least:g} or more"
        return f"{self.least:g} to {self.most:g}"


@dataclass(frozen=True)
class CourseRules:
    """The rules of a course; `Span()` is any number.

    Attributes
    ----------
    points, task_points
        Points of all tests of a topic, and of the tests of one task.
    tasks, questions
        Number of tasks, and of questions with a written answer.
    question_points
        Points of one question.
    right_variants, wrong_variants
        Number of variants of one task; the audit asks for them.
    causes
        Number of causes that a topic's wrong variants name; the audit asks for them.
    """

    points: Span = Span()
    task_points: Span = Span()
    tasks: Span = Span()
    questions: Span = Span()
    question_points: Span = Span()
    right_variants: Span = Span(3)
    wrong_variants: Span = Span(4)
    causes: Span = Span()


def load(folder: Path) -> CourseRules:
    """Read the rules of the course whose topics are in a folder.

    Raises
    ------
    AutograderError
        If the file cannot be read, has an unknown rule, or a value is no number or pair of numbers.
    """
    path = folder / FILE
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return CourseRules()
    except (OSError, ValueError) as error:
        raise AutograderError(f"{path}: cannot be read: {error}: fix it.") from error
    known = [field.name for field in fields(CourseRules)]
    if unknown := found.keys() - set(known):
        raise AutograderError(
            f"{path}: there is no rule {', '.join(sorted(unknown))}: the rules are "
            f"{', '.join(known)}."
        )
    return CourseRules(**{name: _span(path, name, value) for name, value in found.items()})


def _span(path: Path, name: str, value: Any) -> Span:
    least, most = value if isinstance(value, list) and len(value) == 2 else (value, value)
    if not all(type(number) in (int, float) for number in (least, most)) or not 0 <= least <= most:
        raise AutograderError(
            f"{path}: {name} = {value!r}: write a number, or [least, most]; inf is no bound."
        )
    return Span(least, most)


def broken(topic: Topic, rules: CourseRules) -> list[str]:
    """Return one sentence for each rule that a topic's text breaks."""
    return [
        f"{topic.path}: {what.format(f'{number:g}')}; the course's rule is {span} "
        f"({name} in {topic.path.parent.parent / FILE})."
        for name, what, number in _counts(topic)
        if number not in (span := getattr(rules, name))
    ]


def _counts(topic: Topic) -> Iterator[tuple[str, str, float]]:
    """Yield what is counted of a topic: the rule, how it is said, the number."""
    tests, questions = topic.of("test"), topic.of("question")
    yield "points", "all tests together have {} points", sum(test.points for test in tests)
    yield "tasks", "the number of tasks is {}", len(topic.of("task"))
    for task in topic.of("task"):
        points = sum(test.points for test in tests if test.name == task.name)
        yield "task_points", f'the tests of task "{task.name}" have {{}} points', points
    yield "questions", "the number of written questions is {}", len(questions)
    for question in questions:
        yield "question_points", f'question "{question.name}" has {{}} points', question.points


def lacking(
    rules: CourseRules,
    functions: Mapping[str, Collection[str]],
    variants: Iterable[Variant],
    task: str | None = None,
) -> list[str]:
    """Return one sentence for each rule that a topic's variants break.

    Parameters
    ----------
    functions
        The functions that each task defines.
    variants
        All variants of the topic.
    task
        The only task to look at; None means all.
    """
    variants = list(variants)
    said = []
    for name in functions if task is None else [task]:
        for kind, span in (("right", rules.right_variants), ("wrong", rules.wrong_variants)):
            have = sum(v.kind == kind and v.name in functions[name] for v in variants)
            if have not in span:
                said.append(f"task {name} has {have} {kind} variants: write {span}")
    causes = len({variant.diagnosis for variant in variants if variant.diagnosis})
    if task is None and causes not in rules.causes:
        said.append(f"the wrong variants name {causes} causes: name {rules.causes}")
    return said
