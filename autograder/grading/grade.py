"""Grade a class: sanitise in this process, examine in parallel, record with one writer."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from autograder.course import Course
from autograder.grading import pile as on_disk
from autograder.grading import scores
from autograder.grading.engine import Engine, Job
from autograder.grading.pile import HandedIn
from autograder.grading.plain import PlainEngine, prepare_worker
from autograder.grading.recorder import Opened, Recorder
from autograder.grading.records import Submission, TopicRun
from autograder.grading.workers import Workers, local_processes, processor_count

Watcher = Callable[[str, Submission], None]


def grade(
    course: Course,
    topics: Sequence[str],
    *,
    submitted: Path | None = None,
    jobs: int | None = None,
    engine: Engine | None = None,
    make_executor: Callable[[int], Executor] | None = None,
    watch: Watcher | None = None,
) -> list[TopicRun]:
    """Grade everything that was handed in for some topics.

    Parameters
    ----------
    course
        Whose gradebook is written to.
    topics
        Names of released topics.
    submitted
        The pile, ``DIR/STUDENT/TOPIC/TOPIC.ipynb``. Default: the course's own.
    jobs
        How many submissions to examine at once. Default: one for each processor.
    engine
        What runs a submission. Default: nbgrader's own execution.
    make_executor
        Makes the executor for a number of workers. Default: processes on this machine.
    watch
        Called with the topic and each outcome as it is recorded.

    Returns
    -------
    list of TopicRun
        One for each topic. No submission stops the run: one that cannot be read has the score 0
        and the reason among its remarks.

    Raises
    ------
    AutograderError
        If there is no pile, or a topic was never released.
    """
    pile = (submitted or course.submitted_dir).resolve()
    handed_in = {topic: hand_ins(course, pile, topic) for topic in topics}
    engine = engine or PlainEngine.of(course.config)
    make = make_executor or functools.partial(local_processes, initializer=prepare_worker)
    with (
        tempfile.TemporaryDirectory(prefix="autograder-") as scratch,
        Workers(make, jobs or processor_count()) as workers,
    ):
        recorder = Recorder(course, pile, Path(scratch))
        runs = [_start(course, topic, engine, handed_in[topic]) for topic in topics]
        for run in runs:
            _grade_topic(run, handed_in[run.topic], recorder, workers, engine, watch)
    return runs


def hand_ins(course: Course, pile: Path, topic: str) -> list[HandedIn]:
    """Return what is to be graded for a topic; excluded students are left out.

    Raises
    ------
    AutograderError
        If there is no such pile.
    """
    excluded = set(course.coursedir.student_id_exclude.split(","))
    return [entry for entry in on_disk.collect(pile, topic) if entry.student not in excluded]


def _start(course: Course, topic: str, engine: Engine, handed_in: list[HandedIn]) -> TopicRun:
    """Look a topic up in the gradebook."""
    with course.gradebook() as gradebook:
        parts = scores.scheme(gradebook, topic)
        known = {student.id for student in gradebook.students}
    absent = sorted(known - {entry.student for entry in handed_in})
    return TopicRun(topic, parts.max_score, engine.sandbox, absent=absent)


def _grade_topic(
    run: TopicRun,
    handed_in: list[HandedIn],
    recorder: Recorder,
    workers: Workers,
    engine: Engine,
    watch: Watcher | None,
) -> None:
    """Grade one topic's submissions and fill in its run."""
    began = time.perf_counter()
    for opened, examined in workers.run(engine, _open_all(recorder, handed_in)):
        outcome = recorder.close(opened, examined)
        run.submissions[outcome.student] = outcome
        if watch:
            watch(run.topic, outcome)
    run.wall_s = time.perf_counter() - began


def _open_all(recorder: Recorder, handed_in: list[HandedIn]) -> Iterator[tuple[Opened, Job | None]]:
    """Sanitise the submissions one after the other, as they are asked for."""
    for entry in handed_in:
        opened = recorder.open(entry)
        yield opened, opened.job
