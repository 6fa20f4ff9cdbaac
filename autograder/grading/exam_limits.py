"""The limits of an exam: the section ``c.ExamLimits`` of nbgrader_config.py."""

from __future__ import annotations

from traitlets import Enum, Float, Integer
from traitlets.config import Configurable

from autograder.exam.limits import MIB, Limits


class ExamLimits(Configurable):
    """Limits and sandbox of a submission, for ``autograder grade`` and nbgrader's commands.

    Time limits count seconds of processor time, and allow as many seconds of waiting. So they do
    not depend on the load of the machine.

    In ``nbgrader_config.py``, for example: ``c.ExamLimits.cell_seconds = 60``.
    """

    cell_seconds = Float(
        Limits.cell_s, min=0.1, help="Processor time of one cell, in seconds."
    ).tag(config=True)
    call_seconds = Float(
        Limits.call_s, min=0.1, help="Processor time of one call of a test into student code."
    ).tag(config=True)
    submission_seconds = Float(
        Limits.submission_s, min=1.0, help="Processor time of a whole submission."
    ).tag(config=True)
    memory_mb = Integer(
        Limits.memory_bytes // MIB, min=400, help="MiB of memory for one process of a submission."
    ).tag(config=True)
    sandbox = Enum(
        ("required", "off"),
        "required",
        help="Confine student code, or run it unconfined, with your permissions.",
    ).tag(config=True)

    @property
    def limits(self) -> Limits:
        """The limits as an object of the exam."""
        return Limits(
            cell_s=self.cell_seconds,
            call_s=self.call_seconds,
            submission_s=self.submission_seconds,
            memory_bytes=self.memory_mb * MIB,
        )
