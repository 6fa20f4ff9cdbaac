"""One collection in front of a person: whose work is in the pile, and what needs a decision."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.text import Text

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.lms.collect import Collected, collect
from autograder.lms.people import people
from autograder.tables import clean


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
    """Collect, and say what was done.

    Raises
    ------
    AutograderError
        If a file cannot be read, or there is no such time zone.
    """
    done = collect(course, topic, archive, people(course, roster, match), _zone(zone))
    for line in [*done.remarks, *(f"{who}: {why}" for who, why in done.kept.items())]:
        console.print(Text(f"! {clean(line)}", style="yellow"), soft_wrap=True)
    for name, why in done.unmatched.items():
        text = f"! {clean(name)} is nobody's: {clean(why)}"
        console.print(Text(text, style="bold yellow"), soft_wrap=True)
    if done.late:
        console.print(f"Late, as the platform says: {'; '.join(map(clean, done.late))}")
    console.print(
        f"{len(done.placed)} submissions collected, {len(done.unchanged)} were there already, "
        f"{len(done.unmatched)} are nobody's."
    )
    return done


def _zone(name: str | None) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AutograderError(
            f"There is no time zone {name!r}: name one as Europe/Berlin is named."
        ) from error
