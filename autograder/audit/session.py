"""One audit in front of a person: progress, the table, the survivors, figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder import tables
from autograder.audit.audit import PARTS, TopicAudit, audit, count
from autograder.audit.show import draw, show
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
    """Audit some topics, all if none is named, and show what came of it.

    Raises
    ------
    AutograderError
        If there is no such part, or the audit cannot be held.
    """
    parts = list(parts or PARTS)
    if unknown := set(parts) - set(PARTS):
        raise AutograderError(
            f"There is no part {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}."
        )
    names = list(dict.fromkeys(topics or course.topics()))
    audits = []
    with tables.progress(console) as bar:
        for name in names:
            bar_task = bar.add_task(name, total=count(course, name, parts, task))
            audits += audit(
                course,
                [name],
                parts=parts,
                task=task,
                jobs=jobs,
                watch=lambda _, shown=bar_task: bar.advance(shown),
            )
    show(console, audits)
    for found in audits if figures else ():
        console.print(f"Drawn: {draw(found, figures)}", soft_wrap=True, highlight=False)
    return audits
