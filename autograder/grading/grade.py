"""Grade a class: sanitise in this process, examine in parallel, record with one writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from nbgrader.api import MissingEntry

from autograder.course import Course, student_names
from autograder.gradebook import scores, up_to_date, voids
from autograder.gradebook.assignment import Plan, load
from autograder.gradebook.derived import refresh
from autograder.gradebook.records import Submission, TopicRun
from autograder.gradebook.session import OpenGradebook
from autograder.grading.context import Context
from autograder.grading.engine import Engine, Job
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.lock import grading_lock
from autograder.grading.opening import Opened, open_submission
from autograder.grading.recorder import Recorder
from autograder.grading.scratch import scratch_folder
from autograder.grading.workers import MakeExecutor, Runner, Workers, local_threads, processor_count
from autograder.submissions.layout import HandedIn, hand_ins, same_forms

Watcher = Callable[[str, Submission], None]
Wanted = Callable[[HandedIn], bool]


def grade(
    course: Course,
    topics: Sequence[str],
    *,
    submitted: Path | None = None,
    jobs: int | None = None,
    engine: Engine | None = None,
    make_executor: MakeExecutor = local_threads,
    workers: Runner | None = None,
    watch: Watcher | None = None,
    force: bool = False,
    only: Wanted | None = None,
    students: Collection[str] | None = None,
    wait: bool = True,
) -> list[TopicRun]:
    """Grade everything that was handed in for some topics.

    Parameters
    ----------
    course
        The course whose gradebook is written to.
    topics
        Names of released topics.
    submitted
        The submitted folder, ``DIR/STUDENT/TOPIC/TOPIC.ipynb``. Default: the course's own.
    jobs
        How many submissions to examine at once. Default: one for each processor.
    engine
        The engine that runs a submission. Default: the exam, as the course configures it.
    make_executor
        Makes the executor for a number of workers. Default: threads of this process, since the
        exam has processes of its own.
    workers
        The connected workers of a cluster, in place of this machine's: ``jobs`` and
        ``make_executor`` then have no effect, and no exam is held here.
    watch
        Called with the topic and each outcome as it is recorded.
    force
        Also grade submissions that have not changed since they were graded.
    only
        Called with each submission right before it is opened; False skips it.
    students
        Grade only these students. Default: all.
    wait
        Wait while another run is grading this course.

    Returns
    -------
    list of TopicRun
        One for each topic. No submission stops the run: one that cannot be read scores 0, with the
        reason in its remarks.

    Raises
    ------
    AutograderError
        If there is no submitted folder, a topic was never released, or no exam can be held here.
    Busy
        If another run is grading this course and ``wait`` is False.
    """
    submitted = (submitted or course.submitted_dir).resolve()
    handed_in = {topic: hand_ins(course, submitted, topic, students) for topic in topics}
    engine = engine or ExamEngine.of(course.config)
    with ExitStack() as stack:
        stack.enter_context(grading_lock(course, wait=wait))
        local = engine if isinstance(engine, ExamEngine) and workers is None else None
        if local:
            stack.callback(local.stop)
            local.check()  # the first exam starts the proctor, and there may be no exam to hold
        gradebook = stack.enter_context(OpenGradebook(course))
        plans = {topic: _plan(gradebook, course, topic) for topic in topics}
        scratch = stack.enter_context(scratch_folder())
        if workers is None:
            workers = stack.enter_context(Workers(make_executor, jobs or processor_count()))
        if local:
            stack.push(local.stop_on_error)
        version = getattr(engine, "version", None)
        context = Context.of(course, gradebook, scratch, engine.sandbox, version)
        runs = [
            _start(gradebook, plans[topic], engine, handed_in[topic], course, students)
            for topic in topics
        ]
        gradebook.db.remove()  # no transaction stays open while the first exams are held
        for run in runs:
            wanted: Iterable[HandedIn] = (
                _doubted(entry, run.absent)
                for entry in handed_in[run.topic]
                if entry.student not in run.removed
            )
            wanted = filter(only, wanted) if only else wanted
            opened = _open_all(context, plans[run.topic], wanted, force)
            _grade_topic(run, opened, Recorder(context), workers, engine, watch)
        if context.penalties.calendar.settings.late_days:
            refresh(course, gradebook)  # late days used for one topic are not left for later ones
    return runs


def _doubted(entry: HandedIn, absent: Iterable[str]) -> HandedIn:
    """Note on a submission that it may belong to a student who handed in nothing."""
    look = student_names.look(entry.student)
    for student in absent:
        if student_names.look(student) == look:
            text = (
                f"the folder {entry.student!a} looks like the student {student!a}, who handed in "
                f"nothing: {student_names.unlike(entry.student, student)}. "
                "Rename it if it is theirs"
            )
            return replace(entry, doubt=text)
    return entry


def _plan(gradebook: OpenGradebook, course: Course, topic: str) -> Plan:
    """Return a topic's plan, after the decisions to void tests are written to the gradebook."""
    with suppress(MissingEntry):  # `load` raises an error that says what to do
        voids.settle(gradebook, gradebook.find_assignment(topic))
    gradebook.db.commit()
    return load(gradebook, course, topic)


def _start(
    gradebook: OpenGradebook,
    plan: Plan,
    engine: Engine,
    handed_in: list[HandedIn],
    course: Course,
    students: Collection[str] | None,
) -> TopicRun:
    """Return a topic's run without submissions: its absent and removed students."""
    known = {student.id for student in gradebook.students}
    here = {entry.student for entry in handed_in}
    forms = None if students is None else same_forms(students)
    asked = {name for name in known if forms is None or student_names.plain(name) in forms}
    assignment = str(gradebook.find_assignment(plan.topic).id)
    return TopicRun(
        plan.topic,
        plan.max_score,
        engine.sandbox,
        voided={scores.key(name): how for name, how in plan.voided.items()},
        notes=[plan.fault] if plan.fault else [],
        absent=sorted(asked - here),
        removed=sorted(
            student
            for student in here - known
            if _graded_by(assignment, course.autograded_dir / student / plan.topic)
        ),
    )


def _graded_by(assignment: str, folder: Path) -> bool:
    """Return whether an autograded notebook belongs to this assignment of this gradebook.

    If its student is not in the gradebook, the student was removed from it.
    """
    about = up_to_date.noted(folder / f"{folder.name}.ipynb")
    return about is not None and about.get("assignment") == assignment


def _grade_topic(
    run: TopicRun,
    submissions: Iterator[tuple[Opened, Job | None]],
    recorder: Recorder,
    workers: Runner,
    engine: Engine,
    watch: Watcher | None,
) -> None:
    """Grade one topic's submissions and fill in its run."""
    began = time.perf_counter()
    for opened, examined in workers.run(engine, submissions):
        outcome = recorder.close(opened, examined)
        run.submissions[outcome.student] = outcome
        if watch:
            watch(run.topic, outcome)
    run.wall_s = time.perf_counter() - began
    run.workers = workers.most


def _open_all(
    context: Context,
    plan: Plan,
    handed_in: Iterable[HandedIn],
    force: bool,
) -> Iterator[tuple[Opened, Job | None]]:
    """Yield the submissions, each opened when it is requested."""
    for entry in handed_in:
        opened = open_submission(context, plan, entry, force=force)
        yield opened, opened.job
