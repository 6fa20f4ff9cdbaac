"""The misconceptions of a class: the number of each likely cause that tests have named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from autograder.report.gather import Results, Work


@dataclass(frozen=True)
class Mistake:
    """One likely cause in one test.

    ``because`` is the sentence that most of these students got.
    """

    test: str
    diagnosis: str
    because: str
    works: tuple[Work, ...]

    @property
    def count(self) -> int:
        """The number of students with this cause."""
        return len(self.works)


def mistakes(results: Results) -> list[Mistake]:
    """Return the mistakes, the most frequent first, then in the notebook's order."""
    found: dict[tuple[str, str], list[Work]] = {}
    for name in results.tests:
        for work in results.works:
            if diagnosis := work.tests[name].diagnosis:
                found.setdefault((name, diagnosis), []).append(work)
    made = [
        Mistake(test, diagnosis, _sentence(test, works), tuple(works))
        for (test, diagnosis), works in found.items()
    ]
    return sorted(made, key=lambda mistake: -mistake.count)  # stable: the notebook's order stays


def _sentence(test: str, works: list[Work]) -> str:
    said = Counter(work.tests[test].because or "" for work in works)
    return max(sorted(said), key=said.__getitem__)
