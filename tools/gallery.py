"""Write docs/gallery.md: figures of every topic, from the solved notebooks.

Jupyter runs each notebook as a student does; the topic's header names figures by the beginning of
their alternative text. Run by ``make gallery``; check the pictures before you commit them.
"""

from __future__ import annotations

import base64
import html
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient

from autograder.course import Course
from autograder.topics.cells import Topic
from autograder.topics.solved_notebooks import solved
from autograder.topics.topic import parse

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gallery"
PAGE = ROOT / "docs" / "gallery.md"
IMAGE = re.compile(r'<img alt="([^"]*)" src="data:image/png;base64,([^"]+)"')


@dataclass(frozen=True)
class Shown:
    """A figure on the page."""

    caption: str
    file: str
    alt: str


def main() -> None:
    """Take the figures of the named topics, or of all, and write the page."""
    course = Course.find(root=ROOT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted, known = sys.argv[1:] or course.topics(), on_page()
    topics = [parse(course.topic_path(name)) for name in course.topics()]
    shown = [
        take(course, topic) if topic.name in wanted else known.get(topic.name, [])
        for topic in topics
    ]
    PAGE.write_text(page(zip(topics, shown, strict=True)), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


def take(course: Course, topic: Topic) -> list[Shown]:
    """Run a solved notebook and save the figures that the topic's header names."""
    print(f"{topic.name} …", flush=True)
    notebook = solved(course, topic)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    drawn = {
        html.unescape(alt): base64.b64decode(picture)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for alt, picture in IMAGE.findall(output.get("data", {}).get("text/html", ""))
    }
    found = []
    for number, figure in enumerate(topic.header.figures, 1):
        matching = [alt for alt in drawn if alt.startswith(figure.alt)]
        if len(matching) != 1:
            sys.exit(
                f"{topic.path}: {len(matching)} figures begin with {figure.alt!r}: fix the header."
            )
        file = f"{topic.name}-{number}.png"
        (FOLDER / file).write_bytes(drawn[matching[0]])
        found.append(Shown(figure.caption, file, matching[0]))
    return found


def page(shown: Iterable[tuple[Topic, list[Shown]]]) -> str:
    """Return the page (Markdown)."""
    parts = [
        "# Gallery\n\nFigures that students draw with their own code, one or two for each topic. "
        "`make gallery` takes\nthem from the solved notebooks.\n"
    ]
    for topic, figures in shown:
        parts.append(f"## [{topic.title}](../assignments/{topic.name}/{topic.name}.ipynb)\n")
        for figure in figures:
            alt = figure.alt.replace("[", "(").replace("]", ")")
            parts.append(f"**{figure.caption}**\n\n![{alt}](gallery/{figure.file})\n")
    return "\n".join(parts)


def on_page() -> dict[str, list[Shown]]:
    """Return the figures of the present page by topic, so that one topic can be updated."""
    text = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    found: dict[str, list[Shown]] = {}
    pattern = r"\*\*(.+)\*\*\n\n!\[(.*)\]\(gallery/(.+)\)"
    for caption, alt, file in re.findall(pattern, text):
        found.setdefault(re.sub(r"-\d+\.png$", "", file), []).append(Shown(caption, file, alt))
    return found


if __name__ == "__main__":
    main()
