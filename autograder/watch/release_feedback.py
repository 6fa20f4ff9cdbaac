"""Release one student's feedback to the exchange, as full as the course's settings allow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum

from autograder.course import Course
from autograder.feedback.pages import make_page
from autograder.feedback.releasing import release
from autograder.watch.notes import FOLDER
from autograder.watch.visible import VisibleGrades


class Given(Enum):
    """The kind of feedback that a student got, as the end of a sentence."""

    FULL = "feedback is in the exchange"
    VISIBLE = "visible tests are in the exchange"
    NONE_YET = "no feedback yet"
    NO_SECRET = "no feedback, since nbgrader's submission_secret.txt is not in the submission"

    @property
    def released(self) -> bool:
        """Whether a page was released."""
        return self in (Given.FULL, Given.VISIBLE)


def give(
    course: Course, topic: str, student: str, what: str, tell: Callable[[str], object] = str
) -> Given:
    """Make and release one student's page.

    Parameters
    ----------
    what
        "full", "visible" or "none", as `GradeOnSubmit.feedback`.
    tell
        Called with a line if the page shows only the points.

    Raises
    ------
    AutograderError
        If a page cannot be made or released.
    """
    if what == "none":
        return Given.NONE_YET
    if what == "visible":
        # In a separate folder: `feedback` is for pages that the instructor releases.
        course = _with_own_feedback_folder(course)
        make_page(course, topic, student, VisibleGrades, tell)
    else:
        make_page(course, topic, student, tell=tell)
    if release(course, topic, [student]):
        return Given.NO_SECRET
    return Given.VISIBLE if what == "visible" else Given.FULL


def _with_own_feedback_folder(course: Course) -> Course:
    """Return the course with another folder for feedback."""
    config = course.config.copy()
    config.CourseDirectory.feedback_directory = f"{FOLDER}/visible"
    return dataclasses.replace(course, config=config)
