"""Open a submission: copy, read and repair it, and make a job for the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from autograder.errors import of_machine, one_line
from autograder.gradebook.assignment import Plan
from autograder.gradebook.records import Submission
from autograder.grading import nbgrader_log
from autograder.grading.context import Context
from autograder.grading.engine import Job
from autograder.grading.unchanged import unchanged
from autograder.remarks import Kind, Remark
from autograder.submissions import layout, reading, repair
from autograder.submissions.clean_copy import Disturbed, Taken
from autograder.submissions.layout import HandedIn, Unfit
from autograder.submissions.reading import Unreadable


@dataclass
class Opened:
    """An opened submission: the job for the engine, or the reason why there is none.

    ``taken`` is its clean copy, None if no copy could be made. ``fault`` is True if the failure is
    this machine's, or if the student is not known. ``outcome`` is the outcome of an earlier run, if
    an exam would give the same one.
    """

    plan: Plan
    handed_in: HandedIn
    taken: Taken | None = None
    fingerprint: str | None = None
    job: Job | None = None
    failure: Remark | None = None
    fault: bool = False
    remarks: list[Remark] = field(default_factory=list)
    outcome: Submission | None = None
    sanitise_s: float = 0.0


def open_submission(
    context: Context, plan: Plan, handed_in: HandedIn, *, force: bool = False
) -> Opened:
    """Sanitise a submission; a fault of the submission becomes its failure."""
    began = time.perf_counter()
    opened = Opened(plan, handed_in)
    with _blamed(opened):
        _take_in(context, opened, force=force)
    if opened.outcome is None:
        _ = context.converter  # a fault of nbgrader's steps is no submission's
    if opened.outcome is None and opened.failure is None:
        with _blamed(opened):
            opened.job = _sanitise(context, opened)
    opened.remarks += context.listener.take()
    opened.sanitise_s = time.perf_counter() - began
    return opened


@contextmanager
def _blamed(opened: Opened) -> Iterator[None]:
    """Let any error be why there is no job, and say whether it is the submission's."""
    try:
        yield
    except Exception as error:
        opened.fault = isinstance(error, Disturbed) or of_machine(error)
        if isinstance(error, Disturbed):
            opened.failure = Remark(str(error), Kind.UNGRADED)
        elif opened.fault:
            text = f"it could not be prepared ({one_line(error)})"
            opened.failure = Remark(text, Kind.UNGRADED)
        else:
            opened.failure = nbgrader_log.reason(error, opened.handed_in.notebook.name)


def _take_in(context: Context, opened: Opened, *, force: bool) -> None:
    """Copy a submission, and look up whether its grade is up to date."""
    handed_in = opened.handed_in
    if handed_in.unclear:
        raise Disturbed(handed_in.unclear)
    if handed_in.doubt:
        opened.remarks.append(Remark(handed_in.doubt, Kind.OTHER))
    taken, why = _take(context, handed_in)
    opened.taken = taken
    opened.fingerprint = context.fingerprints.of(taken.digest, opened.plan)
    if not force:
        with suppress(Exception):  # records that cannot be read are written again
            opened.outcome = unchanged(context, opened.plan, handed_in, opened.fingerprint)
    if opened.outcome is not None:
        return
    opened.remarks += layout.remarks(taken.left_out, but=handed_in.notebook.name)
    if why:
        raise why


def _take(context: Context, handed_in: HandedIn) -> tuple[Taken, Unreadable | None]:
    """Return the clean copy; an empty one and the reason if there is no folder to copy."""
    folder = context.folder(handed_in)
    try:
        return layout.take(handed_in, folder, context.caps), None
    except Unfit as error:
        folder.mkdir(parents=True, exist_ok=True)
        digest = None if error.transient else error.why
        return Taken(folder, digest=digest), Unreadable(error.why, kind=error.kind)


def _sanitise(context: Context, opened: Opened) -> Job:
    """Return the submission's job for the engine."""
    handed_in, plan, taken = opened.handed_in, opened.plan, opened.taken
    assert taken is not None
    found = reading.read(taken, plan)
    opened.remarks += found.remarks
    context.converter.prepare(handed_in, taken)
    opened.remarks += repair.repair(found.notebook, plan)
    notebook = context.converter.sanitise(handed_in, found.notebook, plan)
    given = tuple(map(str, context.converter.instructors_files(handed_in.topic)))
    return Job(handed_in.student, handed_in.topic, notebook, taken.folder, given)
