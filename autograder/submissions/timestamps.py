"""The time of a submission, from the ``timestamp.txt`` in its folder."""

from __future__ import annotations

import datetime

from autograder.course import dates
from autograder.course.deadlines import Calendar
from autograder.submissions.clean_copy import RECEIPT, Taken

LONGEST = 400  # bytes; nbgrader writes 30
UNKNOWN = "so lateness is not known"


class Unknown(Exception):
    """The file exists but has no valid time; the message is a remark on the submission."""


def read(taken: Taken, calendar: Calendar) -> datetime.datetime | None:
    """Return the time of a submission in UTC, without a zone; None without a file.

    Parameters
    ----------
    taken
        The clean copy: the submitted file may be a pipe, or a link to another file.

    Raises
    ------
    Unknown
        If the file was left out of the copy, is a folder, or has no date or an ambiguous one.
    """
    name = RECEIPT[0]
    if left := taken.left_out.get(name):
        raise Unknown(f"{name} {left.text}, {UNKNOWN}")
    if name in taken.folders:
        raise Unknown(f"{name} is a folder, {UNKNOWN}")
    if name not in taken.files:
        return None
    with (taken.folder / name).open("rb") as file:
        data = file.read(LONGEST)
    try:
        if not dates.decode(data):
            raise Unknown(f"{name} is empty, {UNKNOWN}")
        return calendar.stamp(data)
    except dates.TwoReadings as error:
        raise Unknown(f"{name}: {error}; until then lateness is not known") from None
    except dates.NoDate:
        raise Unknown(f"{name} is not a date, {UNKNOWN}") from None
