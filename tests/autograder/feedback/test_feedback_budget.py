"""A page takes time in proportion to what is shown, says what was left out, and is always there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from rich.console import Console

from autograder import bounded_process
from autograder.bounded_process import Bounded, Exceeded
from autograder.course import Course
from autograder.feedback import clean, collect, exporter, rendering
from autograder.feedback.budget import Budget
from autograder.feedback.pages import feedback_and_show
from autograder.feedback.pictures import with_pictures
from autograder.feedback.rendering import Graded
from tests.support import toy_course as toy

# Sizes so far apart that time in the square would be 4 096 times as much. What is too short to be
# measured, here or on a slower machine, counts as so much.
FEW, MORE, MOST_CHARACTERS = 2_000, 64, 400_000
MOST_TIMES, LEAST_S = 240, 0.02

GROWING: dict[str, Callable[[int], str]] = {
    "plain words": lambda n: "a word " * n,
    "blanks in a heading": lambda n: f"# a{' ' * n}b",
    "marks in a heading": lambda n: f"# a {'# ' * n}b",
    "blanks": lambda n: f"a{' ' * n}b",
    "tabs": lambda n: "\t" * n + "a",
    "other blanks": lambda n: "\u00a0" * n + "a",
    "blanks in a table": lambda n: f"|a|\n|-|\n|{' ' * n}x\n",
    "a wide table": lambda n: f"{'|a' * n}|\n{'|-' * n}|\n{'|a' * n}|",
    "environments without end": lambda n: "\\begin{a}\n" * n,
    "environments": lambda n: "$$\\begin{matrix}" * n + "\\end{matrix}$$" * n,
    "dollars": lambda n: "$a \\$ " * n,
    "many formulas": lambda n: "$x_1$ " * n,
    "a deep formula": lambda n: f"$${'{' * n}a{'}' * n}$$",
    "brackets": lambda n: "[" * n + "]" * n,
    "links": lambda n: "[a](<b" * n,
    "pictures": lambda n: "![a](" * n,
    "definitions": lambda n: "[a]: b 'x\n" * n,
    "emphasis": lambda n: "*a **a _a " * n,
    "backticks": lambda n: "".join("`" * i + "a" for i in range(int((2 * n) ** 0.5))),
    "angles": lambda n: "<a b='" * n,
    "comments": lambda n: "<!--" * n,
    "a deep list": lambda n: "- " * n + "a",
    "a deep quotation": lambda n: "> " * n + "a",
    "a quotation and a list": lambda n: "> - " * n + "a",
    "elements in elements": lambda n: "<div>" * n,
    "elements of any order": lambda n: "<b>" * n + "</i>" * n,
    "a number in a format": lambda n: f"x = '%{'0' * n}'",
    "match": lambda n: f"match{' ' * n}a",
    "signs": lambda n: "x = 1 + " * n,
    "unclosed texts": lambda n: "f'{" * n,
    "escape sequences": lambda n: "\x1b[0" * n,
    "overwritten lines": lambda n: "a\r" * n,
}


def notebook(text: str) -> nbformat.NotebookNode:
    """Return a notebook that has a text in every place that a page shows."""
    data = {"text/plain": text, "text/html": f"<img src='data:image/png;base64,iVBO'>{text}"}
    outputs = [new_output("stream", text=text), new_output("display_data", data)]
    outputs.append(new_output("error", ename="E", evalue=text, traceback=[text]))
    answer = {"grade": True, "solution": True, "locked": False, "grade_id": "a", "points": 1}
    cells = [
        new_markdown_cell(text),
        new_markdown_cell(text, metadata={"nbgrader": answer | {"comment": text, "score": 0}}),
        new_code_cell(text, outputs=outputs),
    ]
    for cell in cells:
        cell.pop("id")
    return nbformat.v4.new_notebook(cells=cells)


def page_of(folder: Path, made: nbformat.NotebookNode) -> str:
    """Return the page of a notebook that was handed in as it was graded."""
    folder = folder / "ana" / "toy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.ipynb").write_text(json.dumps(made), encoding="utf-8")
    about = {"student": "ana", "assignment": "toy", "notebook": "toy"}
    about |= {"score": 0.0, "max_score": 1.0, "late_penalty": 0.0}
    return rendering.page(json.dumps(made), Graded(about, folder, folder / "none"))


def seconds(function: Callable[..., object], *arguments: object) -> float:
    """Return the processor time of a call, the less of two."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        function(*arguments)
        taken.append(time.process_time() - began)
    return min(taken)


def seconds_of_page(folder: Path, text: str) -> float:
    return seconds(page_of, folder, notebook(text))


def grows(few: float, more: float) -> bool:
    """Say whether time grows faster than the text."""
    return more > MOST_TIMES * max(few, LEAST_S)


@pytest.mark.slow
def test_growth_is_seen():
    backtracks = re.compile(r"^#{1,3}\s+(.+?)\s*#*\s*$", re.MULTILINE)
    slow = Bounded(cpu_s=1.0)
    with pytest.raises(Exceeded, match="processor time"):
        slow.call(seconds, backtracks.findall, f"# a{' ' * FEW * MORE}b")
    slow.close()
    assert grows(LEAST_S, LEAST_S * MORE**2)
    assert not grows(LEAST_S, LEAST_S * MORE)


@pytest.mark.parametrize("kind", GROWING)
def test_the_time_of_a_page_grows_no_faster_than_the_notebook(tmp_path, kind):
    text = GROWING[kind]
    few = bounded_process.shared().call(seconds_of_page, tmp_path, text(FEW))
    more = bounded_process.shared().call(
        seconds_of_page, tmp_path, text(FEW * MORE)[:MOST_CHARACTERS]
    )
    assert not grows(few, more), f"{few:.3f} s, then {more:.3f} s"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n## Two ##\n#### Four\n#None\n### Three #  ", ["One", "Two", "Three"]),
        ("words\n#\tTabs and # marks\n# \n#", ["Tabs and # marks"]),
        (f"# {'a' * 1000}", ["a" * collect.MOST_TITLE]),
    ],
)
def test_headings(text, expected):
    assert list(collect._headings(text)) == expected


def test_what_was_left_out_is_said(tmp_path):
    made = notebook("a = 1")
    made.cells += [new_code_cell(f"b{n} = {n}") for n in range(600)]
    made.cells += [new_markdown_cell("# a\n# b\n") for _ in range(150)]
    made.cells[2].outputs *= 200
    for cell in made.cells:
        cell.pop("id", None)
    page = page_of(tmp_path, made)
    assert "Left out of this page: 102 cells, 100 headings, 300 outputs." in page
    assert "b100" in page
    assert "b599" not in page
    assert "Left out" not in page_of(tmp_path, notebook("# a\n\nb"))


def test_long_lines_and_texts_are_cut_with_a_mark():
    assert "y" * clean.MOST_IN_LINE in clean.code("x = 1\n" + "y" * 5_000)
    assert "y" * (clean.MOST_IN_LINE + 1) not in clean.code("x = 1\n" + "y" * 5_000)
    assert "…" in clean.code("x = 1\n" + "y" * 5_000)
    assert clean.markdown("a " * 50_000).count(clean.LEFT_OUT) == 1
    assert clean.drawn("<b>" * 30_000 + "<img>") is None
    assert "iVBO" in clean.drawn(f"<img src='data:image/png;base64,iVBO{'A' * 99_999}'>")


def test_one_picture_many_times_is_shown_as_far_as_the_page_has_room():
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" + "A" * 400_000
    cell = new_markdown_cell("![a](attachment:p) " * 200)
    cell.attachments = {"p": {"image/png": png}}
    budget = Budget()
    text, pictures = with_pictures(cell, budget)
    assert len(clean.markdown(text, pictures)) < 100_000
    assert budget.said().endswith("Left out of this page: 1 picture.")
    cell.source = "![a](attachment:p)"
    text, pictures = with_pictures(cell, budget)
    assert png in clean.markdown(text, pictures)


@pytest.fixture
def course(tmp_path) -> Course:
    made = toy.make(tmp_path / "course")
    for student in ("ana", "ben", "cleo"):
        solved = toy.solved(made, toy.RIGHT)
        solved.cells.append(new_code_cell(f"of_{student} = 1"))
        toy.hand_in(made.submitted_dir, student, solved)
    toy.canned(made, make_executor=ThreadPoolExecutor)
    return made


@pytest.mark.slow
def test_a_page_that_takes_too_long_shows_the_points_and_costs_nobody_else(course, monkeypatch):
    slow = Bounded(cpu_s=2.0)
    monkeypatch.setattr(exporter, "shared", lambda: slow)
    monkeypatch.setattr(exporter.rendering, "page", never_for_ben)
    out = StringIO()
    made = feedback_and_show(course, [toy.TOPIC], Console(file=out, width=200))
    slow.close()
    pages = {name: Path(path).read_text("utf-8") for name, path in made[toy.TOPIC].items()}
    assert list(pages) == ["ana", "ben", "cleo"]
    assert "of_ana" in pages["ana"]
    assert "of_cleo" in pages["cleo"]
    assert "This page shows your points only" in pages["ben"]
    assert "it takes more than 2 s of processor time" in pages["ben"]
    assert "test half · 3 of 3" in pages["ben"]
    assert "did not come to an end" not in pages["ben"]
    assert "! ben, toy: the page shows points only, since it takes more" in out.getvalue()
    assert out.getvalue().count("points only") == 1


PAGE = rendering.page


def never_for_ben(text: str, graded: Graded) -> str:
    while graded.about["student"] == "ben":
        pass
    return PAGE(text, graded)


def test_a_notebook_of_any_depth_has_a_page(course):
    path = course.autograded_dir / "ben" / toy.TOPIC / "toy.ipynb"
    deep: object = 1
    for _ in range(300):
        deep = [deep]
    made = json.loads(path.read_text("utf-8"))
    made["metadata"]["mine"] = made["cells"][0]["metadata"]["mine"] = deep
    own = {"cell_type": "code", "source": "x", "metadata": {}, "execution_count": None}
    data = {"application/json": deep}
    own["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    made["cells"].append(own)
    path.write_text(json.dumps(made), encoding="utf-8")
    pages = feedback_and_show(course, [toy.TOPIC], Console(quiet=True))[toy.TOPIC]
    assert "of_ben" in Path(pages["ben"]).read_text("utf-8")


def test_what_cannot_be_a_page_is_said_by_name():
    with pytest.raises(Exceeded, match="JSONDecodeError"):
        bounded_process.shared().call(rendering.page, "{", Graded({}, Path(), Path()))
