"""Which versions a worker must have: those of the command that asks, since a grade may depend."""

from __future__ import annotations

import functools
from pathlib import Path

from autograder.grading import exam_engine

_MISSING = "none"


@functools.cache
def installed() -> dict[str, str]:
    """Return, by name, the versions of all that takes part in grading on a cluster."""
    own = exam_engine.digest_of(Path(__file__).parent)
    return {**exam_engine.installed(), "autograder.dask": own[:12]}


def differences(wanted: dict[str, str], found: dict[str, str]) -> str:
    """Say which versions differ from those that are wanted; "" where none does."""
    return "; ".join(
        f"it has {name} {found.get(name) or _MISSING}, this command {wanted.get(name) or _MISSING}"
        for name in sorted({*wanted, *found})
        if wanted.get(name, "") != found.get(name, "")
    )
