"""A student opens a notebook in JupyterLab, runs it, and sees what is wrong."""

from pathlib import Path

import nbformat
import pytest

from autograder.topics import solved_notebooks, variants
from autograder.topics.cells import Topic
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from tests.support import lab

ROOT = Path(__file__).resolve().parents[2]
TOPICS = sorted(path.name for path in (ROOT / "assignments").iterdir())

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a student's folder."""
    home = tmp_path_factory.mktemp("student") / "work"
    home.mkdir()
    return home


@pytest.fixture(scope="module")
def server(folder):
    with lab.jupyter_lab(folder) as url:
        yield url


@pytest.fixture
def page():
    with lab.chromium() as opened:
        yield opened


def outputs(notebook: Path, kind: str) -> list[tuple[str, str]]:
    """Return (cell id, text) of the outputs of one type."""
    cells = (c for c in nbformat.read(notebook, 4).cells if c.cell_type == "code")
    return [
        (cell.id, output.get("evalue", output.get("text", "")))
        for cell in cells
        for output in cell.outputs
        if output.output_type == kind
    ]


def read(name: str) -> tuple[Topic, nbformat.NotebookNode]:
    """Return a topic, and its notebook as released."""
    topic = parse(ROOT / "solutions" / name / f"{name}.py")
    return topic, nbformat.read(ROOT / "assignments" / name / f"{name}.ipynb", 4)


PANEL = ".jp-OutputArea-output [aria-label='Where you stand']"


def stand(page, server, folder: Path, name: str, work: nbformat.NotebookNode) -> str:
    """Save a notebook, run all of it in the browser, and return what the panel says."""
    nbformat.write(work, folder / name)
    lab.open_notebook(page, server, name)
    lab.run_all(page)
    panel = page.locator(PANEL)
    panel.scroll_into_view_if_needed()
    assert panel.is_visible()
    return panel.text_content()  # the page may hide it again: it keeps only what is in view


# Every topic's notebooks, as released and solved, are run in a kernel by
# tests/solutions/test_topics.py; here it is seen what a browser makes of one as released, one
# solved and one that went wrong.


def test_as_released_it_runs_to_the_end_and_every_test_says_why_it_fails(folder, server, page):
    topic, released = read(TOPICS[9])
    points = [cell.points for cell in topic.of("test")]
    shown = stand(page, server, folder, "fresh.ipynb", released)
    assert page.locator(".jp-Dialog").count() == 0
    errors = outputs(folder / "fresh.ipynb", "error")
    assert [cell for cell, _ in errors] == [cell.id for cell in topic.of("test")]
    assert all("Write your code here" in message for _, message in errors)

    assert f"0 of {sum(points):g} points" in shown
    assert shown.count("not written yet") == len(points)
    assert "no answer in the notebook" in shown
    assert f"Next: Write {topic.of('task')[0].name}" in shown


def test_solved_it_runs_to_the_end_and_shows_panels_and_pictures(folder, server, page):
    topic, released = read(TOPICS[4])
    work = solved_notebooks.submission(released, build_source(topic), solved="all")
    shown = stand(page, server, folder, "solved.ipynb", work)
    assert score(shown) == sum(cell.points for cell in topic.of("test"))
    assert "an answer is written" in shown
    assert "Next: Restart the kernel" in shown

    notebook = folder / "solved.ipynb"
    assert outputs(notebook, "error") == []
    assert all("Complete `" not in text for _, text in outputs(notebook, "stream"))
    text = notebook.read_text("utf-8")
    assert '"name": "stderr"' not in text
    assert text.count("application/vnd.nnkit.check+json") >= 20
    assert text.count("data:image/png;base64,") >= 3


def test_a_wrong_answer_shows_its_likely_cause_and_a_changed_one_what_it_loses(
    folder, server, page
):
    topic, released = read(TOPICS[0])
    first = topic.of("task")[0].name
    found = variants.load(ROOT / "solutions" / topic.name / "variants.py")
    wrong = next(v for v in found if v.diagnosis and v.name != first)
    work = solved_notebooks.submission(released, build_source(topic), solved="all", replace=[wrong])
    # A cell after the panel changes a task that was right: the panel follows.
    work.cells.append(nbformat.v4.new_code_cell(f"def {first}(*_):\n    return None"))
    shown = stand(page, server, folder, "wrong.ipynb", work)
    lost = [c for c in topic.of("test") if c.name == first or c.key in wrong.loses]
    assert 0 < score(shown) <= sum(c.points for c in topic.of("test")) - sum(c.points for c in lost)
    assert "run before you changed the task" in shown
    assert "Next: Run the test" in shown

    panel = page.locator(".jp-OutputArea-output", has_text="Likely cause").first
    panel.scroll_into_view_if_needed()
    assert panel.is_visible()


def score(panel: str) -> float:
    """Return the points that a panel begins with."""
    return float(panel.split("Where you stand: ")[1].split()[0])
