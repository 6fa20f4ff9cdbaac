"""Collect an LMS's archive and print the result."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.course import Course, dates
from autograder.course.deadlines import Calendar
from autograder.lms.collect import Collected, collect
from autograder.lms.members import people
from autograder.terminal import clean


def collect_and_show(
    course: Course,
    topic: str,
    archive: Path,
    console: Console,
    *,
    roster: Path | None = None,
    match: str | None = None,
    zone: str | None = None,
) -> Collected:
    """Collect an archive and print the result.

    Raises
    ------
    AutograderError
        If a file cannot be read, or there is no such time zone.
    """
    chosen = dates.zone(zone) if zone else Calendar.of(course.root, course.config).zone
    done = collect(course, topic, archive, people(course, roster, match), chosen)
    for line in [*done.remarks, *(f"{who}: {why}" for who, why in done.kept.items())]:
        console.print(Text(f"! {clean(line)}", style="yellow"), soft_wrap=True)
    for name, why in done.unmatched.items():
        text = f"! {clean(name)} matches no student: {clean(why)}"
        console.print(Text(text, style="bold yellow"), soft_wrap=True)
    if done.timed:
        text = f"Times in the archive were read as {chosen}; --time-zone ZONE sets another zone."
        console.print(text, soft_wrap=True)
    if done.late:
        console.print(f"Late, according to the platform: {'; '.join(map(clean, done.late))}")
    console.print(
        f"{len(done.placed)} submissions collected, {len(done.unchanged)} were there already, "
        f"{len(done.unmatched)} match no student."
    )
    return done
