"""Release feedback pages through nbgrader's exchange, to each student their own."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Iterable
from pathlib import Path

from nbgrader.exchange import ExchangeFactory
from nbgrader.utils import capture_log, temp_attrs

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.submissions import layout
from autograder.submissions.clean_copy import RECEIPT, Caps
from autograder.submissions.layout import HandedIn, Unfit

_MOST_NOTEBOOKS = 20


def release(course: Course, topic: str, students: Iterable[str]) -> list[str]:
    """Release the pages of students who handed in through the exchange; return the others.

    nbgrader's own command stops at the first student who did not.

    Raises
    ------
    AutograderError
        If the exchange does not accept a page; the message has nbgrader's reason.
    """
    others = []
    for student in students:
        folder = course.feedback_dir / student / topic
        if not all((folder / name).is_file() for name in RECEIPT):
            others.append(student)
            continue
        _for_each_notebook(folder, topic, layout.find(course.submitted_dir, student, topic))
        # nbgrader treats a student's name as a pattern of file names.
        with temp_attrs(course.coursedir, assignment_id=topic, student_id=glob.escape(student)):
            exchange = ExchangeFactory(config=course.config)
            app = exchange.ReleaseFeedback(coursedir=course.coursedir, config=course.config)
            result = capture_log(app)
        if not result["success"]:
            said = (result.get("log") or result.get("error") or "nothing was said").splitlines()
            reason = next(line.strip() for line in reversed(said) if line.strip())
            raise AutograderError(
                f"The exchange did not accept the page of {student}, {topic}: {reason}. Fix that, "
                "and release again: the pages are kept."
            )
    return others


def _for_each_notebook(folder: Path, topic: str, submitted: HandedIn) -> None:
    """Copy the page under the name of every other notebook of the submission.

    The Assignment List shows feedback only if each notebook has some.
    """
    try:
        with layout.taken(submitted, Caps.usual(include=["*.ipynb"])) as taken:
            names = [Path(name).stem for name in taken.notebooks()]
    except Unfit:
        return
    for name in [name for name in names if name != topic][:_MOST_NOTEBOOKS]:
        shutil.copy(folder / f"{topic}.html", folder / f"{name}.html")  # with its permissions
