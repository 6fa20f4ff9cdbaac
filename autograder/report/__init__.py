"""The class report: one page on the results of a class in one topic or several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.course.deadlines import Calendar


def report(course: Course, topics: Sequence[str], out: Path | None = None) -> tuple[Path, dict]:
    """Write the report of some topics as one page.

    The same grades always give the same bytes. The page lists notebooks that cannot be read.

    Parameters
    ----------
    course
        The course whose gradebook and autograded notebooks are read; late penalties in them are
        updated.
    topics
        Names of released topics.
    out
        The page's file. Default: ``report/TOPIC.html`` in the course folder, or
        ``report/class.html`` for several topics.

    Returns
    -------
    (Path, dict)
        The path of the page, and the data of ``--json`` by topic.

    Raises
    ------
    AutograderError
        If a topic was never released, or the gradebook cannot be read, or the page not written.
    """
    import matplotlib as mpl

    mpl.use("agg")
    from autograder.report.gather import gather
    from autograder.report.page import Section, render, summary
    from autograder.report.similar import similar

    names = list(dict.fromkeys(topics))
    path = place(course, names, out)
    found = gather(course, names)
    sections = [Section.of(results, similar(course, results)) for results in found]
    title = f"Class report: {names[0]}" if len(names) == 1 else f"Class report: {len(names)} topics"
    calendar = Calendar.of(course.root, course.config)
    page = render(title, course.coursedir.course_id, sections, path.parent, calendar)
    # A name that is not valid Unicode must not stop the report.
    write_whole(path, page.encode("utf-8", "replace"), "The report")
    return path, {section.results.topic: summary(section) for section in sections}


def place(course: Course, topics: Sequence[str], out: Path | None) -> Path:
    """Return the path of the page."""
    name = topics[0] if len(topics) == 1 else "class"
    return (out or course.root / "report" / f"{name}.html").absolute()


def report_and_show(
    course: Course, topics: Sequence[str], console: Console, out: Path | None = None
) -> dict[str, Any]:
    """Write the report, print its path, and return the data of ``--json``."""
    console.print(f"Reading {', '.join(dict.fromkeys(topics))} …", highlight=False, markup=False)
    path, found = report(course, topics, out)
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    console.print(f"The class report is {shown}", soft_wrap=True, highlight=False, markup=False)
    return found
