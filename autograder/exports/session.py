"""One export in front of a person: what is open, who is missing, where the file is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exports.export import Export, Options, export, shown
from autograder.exports.grades import ABSENT
from autograder.tables import clean


def export_and_show(course: Course, options: Options, console: Console) -> Export:
    """Make the file and say what a person must know of it.

    Raises
    ------
    AutograderError
        If nothing is written: an option, the roster, the gradebook or the disk does not let it,
        or grades are open and ``options.provisional`` does not say that they may go out.
    """
    with course.gradebook() as gradebook:
        made = export(course, gradebook, options)
    for style, line in told(made):
        console.print(Text(line, style=style), soft_wrap=True)
    if made.file is None:
        raise AutograderError(unsettled(made))
    return made


def unsettled(made: Export) -> str:
    """Return why nothing was written."""
    return (
        "Some grades are still open (see above), and nothing was written. Grade them first, or "
        f"give --provisional to send {made.to.capitalize()} what there is."
    )


def told(made: Export) -> Iterable[tuple[str, str]]:
    """Yield what is to be said, in order, each line with its style."""
    grades, sheet, found = made.grades, made.sheet, made.matching
    if grades.unused:
        yield "dim", f"Left out, since nobody has handed in: {_names(grades.unused)}"
    if found:
        yield "", f"Matched with the roster by {found.how}: {_students(len(found.rows))}"
    for topic, students in made.provisional().items():
        yield "bold yellow", f"{clean(topic)}: {len(students)} provisional"
        for status in sorted(set(students.values())):
            names = [student for student, said in students.items() if said == status]
            yield "yellow", f"  {clean(status)} — {_names(names)}"
    for topic in grades.topics:
        if names := topic.absent():
            yield "yellow", f"{clean(topic.topic)}: {ABSENT} — {_names(names)}"
    for reason in sorted(set(sheet.left_out.values())):
        names = [student for student, why in sorted(sheet.left_out.items()) if why == reason]
        yield "bold yellow", f"Not in the file, {clean(reason)}: {_names(names)}"
    if found and made.to == "csv" and found.unknown:
        yield "yellow", f"In the gradebook, not in the roster: {_names(sorted(found.unknown))}"
    if found and found.others:
        names = [shown(made.roster, row) for row in found.others]
        yield "yellow", f"In the roster, not in the gradebook: {_names(names)}"
    for remark in sheet.remarks:
        yield "yellow", clean(remark)
    if made.file:
        yield "", f"Wrote {made.file}"
        if sheet.next_step:
            yield "", clean(sheet.next_step)


def _students(count: int) -> str:
    return "1 student" if count == 1 else f"{count} students"


def _names(names: Sequence[str]) -> str:
    """Return a list of names; some hold commas."""
    return "; ".join(map(clean, names))
