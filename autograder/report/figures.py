"""The report's pictures: SVG in the notebooks' palette, each with its finding and its alternative.

No picture holds a student's name: names may need letters that the picture's font has not.
"""

from __future__ import annotations

import base64
import io
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.report.gather import Results, State
from autograder.report.items import USEFUL, Item, Verdict
from autograder.report.mistakes import Mistake

# Narrow, so that the letters can still be read where a phone shows it.
WIDTH = 4.6
LONGEST = 24
MANY_MISTAKES = 8
_BAR = 0.27


@dataclass(frozen=True)
class Picture:
    """A figure of the page.

    Attributes
    ----------
    title
        The finding.
    uri
        The picture itself, as the address of an image.
    alt
        What it shows, for a reader who does not see it.
    note
        What is counted, to stand below.
    """

    title: str
    uri: str
    alt: str
    note: str = ""


@contextmanager
def _styled() -> Iterator[list[str]]:
    """Set the house's style for a while, whatever else is set, and yield the palette."""
    from nnkit import plots  # it imports pyplot, whose backend the command sets first

    with mpl.rc_context():
        mpl.rcdefaults()
        plots.style()
        # The salt makes the same picture the same bytes; a name with $ is no formula.
        mpl.rcParams.update({"svg.hashsalt": "autograder", "text.parse_math": False})
        mpl.rcParams.update({"font.size": 11, "hatch.linewidth": 0.8})
        yield plots.PALETTE


def _draw(height: float, paint: Callable[[Axes, list[str]], None]) -> str:
    """Return the address of a picture that ``paint`` has drawn."""
    with _styled() as palette:
        figure = Figure(figsize=(WIDTH, height), dpi=72)  # as SVG counts
        paint(figure.subplots(), palette)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def short(name: str) -> str:
    """Return a name that fits beside a bar."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def percent(share: float) -> str:
    """Return a share in words: only all is 100 %, and only none is 0 %."""
    rounded = round(100 * share)
    if rounded in (0, 100) and share not in (0, 1):
        return "under 1\N{NO-BREAK SPACE}%" if rounded == 0 else "over 99\N{NO-BREAK SPACE}%"
    return f"{rounded}\N{NO-BREAK SPACE}%"


def points(value: float) -> str:
    """Return points as a person writes them."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def students(count: int) -> str:
    """Return a number of students in words."""
    return f"{count} student" if count == 1 else f"{count} students"


def distribution(results: Results) -> Picture | None:
    """Show how many students have how many points; None where nobody handed in."""
    if not results.works:
        return None
    scores, most, median = results.scores, results.most, results.median or 0.0
    width = max(1, math.ceil(most / 30))
    bins = Counter(int(score // width) for score in scores)
    last = max(int(most // width), max(bins))

    def paint(axis: Axes, palette: list[str]) -> None:
        left = [place * width + (width - 1) / 2 for place in range(last + 1)]
        axis.bar(left, [bins[place] for place in range(last + 1)], 0.86 * width, color=palette[0])
        axis.axvline(median, color=palette[7], linestyle="--", linewidth=1.2)
        side = "right" if median > most / 2 else "left"
        axis.text(
            median,
            1.01,
            f"median {points(median)}",
            transform=axis.get_xaxis_transform(),
            ha=side,
            va="bottom",
        )
        axis.set(xlabel=f"points of {points(most)}", ylabel="students")
        axis.set_xlim(-0.6, last * width + width - 0.4)
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axis.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        axis.set_ylim(0, 1.08 * max(bins.values()))

    told = ", ".join(
        f"{_range(place, width)}: {bins[place]}" for place in range(last + 1) if bins[place]
    )
    alt = f"Bars: students by points of {points(most)}. {told}. The median is {points(median)}."
    note = "Points are rounded down." if any(score % 1 for score in scores) else ""
    return Picture(_distribution_title(scores, most, median), _draw(2.7, paint), alt, note)


def _range(place: int, width: int) -> str:
    low = place * width
    return f"{low} points" if width == 1 else f"{low} to {low + width - 1} points"


def _distribution_title(scores: list[float], most: float, median: float) -> str:
    if len(scores) == 1:
        return f"The one submission has {points(scores[0])} of {points(most)} points"
    if len(set(scores)) == 1:
        return f"All {len(scores)} submissions have {points(scores[0])} of {points(most)} points"
    return f"Half of the class has {points(median)} or more of {points(most)} points"


def success(items: Sequence[Item]) -> Picture | None:
    """Show what came of each task; None where nobody was judged."""
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
        _rows(axis, [item.name for item in items])
        axis.set(xlim=(0, 100), xlabel="% of the submissions (number: right)")
        _legend(axis, len(shown))

    told = "; ".join(
        f"{item.name}: "
        + ", ".join(f"{item.counts[state]} {state.value}" for state in shown if item.counts[state])
        for item in items
    )
    alt = f"Stacked bars: what came of each task in {judged} submissions. {told}."
    note = "Submissions that could not be graded are left out."
    height = 1.25 + _BAR * len(items) + 0.12 * len(shown)
    return Picture(_success_title(items, judged), _draw(height, paint), alt, note)


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
    return f"Hardest: {_and(hardest)} ({share})"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def misconceptions(found: Sequence[Mistake], of: int) -> Picture | None:
    """Show the most frequent mistakes of ``of`` submissions; None where none was named."""
    if not found:
        return None
    top = found[:MANY_MISTAKES]

    def paint(axis: Axes, palette: list[str]) -> None:
        bars = axis.barh(range(len(top)), [m.count for m in top], 0.7, color=palette[1])
        axis.bar_label(bars, padding=3, fontsize=10)
        _rows(axis, [f"{short(m.diagnosis)}\nin {short(m.test)}" for m in top], size=9.5)
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
    return Picture(title, _draw(0.8 + 0.42 * len(top), paint), alt, note)


def discrimination(items: Sequence[Item]) -> Picture | None:
    """Show which tasks separate strong from weak students; None where nothing can be said."""
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
        _rows(axis, [item.name for item in shown])
        low = min(-0.1, *(item.low for item in shown))
        axis.set(xlim=(max(-1.0, low - 0.03), 1.02), xlabel="correlation with the other tasks")
        _legend(axis, len(kinds))

    told = "; ".join(
        f"{i.name}: {i.r:.2f} ({i.low:.2f} to {i.high:.2f}), {i.verdict.value}" for i in shown
    )
    alt = f"Dots with 95 % intervals: corrected item-total correlation of each task. {told}."
    note = (
        "Dot: corrected item-total correlation; line: its 95 % interval; shaded: 0.2 and more, "
        "of use. Those who have written nothing are left out."
    )
    height = 1.25 + _BAR * len(shown) + 0.12 * len(kinds)
    return Picture(_discrimination_title(items), _draw(height, paint), alt, note)


def _discrimination_title(items: Sequence[Item]) -> str:
    named = {v: [i.name for i in items if i.verdict is v] for v in Verdict}
    good, against = len(named[Verdict.SEPARATES]), named[Verdict.AGAINST]
    flat, unclear = len(named[Verdict.DOES_NOT]), len(named[Verdict.UNCLEAR])
    parts = [f"{good} of {len(items)} tasks {'separates' if good == 1 else 'separate'} strong "
             "from weak students"]  # fmt: skip
    if against and len(against) <= 2:
        parts.append(f"weak students do better in {_and(against)}")
    elif against:
        parts.append(f"in {len(against)} weak students do better")
    if flat:
        parts.append(f"{flat} {'does' if flat == 1 else 'do'} not")
    if unclear and not (against or flat):
        parts.append(f"for {unclear} the class is too small to say")
    return "; ".join(parts)


def processor_time(results: Results) -> Picture | None:
    """Show the processor time of grading each submission; None where it was not recorded."""
    seconds = sorted(work.cpu_s for work in results.works if work.cpu_s)
    if not seconds:
        return None
    title = _cost_title(seconds, "of processor time", _seconds)
    return _costs(seconds, title, "seconds of processor time", _seconds)


def memory(results: Results) -> Picture | None:
    """Show the memory of grading each submission; None where it was not recorded."""
    sizes = sorted(work.peak_bytes / 2**20 for work in results.works if work.peak_bytes)
    if not sizes:
        return None
    title = _cost_title(sizes, "of memory", _megabytes)
    return _costs(sizes, title, "MB of memory at the most", _megabytes)


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def _megabytes(value: float) -> str:
    return f"{value:.0f} MB"


def _cost_title(values: list[float], what: str, say: Callable[[float], str]) -> str:
    if len(values) == 1:
        return f"The one submission took {say(values[0])} {what}"
    half = statistics.median(values)
    return f"Half of the submissions took {say(half)} {what} or less, the most {say(values[-1])}"


def _costs(values: list[float], title: str, label: str, say: Callable[[float], str]) -> Picture:
    """Show sorted values as dots."""
    far = values[-1] > 20 * values[0]

    def paint(axis: Axes, palette: list[str]) -> None:
        places = range(1, len(values) + 1)
        axis.plot(places, values, "o", ms=5 if len(values) < 60 else 3, color=palette[0])
        axis.set(xlabel="submissions, sorted", ylabel=label)
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        if far:
            axis.set_yscale("log")
        else:
            axis.set_ylim(0, 1.1 * values[-1])

    middle = say(statistics.median(values))
    alt = (
        f"Dots: {label} of {len(values)} submissions, sorted, from {say(values[0])} to "
        f"{say(values[-1])}; the median is {middle}."
    )
    return Picture(title, _draw(2.6, paint), alt)


def overview(classes: Sequence[Results]) -> Picture | None:
    """Show the scores of several topics side by side; None where there is at most one."""
    shown = [results for results in classes if results.works and results.most]
    if len(shown) < 2:
        return None
    shares = [[100 * score / each.most for score in each.scores] for each in shown]
    medians = [statistics.median(each) for each in shares]

    def paint(axis: Axes, palette: list[str]) -> None:
        boxes = axis.boxplot(
            shares, orientation="horizontal", positions=range(len(shown)), widths=0.6,
            patch_artist=True, whis=(0, 100), medianprops={"color": palette[7], "linewidth": 2},
        )  # fmt: skip
        for box in boxes["boxes"]:
            box.set(facecolor=palette[5], edgecolor=palette[0])
        _rows(axis, [each.topic for each in shown])
        axis.set(xlim=(-2, 102), xlabel="% of the points")

    told = "; ".join(
        f"{each.topic}: median {median:.0f} %, from {min(share):.0f} to {max(share):.0f} %"
        for each, share, median in zip(shown, shares, medians, strict=True)
    )
    lowest = min(medians)
    hardest = [r.topic for r, median in zip(shown, medians, strict=True) if median == lowest]
    title = f"Lowest median: {_and(hardest)}, {lowest:.0f} % of the points"
    if len(set(medians)) == 1:
        title = f"The median is {lowest:.0f} % of the points in every topic"
    alt = f"Box plots: the share of the points that students have. {told}."
    note = "Box: the middle half of the class, with the median; whiskers: the lowest and highest."
    return Picture(title, _draw(1.0 + 0.36 * len(shown), paint), alt, note)


def _rows(axis: Axes, names: Sequence[str], size: float = 10) -> None:
    """Write names beside horizontal bars, the first on top."""
    shown = [name if "\n" in name else short(name) for name in names]
    axis.set_yticks(range(len(names)), shown, fontsize=size)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)


def _legend(axis: Axes, entries: int) -> None:
    """Put the legend below the figure, where it covers nothing."""
    options: dict[str, Any] = {"loc": "outside lower left", "fontsize": 9.5, "handlelength": 1.6}
    axis.figure.legend(ncols=min(2, entries), columnspacing=1.2, **options)
