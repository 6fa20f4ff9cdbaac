"""One proctor for all runs with the same limits: each would import TensorFlow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.exam.limits import Limits
from autograder.exam.processes.exam_pool import Conductor
from autograder.grading.exam_engine import ExamEngine

if TYPE_CHECKING:
    import pytest

_kept: dict[tuple[Limits, str], Conductor] = {}


def keep(patch: pytest.MonkeyPatch) -> None:
    """Let every engine of this process use the kept conductors."""
    patch.setattr(ExamEngine, "conductor", _conductor)
    patch.setattr(ExamEngine, "stop", lambda engine: None)
    # A run that fails must still end the exams in progress.
    patch.setattr(ExamEngine, "stop_on_error", lambda engine, kind, *_: kind and _stop(engine))


def stop_all() -> None:
    """End every kept proctor."""
    while _kept:
        _kept.popitem()[1].stop()


def _conductor(engine: ExamEngine) -> Conductor:
    key = engine.limits, engine.sandbox
    return _kept.get(key) or _kept.setdefault(key, Conductor(*key))


def _stop(engine: ExamEngine) -> None:
    if conductor := _kept.pop((engine.limits, engine.sandbox), None):
        conductor.stop()
