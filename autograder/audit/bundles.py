"""Answers to different tasks in one exam, where none can change what is found of another.

To start an exam takes longer than most tests do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from autograder.audit.judging import TopicAudit, judge
from autograder.audit.outcome import lost
from autograder.audit.trials import Subject, Trial
from autograder.exam.results import ExamResult
from autograder.gradebook.scores import PREFIX, key

# A larger bundle could take longer than an exam may, and would be expensive to take apart.
MOST = 8


@dataclass(frozen=True)
class Bundle:
    """Trials by their places in the audit, and a notebook with the changes of all."""

    trials: Mapping[int, Trial]
    notebook: NotebookNode

    @property
    def label(self) -> str:
        """The labels of its trials."""
        return " + ".join(trial.label for trial in self.trials.values())


def bundled(subject: Subject, trials: Iterable[Trial]) -> Iterator[Bundle]:
    """Yield all trials, each in the first bundle that it fits into."""
    made: list[dict[int, Trial]] = []
    for place, trial in enumerate(trials):
        fitting = (each for each in made if _fits(subject, trial, each.values()))
        bundle = next(fitting, None)
        if bundle is None:
            made.append(bundle := {})
        bundle[place] = trial
    for bundle in made:
        yield Bundle(bundle, _notebook(subject, list(bundle.values())))


def settled(trial: Trial, shared: ExamResult, marks: dict) -> ExamResult | None:
    """Return a trial's part of its bundle's result; None if it is to be examined by itself.

    It is where anything went wrong, and where the tests did not judge as they should.
    """
    if shared.remarks or shared.notebook is None or shared.failure or shared.fault:
        return None
    cells = [cell for cell in shared.notebook.cells if _test_of(cell) in {None, *trial.tests}]
    part = replace(shared, notebook=NotebookNode({**shared.notebook, "cells": cells}), cpu_s=0.0)
    if judge(TopicAudit(""), trial, part, marks) or (trial.then and not lost(part)):
        return None
    return part


def _notebook(subject: Subject, trials: list[Trial]) -> NotebookNode:
    if len(trials) == 1:
        return trials[0].notebook
    changes = {place: text for trial in trials for place, text in trial.changes.items()}
    return subject.only(changes, frozenset().union(*(trial.tests for trial in trials)))


def _fits(subject: Subject, trial: Trial, others: Iterable[Trial]) -> bool:
    others = list(others)
    return len(others) < MOST and all(_apart(subject, trial, other) for other in others)


def _apart(subject: Subject, one: Trial, other: Trial) -> bool:
    """Tell whether two trials have nothing in common.

    Right answers may meet: a test that one of them makes fail is held again with each alone.
    """
    if not (one.changes and other.changes) or one.kind != other.kind:
        return False
    if one.kind == "right":
        return not one.changes.keys() & other.changes.keys()
    return not (
        one.tests & other.tests
        or _changed(subject, one) & _read(subject, other)
        or _changed(subject, other) & _read(subject, one)
    )


def _changed(subject: Subject, trial: Trial) -> set[str]:
    """Return the names that are other than in the reference, or not there where a test fails."""
    return {name for place in (*trial.changes, *_places(trial)) for name in subject.defined[place]}


def _read(subject: Subject, trial: Trial) -> set[str]:
    """Return the names of the tasks and the given cells that its tests come by."""
    tests = subject.reach.keys()
    there = {name for place in subject.defined.keys() - tests for name in subject.defined[place]}
    return there & {name for place in _places(trial) for name in subject.reach[place]}


def _places(trial: Trial) -> list[str]:
    """Return the grade ids of its tests."""
    return [f"{PREFIX}{test}" for test in trial.tests]


def _test_of(cell: NotebookNode) -> str | None:
    about = cell.metadata.get("nbgrader", {})
    return key(about["grade_id"]) if about.get("grade") else None
