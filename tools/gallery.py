"""Show a figure of every topic on one page, taken from the solved notebooks: docs/gallery.md.

Each notebook is run by Jupyter as a student's would be; a figure is chosen by how its alternative
text begins. Run by ``make gallery``; the pictures are looked at, then committed.
"""

from __future__ import annotations

import base64
import html
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from autograder import answers
from autograder.source import build_source
from autograder.topic import parse

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gallery"
PAGE = ROOT / "docs" / "gallery.md"
IMAGE = re.compile(r'<img alt="([^"]*)" src="data:image/png;base64,([^"]+)"')
# What stands under each topic's figure, and how the figure's alternative text begins.
FIGURES = {
    "01-perceptron": {"Five half-planes, and a region carved out": "Three maps of the plane"},
    "02-sigmoid": {
        "All or nothing, or a little": "Left: the activation against the weight",
        "Twenty sigmoids, twenty ReLUs": "The slope of a chain over its depth",
    },
    "03-losses": {
        "The 0/1 error is a staircase": "Three curves along one line in weight space",
        "Ten pictures that read digits": "Ten weight images of the softmax",
    },
    "04-gradient-descent": {
        "Too small crawls, right arrives, too large flies off": "Contours of the valley",
        "Two errors make a U": "Relative error of numerical gradients",
    },
    "05-backprop": {"What backpropagation saves": "Left: seconds per gradient"},
    "06-optimizers": {"Seven optimisers on one bowl": "Seven contour maps of the bowl"},
    "07-dropout": {"What dropout does, and what it does not": "Gap and test accuracy against p"},
    "08-cnn": {"The notes' edge filters on their 5": "A black 5 of 8 by 8 pixels"},
    "09-translation-invariance": {
        "Who still reads a digit that was moved": "Four heat maps of the accuracy"
    },
    "10-transfer": {"What an old network gives to new digits": "Two panels of paired points"},
}


@dataclass(frozen=True)
class Shown:
    """A figure on the page."""

    caption: str
    file: str
    alt: str


def main() -> None:
    """Take the figures of the topics that were named, or of all, and write the page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or list(FIGURES)
    known = _on_page()
    shown = {topic: take(topic) if topic in wanted else known.get(topic, []) for topic in FIGURES}
    PAGE.write_text(page(shown), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


def take(topic: str) -> list[Shown]:
    """Run a solved notebook and save its chosen figures."""
    print(f"{topic} …", flush=True)
    released = nbformat.read(ROOT / "assignments" / topic / f"{topic}.ipynb", as_version=4)
    source = build_source(parse(ROOT / "solutions" / topic / f"{topic}.py"))
    solved = answers.submission(released, source, solved="all")
    NotebookClient(solved, timeout=600, kernel_name="python3").execute()
    drawn = {
        html.unescape(alt): base64.b64decode(picture)
        for cell in solved.cells
        for output in cell.get("outputs", [])
        for alt, picture in IMAGE.findall(output.get("data", {}).get("text/html", ""))
    }
    found = []
    for number, (caption, beginning) in enumerate(FIGURES[topic].items(), 1):
        matching = [alt for alt in drawn if alt.startswith(beginning)]
        if len(matching) != 1:
            sys.exit(f"{topic}: {len(matching)} figures begin with {beginning!r}: mend FIGURES.")
        file = f"{topic}-{number}.png"
        (FOLDER / file).write_bytes(drawn[matching[0]])
        found.append(Shown(caption, file, matching[0]))
    return found


def page(shown: dict[str, list[Shown]]) -> str:
    """Write the page (Markdown)."""
    parts = [
        "# Gallery\n\nFigures that students draw with their own code, one or two of each topic. "
        "`make gallery` takes them\nfrom the solved notebooks.\n"
    ]
    for topic, figures in shown.items():
        parts.append(f"## [{topic}](../assignments/{topic}/{topic}.ipynb)\n")
        for figure in figures:
            alt = figure.alt.replace("[", "(").replace("]", ")")
            parts.append(f"**{figure.caption}**\n\n![{alt}](gallery/{figure.file})\n")
    return "\n".join(parts)


def _on_page() -> dict[str, list[Shown]]:
    """Read the page as it is, so that one topic can be taken anew."""
    text = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    found: dict[str, list[Shown]] = {}
    pattern = r"\*\*(.+)\*\*\n\n!\[(.*)\]\(gallery/(.+)\)"
    for caption, alt, file in re.findall(pattern, text):
        found.setdefault(re.sub(r"-\d+\.png$", "", file), []).append(Shown(caption, file, alt))
    return found


if __name__ == "__main__":
    main()
