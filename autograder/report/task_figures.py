"""The report's pictures of tasks: success, misconceptions and discrimination."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from autograder.report.drawing import (
    BAR,
    Picture,
    and_,
    draw,
    legend,
    percent,
    rows,
    short,
    students,
)
from autograder.report.gather import State
from autograder.report.items import USEFUL, Item, Verdict
from autograder.report.mistakes import Mistake

MANY_MISTAKES = 8


def success(items: Sequence[Item]) -> Picture | None:
    """Draw the results of each task; None if no submission could be graded."""
    judged = sum(items[0].counts.values()) if items else 0
    if not judged:
        return None
    shown = [state for state in State if any(item.counts[state] for item in items)]

    def paint(axis: Axes, palette: list[str]) -> None:
        looks = {
            State.RIGHT: (palette[2], None),
            State.PART: (palette[5], "\\\\\\"),
            State.NAMED: (palette[1], "///"),
            State.WRONG: (palette[4], "..."),
            State.UNWRITTEN: ("#e4e4e4", None),
        }
        start = [0.0] * len(items)
        for state in shown:
            widths = [100 * item.counts[state] / judged for item in items]
            colour, hatch = looks[state]
            axis.barh(
                range(len(items)), widths, 0.74, left=start, color=colour, hatch=hatch,
                edgecolor="white", linewidth=0.6, label=state.value,
            )  # fmt: skip
            start = [a + b for a, b in zip(start, widths, strict=True)]
        for place, item in enumerate(items):
            text = percent(item.counts[State.RIGHT] / judged)
            axis.text(102, place, text, va="center", ha="left", fontsize=10)
        rows(axis, [item.name for item in items])
        axis.set(xlim=(0, 100), xlabel="% of the submissions (number: right)")
        legend(axis, len(shown))

    told = "; ".join(
        f"{item.name}: "
        + ", ".join(f"{item.counts[state]} {state.value}" for state in shown if item.counts[state])
        for item in items
    )
    alt = f"Stacked bars: the results of each task in {judged} submissions. {told}."
    note = "Submissions that could not be graded are left out."
    height = 1.25 + BAR * len(items) + 0.12 * len(shown)
    return Picture(_success_title(items, judged), draw(height, paint), alt, note)


def _success_title(items: Sequence[Item], judged: int) -> str:
    right = [item.counts[State.RIGHT] for item in items]
    fewest = min(right)
    if fewest == judged:
        return "Every task was solved by all"
    if not any(right):
        return "No task was solved by anyone"
    hardest = [item.name for item, count in zip(items, right, strict=True) if count == fewest]
    share = f"{percent(fewest / judged)} right"
    if len(hardest) > 3:
        return f"{len(hardest)} tasks are the hardest: {share}"
    return f"Hardest: {and_(hardest)} ({share})"


def misconceptions(found: Sequence[Mistake], of: int) -> Picture | None:
    """Draw the most frequent mistakes in ``of`` submissions; None if there are none."""
    if not found:
        return None
    top = found[:MANY_MISTAKES]

    def paint(axis: Axes, palette: list[str]) -> None:
        bars = axis.barh(range(len(top)), [m.count for m in top], 0.7, color=palette[1])
        axis.bar_label(bars, padding=3, fontsize=10)
        rows(axis, [f"{short(m.diagnosis)}\nin {short(m.test)}" for m in top], size=9.5)
        axis.set_xlim(0, 1.15 * top[0].count)
        axis.set_xlabel("students")
        axis.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))

    told = "; ".join(f"{m.diagnosis} in {m.test}: {m.count}" for m in top)
    alt = f"Bars: students for whom a test named a likely cause. {told}."
    first = top[0]
    title = f"Most frequent: {first.diagnosis} in {first.test}, {students(first.count)} of {of}"
    if first.count == 1:
        title = "No mistake that a test could name was made twice"
    note = f"The {len(top)} most frequent of {len(found)}." if len(found) > len(top) else ""
    return Picture(title, draw(0.8 + 0.42 * len(top), paint), alt, note)


def discrimination(items: Sequence[Item]) -> Picture | None:
    """Draw the discrimination of the tasks; None if no index is defined."""
    shown = [item for item in items if item.verdict not in (Verdict.UNCLEAR, Verdict.ALL_ALIKE)]
    if not shown:
        return None
    shown = sorted((i for i in items if i.r is not None), key=lambda item: -item.r)
    kinds = [verdict for verdict in Verdict if any(item.verdict is verdict for item in shown)]

    def paint(axis: Axes, palette: list[str]) -> None:
        looks = {
            Verdict.SEPARATES: (palette[0], "o", palette[0]),
            Verdict.DOES_NOT: (palette[1], "s", palette[1]),
            Verdict.AGAINST: (palette[1], "v", "white"),
            Verdict.UNCLEAR: ("#6f6f6f", "o", "white"),
        }
        axis.axvspan(USEFUL, 1, color="#eef4f9", zorder=0)
        axis.axvline(0, color="#888888", linewidth=0.8)
        for verdict in kinds:
            mine = [(place, i) for place, i in enumerate(shown) if i.verdict is verdict]
            colour, marker, fill = looks[verdict]
            axis.errorbar(
                [i.r for _, i in mine],
                [place for place, _ in mine],
                xerr=[[i.r - i.low for _, i in mine], [i.high - i.r for _, i in mine]],
                fmt=marker, color=colour, mfc=fill, ms=6, elinewidth=1.1, label=verdict.value,
            )  # fmt: skip
        rows(axis, [item.name for item in shown])
        low = min(-0.1, *(item.low for item in shown))
        axis.set(xlim=(max(-1.0, low - 0.03), 1.02), xlabel="correlation with the other tasks")
        legend(axis, len(kinds))

    told = "; ".join(
        f"{i.name}: {i.r:.2f} ({i.low:.2f} to {i.high:.2f}), {i.verdict.value}" for i in shown
    )
    alt = f"Dots with 95 % intervals: corrected item-total correlation of each task. {told}."
    note = (
        "Dot: corrected item-total correlation; line: its 95 % interval; shaded: 0.2 and more, "
        "useful. Students who have written nothing are excluded."
    )
    height = 1.25 + BAR * len(shown) + 0.12 * len(kinds)
    return Picture(_discrimination_title(items), draw(height, paint), alt, note)


def _discrimination_title(items: Sequence[Item]) -> str:
    named = {v: [i.name for i in items if i.verdict is v] for v in Verdict}
    good, against = len(named[Verdict.SEPARATES]), named[Verdict.AGAINST]
    flat, unclear = len(named[Verdict.DOES_NOT]), len(named[Verdict.UNCLEAR])
    parts = [f"{good} of {len(items)} tasks {'separates' if good == 1 else 'separate'} strong "
             "from weak students"]  # fmt: skip
    if against and len(against) <= 2:
        parts.append(f"weak students do better in {and_(against)}")
    elif against:
        parts.append(f"in {len(against)} weak students do better")
    if flat:
        parts.append(f"{flat} {'does' if flat == 1 else 'do'} not")
    if unclear and not (against or flat):
        parts.append(f"for {unclear} the class is too small to say")
    return "; ".join(parts)
