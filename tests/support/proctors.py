"""One proctor for all runs with the same limits: each would import TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import ExamPool
from autograder.grading.exam_engine import ExamEngine

if TYPE_CHECKING:
    import pytest

_kept: dict[tuple[Limits, str], ExamPool] = {}


def keep(patch: pytest.MonkeyPatch) -> None:
    """Let every engine of this process use the kept exam pools."""
    patch.setattr(ExamEngine, "exam_pool", _conductor)
    patch.setattr(ExamEngine, "stop", lambda engine: None)
    # A run that fails must still end the exams in progress.
    patch.setattr(ExamEngine, "stop_on_error", lambda engine, kind, *_: kind and _stop(engine))


def stop_all() -> None:
    """End every kept proctor."""
    while _kept:
        _kept.popitem()[1].stop()


def _conductor(engine: ExamEngine) -> ExamPool:
    key = engine.limits, engine.sandbox
    return _kept.get(key) or _kept.setdefault(key, ExamPool(*key))


def _stop(engine: ExamEngine) -> None:
    if exam_pool := _kept.pop((engine.limits, engine.sandbox), None):
        exam_pool.stop()
