"""Read the due dates of a course's topics, without creating a missing gradebook."""

from __future__ import annotations

import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.course import Course
from autograder.errors import AutograderError


def due_dates(course: Course) -> dict[str, datetime.datetime | None]:
    """Return the due date, or None, of each released topic, by name.

    Raises
    ------
    AutograderError
        If there is no gradebook, or it does not answer.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise AutograderError(
            f"There is no gradebook at {url.database}: restore it from your backup, "
            "or release the first topic (autograder release)."
        )
    try:
        with course.gradebook() as gradebook:
            return {each.name: each.duedate for each in gradebook.assignments}
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise AutograderError(
            f"The gradebook does not answer ({reason}): check that it is not damaged, and that its "
            "disk or server is not full."
        ) from error
