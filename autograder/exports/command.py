"""Run an export and print its result: open grades, missing students, the file's path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from rich.console import Console
from rich.text import Text

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports.export import Export, Options, export, shown
from autograder.exports.grades import ABSENT
from autograder.terminal import clean


class Tone(Enum):
    """How much a line asks for attention; the value is its style on a terminal."""

    PLAIN = ""
    QUIET = "dim"
    WARNING = "yellow"
    ALERT = "bold yellow"

    @property
    def warns(self) -> bool:
        """Whether the instructor should act on the line."""
        return self in (Tone.WARNING, Tone.ALERT)


def export_and_show(course: Course, options: Options, console: Console) -> Export:
    """Write the file and print what the instructor must know about it.

    Raises
    ------
    AutograderError
        If nothing is written: an option, the roster, the gradebook or the disk prevents it, or
        grades are open and ``options.provisional`` is not set.
    """
    with course.gradebook() as gradebook:
        made = export(course, gradebook, options)
    for tone, line in told(made):
        console.print(Text(line, style=tone.value), soft_wrap=True)
    if made.file is None:
        raise AutograderError(unsettled(made))
    return made


def unsettled(made: Export, option: str = "--provisional") -> str:
    """Return why nothing was written, with the option that writes the file anyway."""
    return (
        "Some grades are still open (see above), and nothing was written. Grade them first, or "
        f"add {option} to export the grades so far to {made.format.title}."
    )


def told(made: Export) -> Iterable[tuple[Tone, str]]:
    """Yield the lines to print, in order, each with its tone."""
    grades, sheet, found = made.grades, made.sheet, made.matching
    if grades.unused:
        yield Tone.QUIET, f"Omitted, since nobody has handed in: {_names(grades.unused)}"
    if found:
        yield Tone.PLAIN, f"Matched with the roster by {found.how}: {_students(len(found.rows))}"
    for topic, students in made.provisional().items():
        yield Tone.ALERT, f"{clean(topic)}: {len(students)} provisional"
        for status in sorted(set(students.values())):
            names = [student for student, said in students.items() if said == status]
            yield Tone.WARNING, f"  {clean(status)} — {_names(names)}"
    for topic in grades.topics:
        if names := topic.absent():
            yield Tone.WARNING, f"{clean(topic.topic)}: {ABSENT} — {_names(names)}"
    for reason in sorted(set(sheet.left_out.values())):
        names = [student for student, why in sorted(sheet.left_out.items()) if why == reason]
        yield Tone.ALERT, f"Not in the file, {clean(reason)}: {_names(names)}"
    if found and not made.format.needs_roster and found.unknown:
        yield Tone.WARNING, f"In the gradebook, not in the roster: {_names(sorted(found.unknown))}"
    if found and found.others:
        names = [shown(made.roster, row) for row in found.others]
        yield Tone.WARNING, f"In the roster, not in the gradebook: {_names(names)}"
    for remark in sheet.remarks:
        yield Tone.WARNING, clean(remark)
    if made.file:
        yield Tone.PLAIN, f"Wrote {made.file}"
        if sheet.next_step:
            yield Tone.PLAIN, clean(sheet.next_step)


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"


def _names(names: Sequence[str]) -> str:
    """Return names, separated by semicolons since some hold commas."""
    return "; ".join(map(clean, names))
