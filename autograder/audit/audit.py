"""Run all trials of a topic on the exam's warm processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from nbformat import NotebookNode

from autograder.audit import equivalents
from autograder.audit.bundles import Bundle, bundled, settled
from autograder.audit.judging import TopicAudit, judge
from autograder.audit.trials import Subject, Trial
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Engine, Job
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.scratch import scratch_folder
from autograder.grading.workers import MakeExecutor, Workers, local_threads, processor_count
from autograder.topics import course_rules, files, variants
from autograder.topics.topic import parse

PARTS = ("whole", "trivial", "variants", "mutants")

Watcher = Callable[[Trial], None]


class Auditor:
    """Runs audits, one topic after another, on one warm engine.

    Parameters
    ----------
    course
        The course whose topics are audited, with the limits and the sandbox of its exam.
    jobs
        The number of trials to run at once. Default: one more than there are processors.
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
        # Trials are short: while one starts or ends, a processor would be idle. On two cores, 197
        # trials took 39 s, and 34 s with three at once.
        self._workers = Workers(make_executor, jobs or processor_count() + 1)

    def __enter__(self) -> Self:
        """Start the exam's proctor.

        Raises
        ------
        AutograderError
            If no exam can be run on this machine.
        """
        if isinstance(self.engine, ExamEngine):
            self.engine.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """Stop the proctor, exams in progress included."""
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
        """Run the tests of a topic on every variant, mutant and whole submission.

        Parameters
        ----------
        subject
            The topic.
        parts
            Which of `PARTS` to run.
        task
            Only the variants and mutants of this task.
        watch
            Called with each trial when it has ended.

        Raises
        ------
        AutograderError
            If there is no such task, or ``equivalent.toml`` cannot be read.
        """
        if task and task not in subject.functions:
            known = ", ".join(subject.functions)
            raise AutograderError(f'{subject.topic.name} has no task "{task}": it has {known}.')
        if task and set(parts) <= {"whole", "trivial"}:
            raise AutograderError(
                "Whole submissions contain all tasks: omit --task, or audit another part."
            )
        return _audit(subject, parts, task, self.engine, self._workers, watch)


def count(subject: Subject, parts: Sequence[str], task: str | None) -> int:
    """Return the number of trials of an audit."""
    wanted = subject.functions.get(task, set())
    held = {
        "whole": 0 if task else len(subject.functions) + 5,
        "trivial": 0 if task else sum(1 for _ in subject.trivial()),
        "variants": sum(not task or variant.name in wanted for variant in subject.variants),
        "mutants": sum(task in (None, mutant.task) for mutant in subject.mutants),
    }
    return sum(held[part] for part in parts)


def _trials(subject: Subject, parts: Sequence[str], task: str | None) -> Iterator[Trial]:
    """Yield the trials, longest first, so that all processors finish at about the same time."""
    if "whole" in parts and not task:
        yield from subject.whole()
    if "trivial" in parts and not task:
        yield from subject.trivial()
    if "variants" in parts:
        yield from subject.of_variants(task)
    if "mutants" in parts:
        yield from subject.of_mutants(task)


@dataclass(frozen=True)
class _Examiner:
    """An engine that examines trials of one topic, with the files next to its notebook."""

    engine: Engine
    topic: str
    folder: Path
    given: tuple[str, ...]
    marks: dict

    @property
    def sandbox(self) -> str:
        return self.engine.sandbox

    def examine(self, bundle: Bundle) -> dict[int, ExamResult]:
        """Examine the trials of a bundle together, and by itself each that this does not settle."""
        if len(bundle.trials) == 1:
            return {place: self._alone(trial) for place, trial in bundle.trials.items()}
        shared = self._examine(bundle.label, bundle.notebook)
        found = {
            place: settled(trial, shared, self.marks) or self._alone(trial)
            for place, trial in bundle.trials.items()
        }
        first = next(iter(found))
        found[first] = replace(found[first], cpu_s=found[first].cpu_s + shared.cpu_s)
        return found

    def _alone(self, trial: Trial) -> ExamResult:
        """Examine a trial's notebook, and the next one if the trial has one."""
        examined = self._examine(trial.label, trial.notebook)
        following = trial.then(examined) if trial.then else None
        if following is None:
            return examined
        last = self._examine(trial.label, following)
        return replace(last, cpu_s=examined.cpu_s + last.cpu_s)

    def _examine(self, label: str, notebook: NotebookNode) -> ExamResult:
        return self.engine.examine(Job(label, self.topic, notebook, self.folder, self.given))


def _audit(
    subject: Subject,
    parts: Sequence[str],
    task: str | None,
    engine: Engine,
    workers: Workers,
    watch: Watcher | None,
) -> TopicAudit:
    rules = course_rules.load(subject.topic.path.parent.parent)
    began = time.perf_counter()
    found = TopicAudit(subject.topic.name)
    marks = equivalents.load(subject.topic.path.parent)
    findings: dict[int, str] = {}  # by the trial's index, since trials end in any order
    with scratch_folder() as scratch:
        files.copy(subject.topic, scratch / "files")
        given = tuple(map(str, files.named(subject.topic)))
        examiner = _Examiner(engine, subject.topic.name, scratch / "files", given, marks)
        bundles = ((b, b) for b in bundled(subject, _trials(subject, parts, task)))
        for bundle, examined in workers.run(examiner, bundles):
            if isinstance(examined, Exception):
                raise examined
            for place, trial in bundle.trials.items():
                found.cpu_s += examined[place].cpu_s
                findings[place] = judge(found, trial, examined[place], marks)
                if watch:
                    watch(trial)
    found.survivors = [findings[place] for place in sorted(findings) if findings[place]]
    if "mutants" in parts and not task:
        keys = {mutant.key for mutant in subject.mutants}
        for mark in sorted(marks.keys() - keys):
            found.survivors.append(
                f"{equivalents.FILE}: there is no mutant {mark[0]}: `{mark[1]}` became "
                f"`{mark[2]}` (number {mark[3]}): remove the mark"
            )
    if "variants" in parts:
        found.survivors += course_rules.lacking(rules, subject.functions, subject.variants, task)
    found.wall_s = time.perf_counter() - began
    return found
