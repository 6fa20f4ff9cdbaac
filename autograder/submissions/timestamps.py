"""When a submission was handed in, by the ``timestamp.txt`` beside it."""

from __future__ import annotations

import datetime

from autograder.course import dates
from autograder.course.deadlines import Calendar
from autograder.submissions.clean_copy import RECEIPT, Taken

LONGEST = 400  # bytes; nbgrader writes 30
UNKNOWN = "so lateness is not known"


class Unknown(Exception):
    """The file is there and does not say when; the message is a remark on the submission."""


def read(taken: Taken, calendar: Calendar) -> datetime.datetime | None:
    """Return the time of a submission in UTC, without a zone; None where no file says it.

    Parameters
    ----------
    taken
        Its clean copy: what is handed in may be a pipe, or a link to another file.

    Raises
    ------
    Unknown
        If the file was left out of the copy, is a folder, holds no date, or one that can be read
        in two ways.
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
