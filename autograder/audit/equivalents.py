"""Marks on mutants that are right answers too: ``solutions/TOPIC/equivalent.toml``.

Each mark names one mutant as the audit prints it, and says why no test can or should fail it::

    [[equivalent]]
    task = "step"
    was = "return np.where(z > 0, 1.0, 0.0)"
    became = "return np.where(z > 0, 1, 0.0)"
    reason = "the same numbers"

``count = 2`` names the second of several mutants that read the same.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from autograder.errors import AutograderError

FILE = "equivalent.toml"
_TEXTS = {"task", "was", "became", "reason"}

Key = tuple[str, str, str, int]


def load(folder: Path) -> dict[Key, str]:
    """Return the marks of a topic's folder: the reason by `Mutant.key`.

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
        raise AutograderError(f"{path}: cannot be read: {error}: fix it.") from error
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
            raise AutograderError(f"{path}: mark {number} says the same as an earlier one.")
        marks[key] = str(mark["reason"]).strip()
    return marks
