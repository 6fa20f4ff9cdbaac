"""Marks on mutants that are also right answers: ``solutions/TOPIC/equivalent.toml``.

Each mark names one mutant as the audit prints it, and the reason why no test should fail it::

    [[equivalent]]
    task = "step"
    was = "return np.where(z > 0, 1.0, 0.0)"
    became = "return np.where(z > 0, 1, 0.0)"
    reason = "the same numbers"

``count = 2`` names the second of several mutants with the same text.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from autograder.errors import AutograderError

FILE = "equivalent.toml"
_TEXTS = {"task", "was", "became", "reason"}

Key = tuple[str, str, str, int]


def load(folder: Path) -> dict[Key, str]:
    """Return the marks in a topic's folder: for each `Mutant.key`, the reason.

    Raises
    ------
    AutograderError
        If the file cannot be read or a mark lacks something.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AutograderError(f"{path} cannot be read ({error}): fix it.") from error
    marks: dict[Key, str] = {}
    for number, mark in enumerate(found.get("equivalent", []), 1):
        missing = _TEXTS - mark.keys()
        if missing or not str(mark["reason"]).strip():
            raise AutograderError(
                f"{path}: mark {number} lacks {', '.join(sorted(missing)) or 'its reason'}: a mark "
                "has task, was and became as the audit prints them, and a reason."
            )
        key = (mark["task"], mark["was"], mark["became"], mark.get("count", 1))
        if key in marks:
            raise AutograderError(f"{path}: mark {number} repeats an earlier one: remove it.")
        marks[key] = str(mark["reason"]).strip()
    return marks
