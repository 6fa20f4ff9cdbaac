"""Run one notebook as grading does, in the exam, and show the results of its tests."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from pathlib import Path

from rich.console import Console
from traitlets.config import Config

from autograder.check import command
from autograder.check.command import Outcome
from autograder.check.trace_printer import TracePrinter
from autograder.course import Course, configuration
from autograder.errors import AutograderError
from autograder.exam.exam import Trace
from autograder.gradebook import assignment
from autograder.gradebook.session import OpenGradebook
from autograder.grading.context import Context
from autograder.grading.engine import Job
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.opening import open_submission
from autograder.grading.scratch import scratch_folder
from autograder.remarks import Kind, Remark
from autograder.submissions import layout
from autograder.submissions.clean_copy import Disturbed
from autograder.submissions.layout import HandedIn, Unfit
from autograder.submissions.repair import forget

_STUDENT = "somebody"
_VISIBLE = (
    "No course here has released this notebook's topic: the tests in the notebook are used, "
    "without hidden tests."
)


def check_in_exam(
    path: Path, course: Course | None, *, sandbox: str | None = None, trace: Trace | None = None
) -> Outcome:
    """Run the exam for one notebook; nothing is recorded, and the file stays as it is.

    If its file or its folder has the name of a released topic, the notebook is prepared as for
    grading: the tests are those of the release, with their hidden parts.

    Parameters
    ----------
    path
        An ``.ipynb`` file.
    course
        The course with the topics and limits to use; None without a course.
    sandbox
        "required" or "off". Default: the course's configuration.
    trace
        Receives the examiner's reports; see `ExamPool.examine`.

    Raises
    ------
    AutograderError
        If there is no such file, it is not a notebook, it contains no tests, it cannot be graded,
        or no exam can run on this machine.
    """
    command.read(path)  # raises a clear error for an invalid file
    engine = ExamEngine.of(course.config if course else Config(), sandbox=sandbox)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        topic = _topic(path, course)
        if course is not None and topic:
            job, remarks = _of_topic(path, course, topic, scratch, engine.sandbox)
        else:
            job, remarks = _as_it_is(path, scratch)
        stack.callback(engine.stop)
        engine.start()
        examined = engine.examine(job, trace)
    if examined.fault:
        raise AutograderError(f"No submission can be graded: {examined.fault}.")
    told = [*remarks, *examined.remarks]
    return command.outcome_of(path, examined.notebook, remarks=told, whole=bool(topic))


def _topic(path: Path, course: Course | None) -> str:
    """Return the topic of a notebook, from its name or its folder's name; "" without one."""
    topics = course.topics() if course and course.has_gradebook else []
    names = (path.stem, path.resolve().parent.name)
    return next((name for name in names if name in topics), "")


def _of_topic(
    path: Path, course: Course, topic: str, scratch: Path, sandbox: str
) -> tuple[Job, list[Remark]]:
    """Prepare a notebook as grading does; nothing is written to the gradebook."""
    with OpenGradebook(course) as gradebook:
        plan = assignment.load(gradebook, course, topic)
        context = Context.of(course, gradebook, scratch, sandbox, None)
        handed_in = HandedIn(_STUDENT, topic, path.resolve().parent)
        opened = open_submission(context, plan, handed_in, force=True)
    if opened.job is None:
        raise AutograderError(f"{path} cannot be graded: {opened.failure}.")
    return opened.job, opened.remarks


def _as_it_is(path: Path, scratch: Path) -> tuple[Job, list[Remark]]:
    loaded, files = command.read(path), scratch / "files"
    forget(loaded.notebook)
    folder = HandedIn(_STUDENT, path.stem, path.resolve().parent)
    try:
        left_out = layout.copy_files(folder, files, ignored=[])
    except (Unfit, Disturbed) as error:
        raise AutograderError(f"The files next to {path} cannot be copied: {error}.") from error
    job = Job(_STUDENT, path.stem, loaded.notebook, files)
    return job, [*loaded.remarks, *left_out, Remark(_VISIBLE, Kind.OTHER)]


def check_and_show(
    path: Path, folder: Path | None, console: Console, *, sandbox: str | None, trace: bool
) -> Outcome:
    """Run the exam for one notebook and print the results of its tests, and a trace if wanted.

    ``folder`` is the course folder; None searches around the notebook, then the working folder.
    """
    printer = TracePrinter(console) if trace else None
    outcome = check_in_exam(path, _course(path, folder), sandbox=sandbox, trace=printer)
    command.show(console, outcome)
    return outcome


def _course(path: Path, folder: Path | None) -> Course | None:
    """Return the course in ``folder``, or else the one around the notebook or working folder."""
    if folder is not None:
        return Course.find(root=folder)
    for start in (path.resolve().parent, Path.cwd()):
        root = None
        with suppress(AutograderError):  # no course here
            root = configuration.folder(start)
        if root is not None:
            return Course.find(root=root)  # an invalid configuration is an error
    return None
