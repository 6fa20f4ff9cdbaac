"""A student opens a notebook in JupyterLab, runs it, and sees what is wrong."""

import shutil
from pathlib import Path

import nbformat
import pytest

from autograder import variants
from autograder.source import build_source
from autograder.topic import parse
from tests import lab

ROOT = Path(__file__).resolve().parents[2]
TOPICS = sorted(path.name for path in (ROOT / "assignments").iterdir())

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a student's folder: each topic as released, and solved."""
    home = tmp_path_factory.mktemp("student") / "work"
    home.mkdir()
    for name in TOPICS:
        released = ROOT / "assignments" / name / f"{name}.ipynb"
        shutil.copy(released, home / f"{name}.ipynb")
        source = build_source(parse(ROOT / "solutions" / name / f"{name}.py"))
        work = variants.submission(nbformat.read(released, 4), source, solved="all")
        nbformat.write(work, home / f"{name}-solved.ipynb")
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


# Every topic's notebooks, as released and solved, are run in a kernel by tests/test_topics.py; here
# it is seen what a browser makes of some.
@pytest.mark.parametrize("name", [TOPICS[0], TOPICS[9]])
def test_as_released_it_runs_to_the_end_and_every_test_says_why_it_fails(
    name, folder, server, page
):
    lab.open_notebook(page, server, f"{name}.ipynb")
    assert page.locator(".jp-Dialog").count() == 0
    lab.run_all(page)
    errors = outputs(folder / f"{name}.ipynb", "error")
    tests = [c.id for c in parse(ROOT / "solutions" / name / f"{name}.py").of("test")]
    assert [cell for cell, _ in errors] == tests
    assert all("Write your code here" in message for _, message in errors)


@pytest.mark.parametrize("name", [TOPICS[4]])
def test_solved_it_runs_to_the_end_and_shows_panels_and_pictures(name, folder, server, page):
    lab.open_notebook(page, server, f"{name}-solved.ipynb")
    lab.run_all(page)
    notebook = folder / f"{name}-solved.ipynb"
    assert outputs(notebook, "error") == []
    shown = outputs(notebook, "stream")
    assert all("Complete `" not in text for _, text in shown)
    text = notebook.read_text("utf-8")
    assert '"name": "stderr"' not in text
    assert text.count("application/vnd.nnkit.check+json") >= 20
    assert text.count("data:image/png;base64,") >= 3


def test_a_wrong_answer_shows_its_likely_cause_on_the_page(folder, server, page):
    name = TOPICS[0]
    solutions = ROOT / "solutions" / name
    wrong = next(v for v in variants.load(solutions / "variants.py") if v.diagnosis)
    source = build_source(parse(solutions / f"{name}.py"))
    released = nbformat.read(ROOT / "assignments" / name / f"{name}.ipynb", 4)
    work = variants.submission(released, source, solved="all", replace=[wrong])
    nbformat.write(work, folder / "wrong.ipynb")
    lab.open_notebook(page, server, "wrong.ipynb")
    lab.run_all(page)
    assert outputs(folder / "wrong.ipynb", "error")
    panel = page.locator(".jp-OutputArea-output", has_text="Likely cause").first
    panel.scroll_into_view_if_needed()
    assert panel.is_visible()


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


def test_the_last_cell_shows_where_the_student_stands(folder, server, page):
    name = TOPICS[0]
    topic = parse(ROOT / "solutions" / name / f"{name}.py")
    released = nbformat.read(ROOT / "assignments" / name / f"{name}.ipynb", 4)
    points = {cell.key: cell.points for cell in topic.of("test")}
    first = topic.of("task")[0].name

    shown = stand(page, server, folder, "fresh.ipynb", released)
    assert f"0 of {sum(points.values()):g} points" in shown
    assert shown.count("not written yet") == len(points)
    assert "no answer in the notebook" in shown
    assert f"Next: Write {first}" in shown

    work = variants.submission(released, build_source(topic), solved="all")
    shown = stand(page, server, folder, "all.ipynb", work)
    assert score(shown) == sum(points.values())
    assert "an answer is written" in shown
    assert "Next: Restart the kernel" in shown

    # A cell after the panel changes a task that was right: the panel follows.
    work.cells.append(nbformat.v4.new_code_cell(f"def {first}(*_):\n    return None"))
    shown = stand(page, server, folder, "changed.ipynb", work)
    lost = sum(p for key, p in points.items() if key.split("-")[0] == first)
    assert score(shown) <= sum(points.values()) - lost
    assert "run before you changed the task" in shown
    assert "Next: Run the test" in shown


def score(panel: str) -> float:
    """Return the points that a panel begins with."""
    return float(panel.split("Where you stand: ")[1].split()[0])
