"""The course folder: its configuration, calendar and students.

`folder` finds the course; `configuration` reads its nbgrader_config.py as nbgrader does, and
`sections` the sections of it that are ours; `modules` imports an instructor's own modules.
`deadlines` and `dates` say until when each student has time; `enrol` and `student_names` say who
is in the class.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Import `folder` when somebody asks for it: it needs nbgrader, which the help does not."""
    if name in ("Course", "damage"):
        from autograder.course import folder

        return getattr(folder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
