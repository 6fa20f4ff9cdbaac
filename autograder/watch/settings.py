"""What an instructor chooses: the section ``c.GradeOnSubmit`` of nbgrader_config.py."""

from __future__ import annotations

from traitlets import Enum, Float, Integer, List, Unicode
from traitlets.config import Configurable


class GradeOnSubmit(Configurable):
    """How ``autograder watch`` grades what comes into the exchange.

    In ``nbgrader_config.py``, for example: ``c.GradeOnSubmit.feedback = "visible"``.
    """

    topics = List(Unicode(), help="Topics to watch. Default: all that are released.").tag(
        config=True
    )
    feedback = Enum(
        ("full", "visible", "none"),
        "full",
        help="What a student reads at once: the whole page with what all tests said, the scores of "
        "the visible tests alone, or nothing until you release feedback.",
    ).tag(config=True)
    pause_seconds = Float(
        120.0,
        min=0.0,
        help="Seconds from one exam of a student's to the next of the same topic. What is handed "
        "in meanwhile waits, and only the newest is graded.",
    ).tag(config=True)
    jobs = Integer(1, min=1, help="How many submissions to examine at once.").tag(config=True)
    poll_seconds = Float(
        5.0, min=0.05, help="Seconds between two looks at the exchange, where nothing happens."
    ).tag(config=True)
