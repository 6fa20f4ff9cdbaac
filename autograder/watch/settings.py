"""The instructor's settings: the section ``c.GradeOnSubmit`` of nbgrader_config.py."""

from __future__ import annotations

from traitlets import Enum, Float, Integer, List, Unicode
from traitlets.config import Configurable


class GradeOnSubmit(Configurable):
    """Settings of ``autograder watch``.

    In ``nbgrader_config.py``, for example: ``c.GradeOnSubmit.feedback = "visible"``.
    """

    topics = List(Unicode(), help="Topics to watch. Default: all that are released.").tag(
        config=True
    )
    feedback = Enum(
        ("full", "visible", "none"),
        "full",
        help="The feedback that a student gets at once: the whole page with all tests' messages, "
        "only the scores of the visible tests, or nothing until you release feedback.",
    ).tag(config=True)
    pause_seconds = Float(
        120.0,
        min=0.0,
        help="Seconds between two exams of one student and topic. Submissions wait meanwhile, and "
        "only the newest is graded.",
    ).tag(config=True)
    jobs = Integer(1, min=1, help="How many submissions to examine at once.").tag(config=True)
    poll_seconds = Float(
        5.0, min=0.05, help="Seconds between two polls of the exchange while nothing happens."
    ).tag(config=True)
