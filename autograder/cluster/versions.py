"""Compares a worker's versions with the command's: a grade may depend on them."""

from __future__ import annotations

import functools
from pathlib import Path

from autograder.grading import exam_engine

_MISSING = "none"


@functools.cache
def installed() -> dict[str, str]:
    """Return, by name, the versions of everything used in grading on a cluster."""
    own = exam_engine.digest_of(Path(__file__).parent)
    return {**exam_engine.installed(), "autograder.cluster": own[:12]}


def differences(wanted: dict[str, str], found: dict[str, str]) -> str:
    """Return a sentence with the versions that differ from the wanted ones; "" if none differs."""
    return "; ".join(
        f"it has {name} {found.get(name) or _MISSING}, this command {wanted.get(name) or _MISSING}"
        for name in sorted({*wanted, *found})
        if wanted.get(name, "") != found.get(name, "")
    )
