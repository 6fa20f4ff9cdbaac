"""The command `audit`: progress, the table, the findings, figures."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from autograder import terminal
from autograder.audit.audit import PARTS, Auditor, count
from autograder.audit.judging import TopicAudit
from autograder.audit.show import draw, show
from autograder.audit.trials import Trial
from autograder.course import Course
from autograder.errors import AutograderError


def audit_and_show(
    course: Course,
    topics: Sequence[str],
    console: Console,
    *,
    parts: Sequence[str] | None = None,
    task: str | None = None,
    jobs: int | None = None,
    figures: Path | None = None,
) -> list[TopicAudit]:
    """Audit some topics, all if none is named, and show the results.

    Raises
    ------
    AutograderError
        If there is no such part, or the audit cannot be run.
    """
    parts = list(parts or PARTS)
    if unknown := set(parts) - set(PARTS):
        raise AutograderError(
            f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}."
        )
    names = list(dict.fromkeys(topics or course.topics()))
    audits = []
    with terminal.progress(console) as bar, Auditor(course, jobs=jobs) as auditor:
        try:
            for name in names:
                subject = auditor.subject(name)
                line = bar.add_task(name, total=count(subject, parts, task))
                watch = functools.partial(_advance, bar, line)
                audits.append(auditor.audit(subject, parts, task, watch))
        except KeyboardInterrupt:
            done = f"The results of {len(audits)} of {len(names)} topics are shown above"
            show(bar.console, audits)
            raise KeyboardInterrupt(f"{done}; the others start again next time.") from None
    show(console, audits)
    for found in audits if figures else ():
        console.print(f"Drawn: {draw(found, figures)}", soft_wrap=True, highlight=False)
    return audits


def _advance(bar: Progress, line: TaskID, _: Trial) -> None:
    bar.advance(line)
