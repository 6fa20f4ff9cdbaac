"""Figures for the notebooks: one palette, titles that state the finding, alternative text."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnkit import undrawn
from nnkit.front import FIGURE_TYPE, publish

# Okabe and Ito's palette, which readers with any colour vision can tell apart; black last.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000"]
_LINES = ["-", "--", "-.", ":"]
_MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]


def style() -> None:
    """Apply the course's style; done on import."""
    plt.rcParams.update(
        {
            "axes.prop_cycle": plt.cycler(color=PALETTE),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "figure.dpi": 96,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "image.cmap": "gray",
            "legend.frameon": False,
        }
    )


def figure(
    title: str,
    rows: int = 1,
    columns: int = 1,
    width: float = 6.4,
    height: float = 3.6,
    **options: Any,
) -> tuple[Figure, Any]:
    """Make a figure whose title states the finding.

    Parameters
    ----------
    title : str
        The finding that the reader should see.
    rows, columns : int
        Number of panels.
    width, height : float
        Of the whole figure, in inches.
    **options
        Passed to `matplotlib.pyplot.subplots`.

    Returns
    -------
    (Figure, Axes or array of Axes)
    """
    subplots = undrawn.subplots if _off() else plt.subplots
    made, axes = subplots(rows, columns, figsize=(width, height), **options)
    made.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    return made, axes


def show(made: Figure, alt: str) -> None:
    """Display a figure with its alternative text, and close it.

    In a notebook the picture carries ``alt`` for screen readers; elsewhere the text is printed.
    With the environment variable ``NNKIT_FIGURES=off`` nothing is drawn, and only the text is
    shown.

    Parameters
    ----------
    made : Figure
    alt : str
        What the picture shows, in a sentence or two, for a reader who does not see it.
    """
    text = f"[figure: {alt}]"
    data: dict[str, Any] = {"text/plain": text, FIGURE_TYPE: {"alt": alt}}
    if not _off():
        data["text/html"] = _image(made, alt)
    if not publish(data):
        print(text)
    if isinstance(made, Figure):
        plt.close(made)


def _off() -> bool:
    """Say whether figures are turned off: grading, which reads no picture, does so."""
    return os.environ.get("NNKIT_FIGURES") == "off"


def _image(made: Figure, alt: str) -> str:
    buffer = io.BytesIO()
    made.savefig(buffer, format="png")
    picture = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{picture}">'


def curves(
    series: Mapping[str, Any],
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    *,
    logx: bool = False,
    logy: bool = False,
) -> None:
    """Show a line chart.

    Parameters
    ----------
    series : mapping of label to y, or to (x, y)
        Values (n,); without x they are numbered from 1.
    title, xlabel, ylabel, alt : str
    logx, logy : bool
        Logarithmic axes.
    """
    made, axis = figure(title)
    for i, (label, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (range(1, len(values) + 1), values)
        marker = _MARKERS[i % len(_MARKERS)] if len(y) <= 30 else None
        line = _LINES[i % len(_LINES)]
        axis.plot(x, y, line, color=PALETTE[i % len(PALETTE)], marker=marker, ms=4, label=label)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    if logx:
        axis.set_xscale("log")
    if logy:
        axis.set_yscale("log")
    if len(series) > 1:
        axis.legend()
    show(made, alt)


def regions(
    axis: Axes,
    predict: Callable[[np.ndarray], Any],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    levels: Sequence[float] | None = None,
) -> None:
    """Colour the plane by the output of a classifier at each point.

    Parameters
    ----------
    axis : Axes
    predict : callable
        Takes points (M, 2), returns (M,) labels 0 and 1, or values in [0, 1].
    xlim, ylim : (low, high)
    levels : sequence of float, optional
        Where the colour changes; one change at ½ if not given.
    """
    if isinstance(axis, undrawn.Undrawn):
        undrawn.later(axis, regions, axis, predict, xlim, ylim, levels)
        return
    # An odd number of cells, so that a border through round numbers misses the grid's points,
    # where it would look ragged.
    x, y = np.meshgrid(np.linspace(*xlim, 212), np.linspace(*ylim, 212))
    z = np.asarray(predict(np.column_stack([x.ravel(), y.ravel()])), dtype=float).reshape(x.shape)
    levels = [-0.01, 0.5, 1.01] if levels is None else levels
    shades = ["#FBE3D3", "#D4E6F3"] if len(levels) == 3 else None
    axis.contourf(x, y, z, levels=levels, colors=shades, cmap=None if shades else "cividis")
    if len(levels) == 3 and z.min() < 0.5 < z.max():
        axis.contour(x, y, z, levels=[0.5], colors="#444444", linewidths=1.2)
    axis.set(xlim=xlim, ylim=ylim)


def points(axis: Axes, x: np.ndarray, y: np.ndarray, size: float = 22) -> None:
    """Draw points (n, 2) by label (n,): colour and marker both differ."""
    colours = [PALETTE[1], PALETTE[0], *PALETTE[2:]]
    for i, label in enumerate(np.unique(y)):
        chosen = np.asarray(x)[np.asarray(y) == label]
        axis.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=size,
            color=colours[i % len(colours)],
            marker=_MARKERS[i % len(_MARKERS)],
            edgecolor="white",
            linewidth=0.6,
            label=f"class {label}",
            zorder=3,
        )


def images(
    pictures: Any,
    titles: Sequence[str] | None,
    title: str,
    alt: str,
    *,
    columns: int = 10,
    cmap: str = "gray",
    symmetric: bool = False,
) -> None:
    """Show a grid of images.

    Parameters
    ----------
    pictures : array_like (n, H, W), or a sequence of (H, W) images
    titles : sequence of str, optional
        One above each image.
    title, alt : str
    columns : int
    cmap : str
    symmetric : bool
        Centre the colours on zero (weights, differences), one scale for all.
    """
    pictures = [np.asarray(picture) for picture in pictures]
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    heading = 0.25 if titles is not None else 0.05
    made, axes = figure(
        title,
        rows,
        columns,
        width=max(0.75 * columns, 4.5, 0.085 * len(title)),
        height=rows * (0.75 + heading) + 0.4,
        squeeze=False,
    )
    limit = max(float(np.abs(p).max()) for p in pictures) or 1.0
    scale = {"vmin": -limit, "vmax": limit, "cmap": "RdBu_r"} if symmetric else {"cmap": cmap}
    for i, axis in enumerate(axes.ravel()):
        axis.axis("off")
        if i < len(pictures):
            axis.imshow(pictures[i], **scale)
            if titles is not None:
                axis.set_title(titles[i], fontsize=8, loc="center", fontweight="normal")
    show(made, alt)


def heatmap(
    values: Any,
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    *,
    xticks: Sequence[Any] | None = None,
    yticks: Sequence[Any] | None = None,
) -> None:
    """Show a matrix (rows, columns) as colours, each cell with its number if there are few."""
    values = np.asarray(values, dtype=float)
    made, axis = figure(title, width=1.5 + 0.6 * values.shape[1], height=1.2 + 0.45 * len(values))
    drawn = axis.imshow(values, cmap="cividis", aspect="auto")
    made.colorbar(drawn, ax=axis)
    axis.set(xlabel=xlabel, ylabel=ylabel)
    if xticks is not None:
        axis.set_xticks(range(len(xticks)), [str(tick) for tick in xticks])
    if yticks is not None:
        axis.set_yticks(range(len(yticks)), [str(tick) for tick in yticks])
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    if values.size <= 150:
        for (row, column), value in np.ndenumerate(values):
            ink = "white" if value < middle else "black"
            axis.text(column, row, f"{value:.2g}", ha="center", va="center", color=ink, fontsize=8)
    axis.spines[:].set_visible(False)
    show(made, alt)


@contextmanager
def needs(*tasks: str) -> Iterator[None]:
    """Skip a block until its tasks are written, with a message and without an error.

    Parameters
    ----------
    *tasks : str
        Names of the tasks that the block uses.
    """
    try:
        yield
    except NotImplementedError:
        plt.close("all")
        *others, last = (f"`{task}`" for task in tasks)
        names = f"{', '.join(others)} and {last}" if others else last
        print(f"Complete {names} first; then run this cell again to see what it shows.")


style()
