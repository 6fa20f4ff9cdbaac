"""The late penalty, computed again whenever grades are read.

nbgrader computes it once, right after automatic grading. Later grades by hand, extensions and due
dates then have no effect on it.
"""

from __future__ import annotations

import contextlib
import json
import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder import remarks
from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.course.deadlines import Calendar, Deadline
from autograder.course.modules import importable
from autograder.errors import AutograderError
from autograder.gradebook import scores, up_to_date
from autograder.gradebook.session import Entry
from autograder.remarks import Kind, Remark

if TYPE_CHECKING:
    from nbgrader.preprocessors import AssignLatePenalties

_LATE = "nbgrader.preprocessors.AssignLatePenalties"


class PenaltyFault(Exception):
    """The plugin failed to compute a penalty; the message is the end of a sentence."""


class Penalties:
    """Computes late penalties as the course configures nbgrader."""

    def __init__(self, course: Course) -> None:
        self.root, self.config = course.root, course.config
        self.calendar = Calendar.of(course.root, course.config)
        if "AssignLatePenalties" in course.config:
            _ = self.assign  # reports a plugin that cannot be loaded even if no student is late

    @cached_property
    def active(self) -> bool:
        """Whether the course assigns late penalties: whether nbgrader's step is configured."""
        return _LATE in _steps(self.config) or self.assign is not None

    @cached_property
    def assign(self) -> AssignLatePenalties | None:
        """The step of nbgrader with its plugin, imported only if a student is late."""
        from nbgrader.preprocessors import AssignLatePenalties

        from autograder.grading.nbgrader_steps import resolved

        with importable(self.root):
            steps = map(resolved, _steps(self.config))
            kinds = [s for s in steps if isinstance(s, type) and issubclass(s, AssignLatePenalties)]
            return _made(kinds[0], self.config) if kinds else None

    def of(self, student: str, score: float, deadline: Deadline) -> float | None:
        """Return the penalty for a notebook with this score; None if there is none.

        Raises
        ------
        PenaltyFault
            If the plugin raises an exception, or does not return a number.
        """
        late = deadline.seconds_late
        if late <= 0 or self.assign is None:
            return None
        plugin = self.assign.plugin_inst
        try:
            with importable(self.root):
                penalty = plugin.late_submission_penalty(student, score, late)
        except Exception as error:  # the instructor's own code may raise anything
            raise PenaltyFault(f"{_name(plugin)} raised {type(error).__name__}: {error}") from error
        if penalty is None:
            return None
        if not isinstance(penalty, int | float) or not math.isfinite(penalty):
            raise PenaltyFault(f"{_name(plugin)} returned {penalty!r}, which is not a number")
        return float(min(max(penalty, 0.0), max(score, 0.0)))

    def write(self, gradebook: Gradebook, entry: Entry) -> str:
        """Write a submission's penalty into its records; return why it is unknown, or ""."""
        if not self.active:
            return ""
        deadlines = self.calendar.deadlines(gradebook, entry.student)
        score = sum(scores.counted(grade) for grade in entry.grades.values())
        try:
            penalty = self.of(entry.student, score, deadlines[entry.student, entry.topic])
        except PenaltyFault as fault:
            return str(fault)
        entry.notebook.late_submission_penalty = penalty
        return ""


def fault_remark(why: object) -> Remark:
    """Return the remark on a penalty that could not be computed."""
    text = f"the late penalty is not known ({why}): correct the plugin and grade again"
    return Remark(text, Kind.OTHER)


def fault_remarks(why: str) -> list[Remark]:
    """Return the remark on an unknown penalty, if there is a reason."""
    return [fault_remark(why)] if why else []


def late_remark(penalty: float | None) -> list[Remark]:
    """Return the remark on a late penalty, if there is one."""
    if not penalty:
        return []
    return [Remark(f"handed in late: nbgrader takes off {penalty:g} points", Kind.LATE)]


def note(path: Path, penalty: float | None, **about: Any) -> None:
    """Write a penalty into the metadata of an autograded notebook."""
    said = up_to_date.noted(path)
    if said is None:
        return
    kept = [each for each in remarks.read(said) if each.kind is not Kind.LATE]
    said |= {"penalty": penalty, **about, **remarks.noted([*kept, *late_remark(penalty)])}
    with contextlib.suppress(OSError, ValueError):
        notebook = json.loads(path.read_bytes())
        notebook["metadata"][up_to_date.KEY] = said
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        write_whole(path, (text + "\n").encode("utf-8", "replace"), "The late penalty")


def _steps(config: Config) -> list[Any]:
    """Return the configured steps of grading, as classes or as their names."""
    steps = config.get("Autograde", {}).get("autograde_preprocessors")
    if not isinstance(steps, list):  # nbgrader's default, perhaps extended
        from nbgrader.converters import Autograde

        steps = Autograde(config=config).autograde_preprocessors
    return list(steps)


def _made(kind: type[AssignLatePenalties], config: Config) -> AssignLatePenalties:
    """Make nbgrader's step with its plugin."""
    try:
        step = kind(config=config)
        step.init_plugin()
    except Exception as error:  # a module of the instructor's may raise anything
        raise AutograderError(
            f"The plugin for late penalties cannot be loaded ({type(error).__name__}: {error}). "
            "Put its module next to nbgrader_config.py, and name its class as "
            'c.AssignLatePenalties.plugin_class = "module.Class".'
        ) from error
    return step


def _name(plugin: object) -> str:
    return f"{type(plugin).__module__}.{type(plugin).__qualname__}"
