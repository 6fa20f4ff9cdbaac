"""The course folder: its configuration, calendar and students.

`folder` finds the course. `configuration` reads its nbgrader_config.py as nbgrader does, `sections`
reads this project's sections in it, and `modules` imports the instructor's own modules. `deadlines`
and `dates` compute each student's deadline; `enrol` and `student_names` are about the class list.
"""

from typing import Any


def __getattr__(name: str) -> Any:
    """Import `folder` at its first use: it needs nbgrader, which the help does not."""
    if name in ("Course", "damage"):
        from autograder.course import folder

        return getattr(folder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
