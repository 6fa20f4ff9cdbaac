"""The course folder: its configuration, calendar and students.

`folder` finds the course; `configuration` reads its nbgrader_config.py as nbgrader does, and
`sections` the sections of it that are ours; `modules` imports an instructor's own modules.
`deadlines` and `dates` say until when each student has time; `enrol` and `student_names` say who
is in the class.
"""

from autograder.course.folder import Course, damage

__all__ = ["Course", "damage"]
