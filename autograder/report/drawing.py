"""Draw the report's pictures as SVG in the notebooks' palette, and format their numbers.

No picture has a student's name: names may need letters that the picture's font lacks.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Narrow, so that the letters are readable on a phone.
WIDTH = 4.6
LONGEST = 24
#: The height of a bar with a name next to it, in inches.
BAR = 0.27


@dataclass(frozen=True)
class Picture:
    """A figure of the page.

    Attributes
    ----------
    title
        The finding.
    uri
        The picture as a data URI.
    alt
        The alternative text, for readers who do not see the picture.
    note
        A note below the picture.
    """

    title: str
    uri: str
    alt: str
    note: str = ""


@contextmanager
def _styled() -> Iterator[list[str]]:
    """Set the style of the course's figures within ``with``; yield the palette."""
    from nnkit import plots  # imports pyplot, whose backend the command sets first

    with mpl.rc_context():
        mpl.rcdefaults()
        plots.style()
        # The salt makes the bytes reproducible; a $ in a name must not start a formula.
        mpl.rcParams.update({"svg.hashsalt": "autograder", "text.parse_math": False})
        mpl.rcParams.update({"font.size": 11, "hatch.linewidth": 0.8})
        yield plots.PALETTE


def draw(height: float, paint: Callable[[Axes, list[str]], None]) -> str:
    """Return the picture that ``paint`` draws, as a data URI."""
    with _styled() as palette:
        figure = Figure(figsize=(WIDTH, height), dpi=72)  # SVG's unit
        paint(figure.subplots(), palette)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def short(name: str) -> str:
    """Return a name that fits next to a bar."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def percent(share: float) -> str:
    """Return a fraction, 0 to 1, as a percentage; only 1 is "100 %" and only 0 is "0 %"."""
    rounded = round(100 * share)
    if rounded in (0, 100) and share not in (0, 1):
        return "under 1\N{NO-BREAK SPACE}%" if rounded == 0 else "over 99\N{NO-BREAK SPACE}%"
    return f"{rounded}\N{NO-BREAK SPACE}%"


def points(value: float) -> str:
    """Return points as text without trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def students(count: int) -> str:
    """Return a number of students as text."""
    return f"{count} student" if count == 1 else f"{count} students"


def and_(names: Sequence[str]) -> str:
    """Return names joined by commas and "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def rows(axis: Axes, names: Sequence[str], size: float = 10) -> None:
    """Write names next to horizontal bars, the first on top."""
    shown = [name if "\n" in name else short(name) for name in names]
    axis.set_yticks(range(len(names)), shown, fontsize=size)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)


def legend(axis: Axes, entries: int) -> None:
    """Put the legend below the figure, where it covers nothing."""
    options: dict[str, Any] = {"loc": "outside lower left", "fontsize": 9.5, "handlelength": 1.6}
    axis.figure.legend(ncols=min(2, entries), columnspacing=1.2, **options)
