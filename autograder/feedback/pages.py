"""Make the pages of a class, through nbgrader, with a progress bar."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from nbgrader.converters import GenerateFeedback
from nbgrader.utils import capture_log
from rich.console import Console
from traitlets.config import Config

from autograder import terminal
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback.exporter import FeedbackExporter
from autograder.feedback.grades import KnownGrades
from autograder.feedback.releasing import release
from autograder.gradebook.derived import refresh
from autograder.gradebook.penalties import fault_remark
from autograder.submissions import instructors_files


def feedback_and_show(
    course: Course, topics: Sequence[str], console: Console, *, to_exchange: bool = False
) -> dict[str, dict[str, str]]:
    """Make all pages with a progress bar; return topic -> student -> path.

    Parameters
    ----------
    to_exchange
        Also release them through nbgrader's exchange, to those who handed in through it.

    Raises
    ------
    AutograderError
        If nothing is graded for a topic; or if a page failed, after all others are made.
    """
    pages: dict[str, dict[str, str]] = {}
    failures: list[str] = []
    plain: list[str] = []
    students = {topic: graded(course, topic) for topic in dict.fromkeys(topics)}
    with course.gradebook() as gradebook:
        faults = refresh(course, gradebook, list(students))
    failures += [
        f"{student}, {topic}: {fault_remark(why)}." for (student, topic), why in faults.items()
    ]
    with terminal.progress(console) as bar:
        for topic, names in students.items():
            task = bar.add_task(f"{topic} feedback", total=len(names))
            pages[topic] = {}
            for student in names:
                try:
                    pages[topic][student] = str(
                        make_page(course, topic, student, tell=plain.append)
                    )
                except AutograderError as error:
                    failures.append(str(error))
                bar.advance(task)
    here, folder = Path.cwd(), course.feedback_dir
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    console.print(f"Feedback pages are in {shown}", soft_wrap=True, highlight=False)
    for line in plain:
        console.print(f"! {terminal.clean(line)}", soft_wrap=True, highlight=False, markup=False)
    for topic in pages if to_exchange else ():
        others = release(course, topic, pages[topic])
        console.print(f"Released {topic} to {len(pages[topic]) - len(others)} students")
        if others:
            names = "; ".join(map(terminal.clean, others))
            console.print(f"Not handed in through the exchange, so send them theirs: {names}")
    if failures:
        raise AutograderError("\n".join([*failures, "All other pages were made."]))
    return pages


def graded(course: Course, topic: str) -> list[str]:
    """Return the students with an autograded notebook.

    Raises
    ------
    AutograderError
        If there are none.
    """
    names = sorted(path.parent.name for path in course.autograded_dir.glob(f"*/{topic}"))
    if not names:
        raise AutograderError(
            f"Nothing is graded for {topic} yet. Grade it first: autograder grade {topic}"
        )
    return names


class PageMaker(GenerateFeedback):
    """nbgrader's feedback for one student, whose name is not treated as a pattern.

    nbgrader itself treats a student's name as a pattern of file names, and does not find "A [B]".
    ``interrupted`` is True after a Ctrl-C, which nbgrader's capture of the log swallows.
    """

    interrupted = False

    def start(self) -> None:
        """Make the page."""
        try:
            super().start()
        except KeyboardInterrupt:
            self.interrupted = True
            raise

    def init_notebooks(self) -> None:
        """Set the notebooks of the student's folder."""
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {folder: sorted(map(str, Path(folder).glob("*.ipynb")))}

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the files next to the notebooks, in linear time."""
        source, target = (
            Path(place(assignment_id, student_id))
            for place in (self._format_source, self._format_dest)
        )
        for name in instructors_files.next_to(source, self.coursedir.ignore):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).unlink(missing_ok=True)
            shutil.copy(source / name, target / name)


def make_page(
    course: Course,
    topic: str,
    student: str,
    known: type[KnownGrades] = KnownGrades,
    tell: Callable[[str], object] = str,
) -> Path:
    """Make one student's page in the folder that nbgrader's exchange reads; return its path.

    Parameters
    ----------
    known
        The preprocessor that writes the scores into the notebook; it may remove content.
    tell
        Called with a sentence if the page shows only the points.

    Raises
    ------
    AutograderError
        If nbgrader makes no page; the message has its reason.
    """
    course.coursedir.assignment_id, course.coursedir.student_id = topic, student
    # Use this project's page even if the course's nbgrader_config.py does not configure it.
    ours = Config()
    ours.GenerateFeedback.exporter_class = FeedbackExporter
    ours.GenerateFeedback.preprocessors = [known]
    config = course.config.copy()
    config.merge(ours)
    maker = PageMaker(coursedir=course.coursedir, config=config)
    maker.force = True
    result = capture_log(maker)
    page = course.feedback_dir / student / topic / f"{topic}.html"
    if maker.interrupted:
        raise KeyboardInterrupt
    if not result["success"] or not page.is_file():
        said = (result.get("log") or result.get("error") or "nothing was said").splitlines()
        reason = next(line.strip() for line in reversed(said) if line.strip())
        raise AutograderError(f"nbgrader made no feedback page for {student}, {topic}: {reason}")
    if maker.exporter.plain:
        tell(f"{student}, {topic}: the page shows points only, since {maker.exporter.plain}")
    return page
