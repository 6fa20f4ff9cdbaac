"""Run one notebook as grading does, in the exam, and say what its tests say."""

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
from autograder.gradebook.session import Ledger
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

_ANYBODY = "somebody"
_VISIBLE = (
    "No course here has released this notebook's topic: its tests are judged as they stand in it, "
    "without hidden ones."
)


def check_in_exam(
    path: Path, course: Course | None, *, sandbox: str | None = None, trace: Trace | None = None
) -> Outcome:
    """Hold the exam for one notebook; nothing is recorded, and the file stays as it is.

    Where the notebook is of a released topic, named by its file or its folder, it is prepared as
    for grading: tests are those of the release, with their hidden parts.

    Parameters
    ----------
    path
        An ``.ipynb`` file.
    course
        Whose topics and limits are taken; None where there is none.
    sandbox
        "required" or "off". Default: as the course configures it.
    trace
        Takes what the examiner reports; see `ExamPool.examine`.

    Raises
    ------
    AutograderError
        If there is no such file, it is not a notebook, it holds no tests, it cannot be graded, or
        no exam can be held here.
    """
    command.read(path)  # says what is wrong with the file
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
        raise AutograderError(f"Nobody's submission can be judged: {examined.fault}.")
    told = [*remarks, *examined.remarks]
    return command.outcome_of(path, examined.notebook, remarks=told, whole=bool(topic))


def _topic(path: Path, course: Course | None) -> str:
    """Return the topic that a notebook is of, by its name or its folder's; "" if of none."""
    topics = course.topics() if course and course.has_gradebook else []
    names = (path.stem, path.resolve().parent.name)
    return next((name for name in names if name in topics), "")


def _of_topic(
    path: Path, course: Course, topic: str, scratch: Path, sandbox: str
) -> tuple[Job, list[Remark]]:
    """Prepare a notebook as grading does; nothing is written to the gradebook."""
    with Ledger(course) as ledger:
        plan = assignment.load(ledger, course, topic)
        context = Context.of(course, ledger, scratch, sandbox, None)
        handed_in = HandedIn(_ANYBODY, topic, path.resolve().parent)
        opened = open_submission(context, plan, handed_in, force=True)
    if opened.job is None:
        raise AutograderError(f"{path} cannot be graded: {opened.failure}.")
    return opened.job, opened.remarks


def _as_it_is(path: Path, scratch: Path) -> tuple[Job, list[Remark]]:
    loaded, files = command.read(path), scratch / "files"
    forget(loaded.notebook)
    folder = HandedIn(_ANYBODY, path.stem, path.resolve().parent)
    try:
        left_out = layout.copy_files(folder, files, ignored=[])
    except (Unfit, Disturbed) as error:
        raise AutograderError(f"The files next to {path} cannot be copied: {error}.") from error
    job = Job(_ANYBODY, path.stem, loaded.notebook, files)
    return job, [*loaded.remarks, *left_out, Remark(_VISIBLE, Kind.OTHER)]


def check_and_show(
    path: Path, folder: Path | None, console: Console, *, sandbox: str | None, trace: bool
) -> Outcome:
    """Hold the exam for one notebook and print what its tests say, with ``trace`` as it goes.

    ``folder`` is the course's; None looks for one around the notebook, then here.
    """
    printer = TracePrinter(console) if trace else None
    outcome = check_in_exam(path, _course(path, folder), sandbox=sandbox, trace=printer)
    command.show(console, outcome)
    return outcome


def _course(path: Path, folder: Path | None) -> Course | None:
    """Return the course that is named, or else that the notebook or the working folder is in."""
    if folder is not None:
        return Course.find(root=folder)
    for start in (path.resolve().parent, Path.cwd()):
        root = None
        with suppress(AutograderError):  # there is none
            root = configuration.folder(start)
        if root is not None:
            return Course.find(root=root)  # a faulty configuration is an error
    return None
