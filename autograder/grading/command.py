"""One grading run in the terminal: progress, remarks as they come, tables at the end."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from autograder import terminal
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook.records import Submission, TopicRun
from autograder.grading.cluster_choice import ClusterChoice, enter_cluster
from autograder.grading.exam_engine import ExamEngine
from autograder.grading.grade import grade
from autograder.submissions.layout import hand_ins


def grade_and_show(
    course: Course,
    topics: Sequence[str],
    console: Console,
    submitted: Path | None = None,
    jobs: int | None = None,
    *,
    force: bool = False,
    students: Sequence[str] = (),
    cluster: ClusterChoice | None = None,
    **limits: float | str | None,
) -> list[TopicRun]:
    """Grade, and show the run on ``console``.

    Parameters
    ----------
    students
        Grade only these students. Default: all.
    cluster
        The cluster whose workers hold the exams. Default: this machine.
    limits
        Traits of `autograder.grading.exam_limits.ExamLimits`; a value that is not None overrides
        the course's own.

    Raises
    ------
    AutograderError
        If nothing was handed in for any of the topics, or no exam can be held.
    KeyboardInterrupt
        If the run is stopped; the message says what is kept.
    """
    topics = list(dict.fromkeys(topics))
    submitted = submitted or course.submitted_dir
    wanted = set(students) or None
    counts = {topic: len(hand_ins(course, submitted, topic, wanted)) for topic in topics}
    if wanted and not any(counts.values()):
        raise AutograderError(_none_found(course, submitted, topics, students))
    if not any(counts.values()):
        raise AutograderError(
            f"Nothing was handed in for {', '.join(topics)} under {submitted}. Put submissions "
            f"there as STUDENT/{topics[0]}/{topics[0]}.ipynb, or name another folder: "
            "--submitted DIR."
        )
    engine = ExamEngine.of(course.config, **limits)
    done = 0
    with ExitStack() as stack:
        workers = stack.enter_context(enter_cluster(course, cluster, console)) if cluster else None
        bar = stack.enter_context(terminal.progress(console, workers and (lambda: workers.count)))
        tasks = {topic: bar.add_task(topic, total=counts[topic]) for topic in topics}

        def watch(topic: str, outcome: Submission) -> None:
            nonlocal done
            done += 1
            bar.advance(tasks[topic])
            terminal.remark(bar.console, topic, outcome)

        try:
            runs = grade(
                course,
                topics,
                submitted=submitted,
                jobs=jobs,
                engine=engine,
                workers=workers,
                watch=watch,
                force=force,
                students=wanted,
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"{done} of {sum(counts.values())} submissions are graded, and their grades are "
                "kept in the gradebook. Give the same command again to go on with the others."
            ) from None
    for run in runs:
        terminal.scores(console, run)
        terminal.causes(console, run)
    terminal.circumstances(console, runs)
    return runs


def _none_found(
    course: Course, submitted: Path, topics: Sequence[str], students: Sequence[str]
) -> str:
    """Return the message that these students handed in nothing, with similar names."""
    excluded = [name for name in students if name in course.coursedir.student_id_exclude.split(",")]
    if excluded:
        return (
            f"{', '.join(excluded)}: excluded by c.CourseDirectory.student_id_exclude in "
            "nbgrader_config.py. Take the name out there to grade this student."
        )
    here = sorted(
        {entry.student for topic in topics for entry in hand_ins(course, submitted, topic)}
    )
    near = [name for asked in students for name in difflib.get_close_matches(asked, here, n=1)]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"{', '.join(students)} handed in nothing for {', '.join(topics)} under {submitted}.{hint} "
        f"{len(here)} other students did."
    )
