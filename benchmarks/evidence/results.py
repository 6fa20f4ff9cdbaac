"""Write docs/results.md: the results in each topic's header, on the embedded digits and MNIST.

Each solved notebook is run by Jupyter from top to bottom, as a student's is, once with
``NNKIT_DATASET=digits`` and once with ``mnist``; then the code of the topic's header takes the
result from the notebook's own variables and functions. MNIST comes from where `nnkit.datasets`
finds it (``NNKIT_MNIST=FILE``, Keras' cache, download). Run by ``make results``; name topics to
measure only these.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from autograder.course import Course
from autograder.topics.cells import Topic
from autograder.topics.solved_notebooks import solved
from autograder.topics.topic import parse

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "results.md"
KEPT = ROOT / "docs" / "results.json"
DATASETS = {"digits": "embedded digits", "mnist": "MNIST"}


def main() -> None:
    """Measure the topics that were named, or all, and write the page."""
    course = Course.find(root=ROOT)
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.is_file() else {}
    for name in sys.argv[1:] or course.topics():
        topic = parse(course.topic_path(name))
        for dataset in DATASETS:
            began = time.perf_counter()
            told = measure(course, topic, dataset)
            kept.setdefault(name, {})[dataset] = told
            print(f"{name}, {dataset}: {told} ({time.perf_counter() - began:.0f} s)", flush=True)
            KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    topics = [parse(course.topic_path(name)) for name in course.topics()]
    PAGE.write_text(page(topics, kept), encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}")


def measure(course: Course, topic: Topic, dataset: str) -> list[str]:
    """Run a solved notebook on a data set and return its results."""
    notebook = solved(course, topic)
    # The thresholds are for the embedded digits; on MNIST an accuracy below one is a result too.
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.metadata["tags"] = ["raises-exception"]
    results = topic.header.results
    notebook.cells += [new_code_cell(f"{one.code}\nprint(told)") for one in results]
    os.environ["NNKIT_DATASET"] = dataset
    NotebookClient(notebook, timeout=3600, kernel_name="python3").execute()
    ran = notebook.cells[len(notebook.cells) - len(results) :]
    return ["".join(o.text for o in cell.outputs if o.name == "stdout").strip() for cell in ran]


def page(topics: Iterable[Topic], kept: dict[str, dict[str, list[str]]]) -> str:
    """Write the page (Markdown)."""
    lines = [
        "# Results",
        "",
        "Results of the solved notebooks on the embedded digits, on which they are graded, and on "
        "MNIST,",
        "next to the value that the notes print. `make results` runs the notebooks and writes this "
        "page.",
        "",
        "| topic | | embedded digits | MNIST | notes |",
        "|---|---|---|---|---|",
    ]
    for topic in topics:
        for number, one in enumerate(topic.header.results):
            cells = [kept.get(topic.name, {}).get(d, ["–"] * 9)[number] for d in DATASETS]
            link = f"[{topic.name}](../assignments/{topic.name}/{topic.name}.ipynb)"
            lines.append("| " + " | ".join([link, one.what, *cells, one.notes]) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
