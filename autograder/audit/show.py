"""The output of an audit: a table, the survivors, a figure for each topic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder import terminal
from autograder.audit.judging import TopicAudit

_HEADS = ("Topic", "Right", "Wrong", "Named", "Mutants", "Equiv.", "Whole", "Trivial", "s")
_MEANING = (
    "right variants with full marks, wrong ones caught and named, mutants caught (and those that "
    "change nothing), whole submissions judged correctly, trivial answers without points"
)


def show(console: Console, audits: Sequence[TopicAudit]) -> None:
    """Print one line for each topic, then the findings."""
    lines = [
        (
            terminal.clean(found.topic),
            *(_share(*found.to_json()[name]) for name in ("right", "wrong", "named", "mutants")),
            str(found.equivalent),
            _share(found.whole, found.of["whole"]),
            _share(found.trivial, found.of["trivial"]),
            f"{found.wall_s:.0f}",
        )
        for found in audits
    ]
    terminal.rows(console, "The tests' own test", _HEADS, lines, right=_HEADS[1:])
    console.print(Text(_MEANING, style="dim"))
    for found in audits:
        if found.survivors:
            console.print()
            title = f"{found.topic}: {len(found.survivors)} to fix"
            console.print(Text(terminal.clean(title), style="bold red"))
            for text in found.survivors:
                console.print(Text(f"  {terminal.clean(text)}"), soft_wrap=True)


def _share(part: int, whole: int) -> Text:
    if not whole:
        return Text("–", style="dim")
    return Text(f"{part}/{whole}", style="green" if part == whole else "bold red")


def draw(found: TopicAudit, folder: Path) -> Path:
    """Draw a topic's audit as bars and return the picture's path.

    Parameters
    ----------
    found
        An audit.
    folder
        The folder of ``TOPIC.png``; created if it does not exist.
    """
    import matplotlib as mpl

    mpl.use("agg")
    from nnkit import plots

    shares = {
        "right variants with full marks": (found.full, found.of["right"]),
        "wrong variants caught": (found.caught, found.of["wrong"]),
        "wrong variants named correctly": (found.named, found.of["wrong"]),
        "mutants caught": (found.killed, found.of["mutant"]),
        "whole submissions judged correctly": (found.whole, found.of["whole"]),
        "trivial answers without points": (found.trivial, found.of["trivial"]),
    }
    shares = {name: share for name, share in shares.items() if share[1]}
    missed = sum(whole - part for part, whole in shares.values())
    title = f"{found.topic}: {'the tests missed nothing' if not missed else f'{missed} to fix'}"
    if found.equivalent:
        title += f" ({found.equivalent} mutants are equivalent)"
    figure, axis = plots.figure(title, width=7.4, height=0.6 + 0.45 * len(shares))
    names = list(shares)[::-1]
    widths = [100 * shares[name][0] / shares[name][1] for name in names]
    axis.barh(names, [100] * len(names), color="#e8e8e8")
    axis.barh(names, widths, color=plots.PALETTE[0])
    for place, name in enumerate(names):
        part, whole = shares[name]
        axis.text(101, place, f"{part} of {whole}", va="center")
    axis.set(xlim=(0, 118), xlabel="per cent", xticks=range(0, 101, 20))
    path = folder / f"{found.topic}.png"
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plots.plt.close(figure)
    return path
