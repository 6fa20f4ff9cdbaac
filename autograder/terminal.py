"""Output on the terminal: progress with an estimate, remarks, tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.remarks import texts

if TYPE_CHECKING:
    from autograder.gradebook.records import Submission, TopicRun

UNGRADED = "?"


def clean(text: str) -> str:
    """Return text as one line of printable characters: a student may have written it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def progress(console: Console, workers: Callable[[], int] | None = None) -> Progress:
    """Return a progress bar with the remaining time and, if given, the number of workers."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("left"),
        *([] if workers is None else [_Workers(workers)]),
        console=console,
        expand=True,
    )


class _Workers(ProgressColumn):
    """A column with the current number of workers."""

    def __init__(self, count: Callable[[], int]) -> None:
        super().__init__()
        self.count = count

    def render(self, task: Task) -> Text:
        """Return the current number."""
        del task
        count = self.count()
        return Text(f"{count} worker{'' if count == 1 else 's'}")


def remark(console: Console, topic: str, outcome: Submission) -> None:
    """Print one line for a submission with remarks; nothing for any other."""
    if outcome.remarks:
        line = Text("! ", style="bold yellow")
        line.append(f"{clean(outcome.student)}, {topic}: ", style="bold")
        line.append("; ".join(map(clean, texts(outcome.remarks))))
        console.print(line, soft_wrap=True)


def scores(console: Console, run: TopicRun) -> None:
    """Print the scores of one topic by student and task."""
    if not run.submissions:
        console.print(f"{run.topic}: nobody handed in anything.")
        _removed(console, run)
        return
    tests, manual = _columns(run)
    names = [*tests, *manual]
    width = max(len(clean(student)) for student in run.submissions) + 8
    late = any(outcome.penalty for outcome in run.submissions.values())
    width += 14 * late
    short = width + sum(max(len(clean(name)), 3) + 2 for name in names) > console.width
    heads = [str(number) for number in range(1, len(names) + 1)] if short else map(clean, names)
    table = _table(tight=short, show_footer=True)
    table.add_column("Student", footer="mean", no_wrap=True)
    for head, mean in zip(heads, _means(run, tests, manual), strict=True):
        table.add_column(Text(head), footer=mean, justify="right")
    total = sum(outcome.score for outcome in run.submissions.values()) / len(run.submissions)
    table.add_column(
        f"of {run.max_score:g}", footer=f"{total:.1f}", justify="right", style="bold", no_wrap=True
    )
    if late:
        table.add_column("late", justify="right", no_wrap=True)
    for student, outcome in sorted(run.submissions.items()):
        ends = [f"{outcome.score:g}"] + [f"{-outcome.penalty or 0:g}"] * late
        table.add_row(Text(clean(student)), *_row(outcome, tests, manual), *ends)
    _print(console, f"{run.topic}: scores", table)
    _notes(console, run, tests, manual, numbered=short)


def causes(console: Console, run: TopicRun, limit: int = 8) -> None:
    """Print the likely causes that the tests of a topic named most often."""
    found = Counter(
        (name, test.diagnosis)
        for outcome in run.submissions.values()
        for name, test in outcome.tests.items()
        if test.diagnosis
    )
    if not found:
        return
    table = _table()
    for head in ("Task", "Likely cause"):
        table.add_column(head)
    table.add_column("Students", justify="right")
    for (name, diagnosis), count in sorted(found.items(), key=lambda x: (-x[1], x[0]))[:limit]:
        table.add_row(Text(clean(name)), Text(clean(diagnosis)), str(count))
    _print(console, f"{run.topic}: likely causes, the most frequent first", table)


def circumstances(console: Console, runs: Iterable[TopicRun]) -> None:
    """Print how many grades are from an earlier run, and whether student code was unconfined."""
    runs = list(runs)
    outcomes = [outcome for run in runs for outcome in run.submissions.values()]
    unchanged = sum(outcome.unchanged for outcome in outcomes)
    if unchanged:
        text = f"{unchanged} of {len(outcomes)} have not changed since they were graded; --force "
        console.print(Text(f"{text}grades them again.", style="dim"))
    for note in dict.fromkeys(note for run in runs for note in run.notes):
        console.print(Text(f"! {clean(note)}", style="bold yellow"))
    if any(run.sandbox == "off" for run in runs):
        text = "Graded with --sandbox off: student code ran with your permissions. Each grade's "
        console.print(Text(f"{text}record says so.", style="bold yellow"))


def rows(
    console: Console,
    title: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[str | Text]],
    right: Sequence[str] = (),
) -> None:
    """Print a plain table; the columns named in ``right`` are numbers."""
    table = _table()
    for head in heads:
        table.add_column(head, justify="right" if head in right else "left", overflow="fold")
    for line in lines:
        table.add_row(*(part if isinstance(part, Text) else Text(part) for part in line))
    _print(console, title, table)


def points(score: float | None, most: float) -> Text:
    """Return a score in colour: full, partial, zero, voided, or not graded yet."""
    if score is not None and most == 0:
        return Text(f"{score:g}", style="dim")
    if score is None:
        return Text(UNGRADED, style="dim")
    style = "green" if score >= most else "red" if score <= 0 else "yellow"
    return Text(f"{score:g}", style=style)


def _table(*, tight: bool = False, show_footer: bool = False) -> Table:
    """Return an empty table; a tight one holds many columns in 80 characters."""
    return Table(
        box=SIMPLE_HEAD,
        padding=(0, 0 if tight else 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        show_footer=show_footer,
    )


def _print(console: Console, title: str, table: Table) -> None:
    console.print()
    console.print(Text(clean(title), style="bold"))
    console.print(table)


def _columns(run: TopicRun) -> tuple[dict[str, float], dict[str, float]]:
    """Return the points of each test and of each written question, by name."""
    first = next(iter(run.submissions.values()))
    for outcome in run.submissions.values():
        first = outcome if len(outcome.tests) > len(first.tests) else first
    return (
        {name: test.points for name, test in first.tests.items()},
        {name: answer.points for name, answer in first.manual.items()},
    )


def _row(outcome: Submission, tests: Iterable[str], manual: Iterable[str]) -> list[Text]:
    """Return a student's scores; blank where none is recorded."""
    parts = [outcome.tests.get(name) for name in tests]
    parts += [outcome.manual.get(name) for name in manual]
    return [Text("") if part is None else points(part.score, part.points) for part in parts]


def _means(run: TopicRun, tests: Iterable[str], manual: Iterable[str]) -> list[str]:
    """Return the class's mean for each test; an empty text for a written question."""
    outcomes = run.submissions.values()
    found = [[o.tests[name].score for o in outcomes if name in o.tests] for name in tests]
    return [f"{sum(scores) / len(scores):.1f}" for scores in found] + ["" for _ in manual]


def _notes(
    console: Console,
    run: TopicRun,
    tests: dict[str, float],
    manual: dict[str, float],
    *,
    numbered: bool,
) -> None:
    """Print what the columns mean and who is not in the table."""
    if numbered:
        names = [f"{clean(name)} ({most:g})" for name, most in {**tests, **manual}.items()]
        console.print(Text("Tasks (points):", style="dim"))
        listed = [Text(f"{n:>2} {name}", style="dim") for n, name in enumerate(names, 1)]
        console.print(Columns(listed, padding=(0, 2), column_first=True))
    if any(part.score is None for o in run.submissions.values() for part in o.manual.values()):
        console.print(Text(f"{UNGRADED} is for a person to grade, and counts on top.", style="dim"))
    if any(outcome.penalty for outcome in run.submissions.values()):
        text = "late is the late penalty, subtracted from the sum of all points."
        console.print(Text(text, style="dim"))
    for name, how in run.voided.items():
        console.print(Text(f"{clean(name)}: {how.told}", style="yellow"))
    if run.absent:
        console.print(Text(f"Did not hand in: {', '.join(map(clean, run.absent))}", style="yellow"))
    _removed(console, run)


def _removed(console: Console, run: TopicRun) -> None:
    if run.removed:
        names = ", ".join(map(clean, run.removed))
        text = f"Not graded, since removed from the gradebook: {names}. To grade them again: "
        console.print(Text(f"{text}nbgrader db student add ID", style="yellow"), soft_wrap=True)
