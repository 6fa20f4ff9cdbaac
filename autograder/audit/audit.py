"""Hold all trials of a topic on the exam's warm processes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import nbformat

from autograder import variants
from autograder.audit import byheart, equivalents
from autograder.audit.judging import TopicAudit, judge, lost
from autograder.audit.trials import Subject, Trial
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.engine import Engine, Examined, Job
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.scratch import scratch_folder
from autograder.grading.workers import MakeExecutor, Workers, local_threads, processor_count
from autograder.release import FILES
from autograder.topic import parse

LEAST = {"right": 3, "wrong": 4}  # variants of each task
PARTS = ("whole", "variants", "mutants")

Watcher = Callable[[Trial], None]


class Auditor:
    """Holds audits, one topic after the other, on one warm engine.

    Parameters
    ----------
    course
        Whose topics are audited, with the limits and the sandbox of its exam.
    jobs
        How many trials to hold at once. Default: one more than there are processors.
    engine, make_executor
        As for `autograder.grading.grade.grade`.
    """

    def __init__(
        self,
        course: Course,
        *,
        jobs: int | None = None,
        engine: Engine | None = None,
        make_executor: MakeExecutor = local_threads,
    ) -> None:
        self.course = course
        self.engine = engine or ExamEngine.of(course.config)
        # Trials are short: while one starts or ends, a processor would wait. Two cores held 197 of
        # them in 39 s, three at once in 34 s.
        self._workers = Workers(make_executor, jobs or processor_count() + 1)

    def __enter__(self) -> Self:
        """Start the exam's proctor.

        Raises
        ------
        AutograderError
            If no exam can be held here.
        """
        if isinstance(self.engine, ExamEngine):
            self.engine.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Stop it, exams in progress included."""
        if isinstance(self.engine, ExamEngine):
            self.engine.stop()
        self._workers.__exit__(*fault)

    def subject(self, name: str) -> Subject:
        """Read a topic and its variants.

        Raises
        ------
        AutograderError
            If they cannot be read.
        """
        path = self.course.topic_path(name)
        return Subject(parse(path), variants.load(path.with_name("variants.py")))

    def audit(
        self,
        subject: Subject,
        parts: Sequence[str] = PARTS,
        task: str | None = None,
        watch: Watcher | None = None,
    ) -> TopicAudit:
        """Put every variant, mutant and whole submission of a topic before its tests.

        Parameters
        ----------
        subject
            The topic.
        parts
            Which of `PARTS` to hold.
        task
            Only the variants and mutants of this task.
        watch
            Called with each trial that is over.

        Raises
        ------
        AutograderError
            If there is no such task, or the marks cannot be read.
        """
        if task and task not in subject.functions:
            known = ", ".join(subject.functions)
            raise AutograderError(f'{subject.topic.name} has no task "{task}": it has {known}.')
        if task and set(parts) == {"whole"}:
            raise AutograderError(
                "Whole submissions are of all tasks: leave --task out, or audit another part."
            )
        return _audit(subject, parts, task, self.engine, self._workers, watch)


def count(subject: Subject, parts: Sequence[str], task: str | None) -> int:
    """Return how many trials an audit holds."""
    wanted = subject.functions.get(task, set())
    whole = 0 if task else len(subject.functions) + 5
    held = {
        "whole": whole,
        "variants": sum(not task or variant.name in wanted for variant in subject.variants),
        "mutants": sum(task in (None, mutant.task) for mutant in subject.mutants),
    }
    return sum(held[part] for part in parts)


def _trials(subject: Subject, parts: Sequence[str], task: str | None) -> Iterator[Trial]:
    """Yield the trials, but for the one that needs an exam to be made."""
    if "whole" in parts and not task:
        yield from subject.whole()
    if "variants" in parts:
        yield from subject.of_variants(task)
    if "mutants" in parts:
        yield from subject.of_mutants(task)


def _audit(
    subject: Subject,
    parts: Sequence[str],
    task: str | None,
    engine: Engine,
    workers: Workers,
    watch: Watcher | None,
) -> TopicAudit:
    began = time.perf_counter()
    found = TopicAudit(subject.topic.name)
    marks = equivalents.load(subject.topic.path.parent)
    with scratch_folder() as scratch:
        folder = subject.topic.path.parent / FILES
        if not folder.is_dir():
            folder = scratch / FILES
            folder.mkdir()

        def hold(placed: Iterable[tuple[int, Trial]]) -> Iterator[tuple[int, Trial, Examined]]:
            pairs = (((place, trial), _job(subject, trial, folder)) for place, trial in placed)
            for (place, trial), examined in workers.run(engine, pairs):
                if isinstance(examined, Exception):
                    raise examined
                found.cpu_s += examined.cpu_s
                yield place, trial, examined

        def trials() -> Iterator[Trial]:
            yield from _trials(subject, parts, task)
            if "whole" in parts and not task:
                yield _by_heart(subject, engine, folder)

        said: dict[int, str] = {}  # by the trial's place, whatever the order they end in

        def judged(place: int, trial: Trial, examined: Examined) -> None:
            said[place] = judge(found, trial, examined, marks)
            if watch:
                watch(trial)

        seen, unnoticed = set(), []
        for place, trial, examined in hold(enumerate(trials())):
            if trial.mutant is not None:
                seen.add(trial.mutant.key)
            if trial.wider is not None and not lost(examined):
                unnoticed.append((place, replace(trial, notebook=trial.wider)))
            else:
                judged(place, trial, examined)
        for place, trial, examined in hold(unnoticed):
            judged(place, trial, examined)
    found.survivors = [said[place] for place in sorted(said) if said[place]]
    if "mutants" in parts and not task:
        for mark in sorted(marks.keys() - seen):
            found.survivors.append(
                f"{equivalents.FILE}: there is no mutant {mark[0]}: `{mark[1]}` became "
                f"`{mark[2]}` ({mark[3]}.): take the mark out"
            )
    if "variants" in parts:
        found.survivors += _too_few(subject, task)
    found.wall_s = time.perf_counter() - began
    return found


def _job(subject: Subject, trial: Trial, folder: Path) -> Job:
    text = nbformat.writes(trial.notebook, version=nbformat.NO_CONVERT)
    return Job(trial.label, subject.topic.name, text, folder)


def _by_heart(subject: Subject, engine: Engine, folder: Path) -> Trial:
    """Listen to the reference solution, and learn what the visible tests ask."""
    label = "every visible answer learnt by heart"
    reference = Trial("by heart", label, byheart.listening(subject.source))
    examined = engine.examine(_job(subject, reference, folder))
    cells = json.loads(examined.notebook)["cells"]
    notebook, _ = byheart.learnt(subject.stub, cells)
    return Trial("by heart", label, notebook, frozenset(subject.tests))


def _too_few(subject: Subject, task: str | None) -> list[str]:
    """Name the tasks that lack variants."""
    said = []
    for name, functions in subject.functions.items():
        for kind, least in LEAST.items():
            have = sum(v.kind == kind and v.name in functions for v in subject.variants)
            if have < least and task in (None, name):
                said.append(f"task {name} has {have} {kind} variants: write {least} or more")
    return said
