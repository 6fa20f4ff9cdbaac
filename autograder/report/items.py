"""Item analysis: how many solve a task, and whether it tells strong from weak students.

The index of discrimination is the corrected item-total correlation: Pearson's correlation of a
task's points with the points for all the other tasks, which is the point-biserial correlation where
a task is right or wrong (L. Crocker and J. Algina, *Introduction to Classical and Modern Test
Theory*, 1986, ch. 14). Its interpretation, from 0.2 (useful) to 0.4 (very good), follows R. L. Ebel
and D. A. Frisbie, *Essentials of Educational Measurement*, 1991. In a class it is an estimate, so
each index has its 95 % interval by Fisher's transformation, and a verdict only if the interval
allows one.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.report.gather import Results, State

USEFUL, VERY_GOOD = 0.2, 0.4
# With fewer students in all, or fewer who have it right (or wrong), chance decides.
FEWEST, FEWEST_APART = 10, 3
_NORMAL_95 = 1.959964


class Verdict(enum.StrEnum):
    """Whether a task separates strong from weak students."""

    SEPARATES = "separates strong from weak"
    DOES_NOT = "does not separate"
    AGAINST = "weak students do better"
    UNCLEAR = "too few to say"
    ALL_ALIKE = "all alike"


@dataclass(frozen=True)
class Item:
    """One task's statistics.

    Attributes
    ----------
    counts
        The number of students in each state.
    share
        The mean fraction of the points, 0 to 1; None if no submission was graded.
    r, low, high
        The index and its 95 % interval; None if it is not defined.
    """

    name: str
    task: str
    points: float
    counts: dict[State, int]
    share: float | None
    r: float | None
    low: float | None
    high: float | None
    verdict: Verdict


def analyse(results: Results) -> list[Item]:
    """Return the statistics of each test, in the notebook's order.

    Success counts all submissions that could be graded. The index excludes students who have
    written nothing: their zeros in every task would make every task seem to separate.
    """
    return [_item(results, name) for name in results.tests]


def _item(results: Results, name: str) -> Item:
    mine = [work.tests[name] for work in results.judged]
    points = results.tests[name]
    begun = [work for work in results.judged if work.begun]
    own = [work.tests[name].score for work in begun]
    rest = [work.score_of_tests - score for work, score in zip(begun, own, strict=True)]
    r, low, high = correlation(own, rest)
    return Item(
        name,
        results.tasks.get(name, name),
        points,
        {state: sum(result.state is state for result in mine) for state in State},
        sum(r.score for r in mine) / (len(mine) * points) if mine and points else None,
        r,
        low,
        high,
        _verdict(own, r, low, high),
    )


def correlation(
    first: Sequence[float], second: Sequence[float]
) -> tuple[float | None, float | None, float | None]:
    """Return Pearson's r and its 95 % interval; None if it is not defined."""
    count = len(first)
    if count < 4:
        return None, None, None
    means = [math.fsum(values) / count for values in (first, second)]
    one, two = ([v - m for v in vs] for vs, m in zip((first, second), means, strict=True))
    spread = math.sqrt(math.fsum(a * a for a in one) * math.fsum(b * b for b in two))
    if spread < 1e-12:
        return None, None, None
    r = math.fsum(a * b for a, b in zip(one, two, strict=True)) / spread
    z = math.atanh(max(-0.999999, min(0.999999, r)))
    half = _NORMAL_95 / math.sqrt(count - 3)
    return r, math.tanh(z - half), math.tanh(z + half)


def _verdict(own: list[float], r: float | None, low: float | None, high: float | None) -> Verdict:
    most = max(own, default=0.0)
    at_top = sum(score == most for score in own)
    if len(own) >= FEWEST and at_top == len(own):
        return Verdict.ALL_ALIKE
    if r is None or len(own) < FEWEST or min(at_top, len(own) - at_top) < FEWEST_APART:
        return Verdict.UNCLEAR
    if high < 0:
        return Verdict.AGAINST
    if r >= USEFUL and low > 0:
        return Verdict.SEPARATES
    if r < USEFUL and high < VERY_GOOD:
        return Verdict.DOES_NOT
    return Verdict.UNCLEAR
