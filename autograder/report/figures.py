"""The report's pictures of submissions: scores of topics, time and memory of grading."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from autograder.report.drawing import Picture, and_, draw, points, rows
from autograder.report.gather import Results


def distribution(results: Results) -> Picture | None:
    """Draw the distribution of the scores; None if no student handed in."""
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
    return Picture(_distribution_title(scores, most, median), draw(2.7, paint), alt, note)


def _range(place: int, width: int) -> str:
    low = place * width
    return f"{low} points" if width == 1 else f"{low} to {low + width - 1} points"


def _distribution_title(scores: list[float], most: float, median: float) -> str:
    if len(scores) == 1:
        return f"The one submission has {points(scores[0])} of {points(most)} points"
    if len(set(scores)) == 1:
        return f"All {len(scores)} submissions have {points(scores[0])} of {points(most)} points"
    return f"Half of the class has {points(median)} or more of {points(most)} points"


def overview(classes: Sequence[Results]) -> Picture | None:
    """Draw the scores of several topics side by side; None for fewer than two."""
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
        rows(axis, [each.topic for each in shown])
        axis.set(xlim=(-2, 102), xlabel="% of the points")

    told = "; ".join(
        f"{each.topic}: median {median:.0f} %, from {min(share):.0f} to {max(share):.0f} %"
        for each, share, median in zip(shown, shares, medians, strict=True)
    )
    lowest = min(medians)
    hardest = [r.topic for r, median in zip(shown, medians, strict=True) if median == lowest]
    title = f"Lowest median: {and_(hardest)}, {lowest:.0f} % of the points"
    if len(set(medians)) == 1:
        title = f"The median is {lowest:.0f} % of the points in every topic"
    alt = f"Box plots: the share of the points that students have. {told}."
    note = "Box: the middle half of the class, with the median; whiskers: the lowest and highest."
    return Picture(title, draw(1.0 + 0.36 * len(shown), paint), alt, note)


def processor_time(results: Results) -> Picture | None:
    """Draw the processor time of grading each submission; None if not recorded."""
    seconds = sorted(work.cpu_s for work in results.works if work.cpu_s)
    if not seconds:
        return None
    title = _cost_title(seconds, "of processor time", _seconds)
    return _costs(seconds, title, "seconds of processor time", _seconds)


def memory(results: Results) -> Picture | None:
    """Draw the memory of grading each submission; None if not recorded."""
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
    """Draw sorted values as dots."""
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
    return Picture(title, draw(2.6, paint), alt)
