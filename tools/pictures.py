"""Take the README's screenshots from the demo and JupyterLab.

Needs Chromium. Run by ``make pictures``; check the pictures before you commit them.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import nbformat
from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the browser is driven as in the tests

from autograder.course import Course  # noqa: E402
from autograder.demo import FOLDER, run_demo  # noqa: E402
from autograder.topics import solved_notebooks, variants  # noqa: E402
from autograder.topics.source_notebook import build_source  # noqa: E402
from autograder.topics.topic import parse  # noqa: E402
from tests.support import lab  # noqa: E402

PICTURES = ROOT / "docs/pictures"
# The student whose feedback page is shown: one with two mistakes.
READER = "student-06"
SIZES = {"feedback": {"width": 900, "height": 1500}, "report": {"width": 1000, "height": 1150}}
# The mistake whose diagnosis is shown: topic, task, diagnosis.
MISTAKE = ("05-backprop", "one_step", "updated-weights")
# A half-finished notebook: the last tasks are not done yet, and one is wrong.
HALF_WAY = ("01-perceptron", "gates", "always-fires")
LEFT = 4
PANEL = ".jp-OutputArea-output [aria-label='Where you stand']"


def main() -> None:
    """Take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "work"
        home.mkdir()
        topic, task, diagnosis = MISTAKE
        nbformat.write(_work(topic, task, diagnosis), home / "mistake.ipynb")
        nbformat.write(_work(*HALF_WAY, left=LEFT), home / "half-way.ipynb")
        with lab.jupyter_lab(home) as url:
            _take_panel(url)
            _take_standing(url)
    _take_demo()
    _take_pages()


def _work(topic: str, task: str, diagnosis: str, left: int = 0) -> nbformat.NotebookNode:
    """Return a solved notebook with one mistake; the last ``left`` tasks are not done."""
    folder = ROOT / "solutions" / topic
    wrong = [
        v
        for v in variants.load(folder / "variants.py")
        if v.name == task and v.diagnosis == diagnosis
    ]
    released = nbformat.read(ROOT / "assignments" / topic / f"{topic}.ipynb", as_version=4)
    parsed = parse(folder / f"{topic}.py")
    tasks = [cell.grade_id for cell in parsed.of("task", "question")]
    solved = tasks[: len(tasks) - left]
    return solved_notebooks.submission(released, build_source(parsed), solved, replace=wrong[:1])


def _take_panel(url: str) -> None:
    """Take the output of a test of a wrong answer, with the likely cause."""
    with lab.chromium(1120, 620) as page:
        lab.open_notebook(page, url, "mistake.ipynb")
        page.keyboard.press("Control+b")  # hide the file browser
        lab.run_all(page)
        panel = page.locator(".jp-OutputArea-output", has_text="Likely cause").first
        panel.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURES / "diagnosis.png")


def _take_standing(url: str) -> None:
    """Take the output of the last cell of a half-finished notebook."""
    with lab.chromium(1120, 1000) as page:
        lab.open_notebook(page, url, "half-way.ipynb")
        lab.run_all(page)
        panel = page.locator(PANEL)
        panel.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        panel.screenshot(path=PICTURES / "standing.png")


def _take_demo() -> None:
    """Take the output of ``make demo``."""
    # Without a terminal, only the progress bar's last state is recorded, with its colours.
    console = Console(record=True, width=84, color_system="truecolor", file=io.StringIO())
    run_demo(Course.find(ROOT), ["01-perceptron"], console)
    page_text = console.export_html(code_format=PAGE)
    with lab.chromium(760, 980) as page:
        page.set_content(page_text)
        page.locator("pre").screenshot(path=PICTURES / "demo.png")


def _take_pages() -> None:
    """Take a feedback page and the class report of the demo."""
    demo = ROOT / FOLDER
    pages = {
        "feedback": demo / "feedback" / READER / "01-perceptron" / "01-perceptron.html",
        "report": demo / "report" / "01-perceptron.html",
    }
    with lab.chromium() as page:
        for name, path in pages.items():
            page.set_viewport_size(SIZES[name])
            page.goto(path.as_uri())
            page.screenshot(path=PICTURES / f"{name}.png")


PAGE = """<meta charset="utf-8"><style>{stylesheet}
body {{ margin: 0; background: white; }}
pre {{ font: 14px/1.25 "DejaVu Sans Mono", monospace; padding: 12px; display: inline-block; }}
</style><pre><code style="font-family: inherit">{code}</code></pre>"""


if __name__ == "__main__":
    main()
