"""Judge a topic's tests by their result on each trial."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from autograder.audit.outcome import cells_of, errors_of, lost
from autograder.audit.trials import Trial
from autograder.exam.results import ExamResult
from autograder.gradebook.scores import diagnoses, key
from autograder.remarks import texts


@dataclass
class TopicAudit:
    """The result of the audit of one topic.

    Attributes
    ----------
    full, caught, named
        The number of right variants with full marks, of wrong ones that lost exactly the tests they
        must, and of those with the right diagnosis (or with none, if there is no cause to name).
    killed
        The number of mutants that lost a test; mutants marked as equivalent are not counted in
        ``of``.
    trivial
        The number of notebooks without work that earned nothing.
    of
        The number of trials, by kind.
    equivalent
        The number of mutants marked as equivalent.
    survivors
        One sentence for each trial that the tests judged wrongly, and for each error in the topic's
        variants and marks.
    """

    topic: str
    full: int = 0
    caught: int = 0
    named: int = 0
    killed: int = 0
    whole: int = 0
    trivial: int = 0
    equivalent: int = 0
    of: Counter = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the entry of the JSON contract."""
        return {
            "right": [self.full, self.of["right"]],
            "wrong": [self.caught, self.of["wrong"]],
            "named": [self.named, self.of["wrong"]],
            "mutants": [self.killed, self.of["mutant"]],
            "whole": [self.whole, self.of["whole"]],
            "trivial": [self.trivial, self.of["trivial"]],
            "equivalent": self.equivalent,
            "survivors": self.survivors,
            "wall_s": round(self.wall_s, 1),
            "cpu_s": round(self.cpu_s, 1),
        }


def judge(found: TopicAudit, trial: Trial, examined: ExamResult, marks: dict) -> str:
    """Count a trial; return what the tests judged wrongly, "" if nothing."""
    if trial.mutant is not None:
        return _judge_mutant(found, trial, lost(examined), marks)
    cells, gone = cells_of(examined), lost(examined)
    kind = trial.kind if trial.kind in ("right", "wrong", "trivial") else "whole"
    found.of[kind] += 1
    if gone != trial.loses:
        return f"{trial.label}: {_mistake(trial.loses, gone, cells, examined)}"
    if trial.kind in ("reference", "together") and (broken := _broken(cells)):
        return f"{trial.label}: {broken}"
    if kind == "right":
        found.full += 1
    elif kind == "whole":
        found.whole += 1
    elif kind == "trivial":
        found.trivial += 1
    else:
        found.caught += 1
        drawn = diagnoses(cells).get(f"test-{trial.first}")
        found.named += drawn == trial.diagnosis
        if drawn != trial.diagnosis:
            wanted = f'"{trial.diagnosis}"' if trial.diagnosis else "none"
            named = f'"{drawn}"' if drawn else "no cause"
            return f"{trial.label}: test {trial.first} names {named}; it should name {wanted}"
    return ""


def _judge_mutant(found: TopicAudit, trial: Trial, gone: frozenset[str], marks: dict) -> str:
    reason = marks.get(trial.mutant.key)
    if reason is not None:
        found.equivalent += 1
        if gone:
            return f"{trial.label}: is marked as equivalent ({reason}), but loses {_list(gone)}"
        return ""
    found.of["mutant"] += 1
    found.killed += bool(gone)
    return "" if gone else f"{trial.label}: no test fails"


def _broken(cells: list[dict[str, Any]]) -> str:
    """Return which cell of an experiment or a figure failed although every answer is right."""
    for cell in cells:
        if errors := errors_of(cell):
            first = cell["source"].strip().splitlines()[0]
            return f"the cell that begins `{first}` fails ({errors[0]})"
    return ""


def _mistake(
    wanted: frozenset[str], gone: frozenset[str], cells: list[dict[str, Any]], examined: ExamResult
) -> str:
    """Return the tests that were wrongly lost or kept, with the text of the first error."""
    mistakes = []
    if more := gone - wanted:
        mistakes.append(f"loses {_list(more)} ({_first_error(cells, more)})")
    if less := wanted - gone:
        mistakes.append(f"does not lose {_list(less)}")
    return "; ".join([*mistakes, *texts(examined.remarks)])


def _first_error(cells: list[dict[str, Any]], tests: frozenset[str]) -> str:
    named = [
        c for c in cells if key(c["metadata"].get("nbgrader", {}).get("grade_id", "")) in tests
    ]
    return next((text for cell in named for text in errors_of(cell)), "no error was shown")


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
