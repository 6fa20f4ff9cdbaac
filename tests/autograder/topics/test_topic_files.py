"""A topic's own data files and modules: what is released, and what both sides of an exam have."""

import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.grade import grade
from autograder.topics import files
from autograder.topics.release import release
from autograder.topics.release_check import check
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from tests.support import toy_course as toy

TEXT = '''# %% [markdown]
# # Means
#
# ![a sketch](sketch.png)

# %% given="setup"
import csv

from nnkit import checks

import helper
from parts.sums import total

with open("data.csv") as file:
    rows = [float(row["x"]) for row in csv.DictReader(file)]


# %% task="mean"
def mean(values):
    """The mean."""
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION


# %% test="mean" points=2
checks.close(mean([1.0, 3.0]), 2.0, "the mean of two")
### BEGIN HIDDEN TESTS
with checks.hidden():
    checks.close(mean(rows), helper.truth(rows), "the mean of the file")
    checks.close(total(rows), 9.0, "the total")
### END HIDDEN TESTS
'''
BESIDE = {
    "data.csv": "x\n1\n2\n6\n",
    "helper.py": "from more import size\n\n\ndef truth(v):\n    return sum(v) / size(v)\n",
    "more.py": "size = len\n",
    "parts/__init__.py": "",
    "parts/sums.py": "total = sum\n",
    "sketch.png": "not really a picture",
    "files/any.txt": "released in any case",
    "notes.txt": "for the author",
    "unused.py": "secret = 1\n",
    "variants.py": "",
    ".hidden.csv": "",
    "__pycache__/helper.cpython-311.pyc": "",
}
RELEASED = [
    *("data.csv", "files/any.txt", "helper.py", "more.py"),
    *("parts/__init__.py", "parts/sums.py", "sketch.png"),
]


def write(course: Path, text: str = TEXT, name: str = "means") -> Path:
    """Write a topic and the files next to it; return the topic's text."""
    folder = course / "solutions" / name
    for file, content in BESIDE.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(content, encoding="utf-8")
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder / f"{name}.py"


def test_what_a_cell_names_is_released_and_nothing_else(tmp_path: Path) -> None:
    topic = parse(write(tmp_path))
    assert [str(name) for name in files.named(topic)] == RELEASED


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ('load("unused.py")', "unused.py"),
        ("import unused as u", "unused.py"),
        ("import os, unused", "unused.py"),
        ("from unused import secret", "unused.py"),
        ("%run unused.py", "unused.py"),
        ("!cat notes.txt", "notes.txt"),
        ("f'notes.txt'", "notes.txt"),
    ],
)
def test_ways_to_name_a_file(tmp_path: Path, line: str, file: str) -> None:
    topic = parse(write(tmp_path, TEXT.replace("import helper\n", f"import helper\n{line}\n")))
    assert file in map(str, files.named(topic))


@pytest.mark.parametrize("line", ["unused = 1", "# my notes", 'name = "footnotes.txt"'])
def test_what_only_looks_like_a_name(tmp_path: Path, line: str) -> None:
    topic = parse(write(tmp_path, TEXT.replace("import helper\n", f"import helper\n{line}\n")))
    assert [str(name) for name in files.named(topic)] == RELEASED


def test_a_file_that_only_a_hidden_test_names_is_refused(tmp_path: Path) -> None:
    text = TEXT.replace(
        "    checks.close(total(rows)", '    open("notes.txt")\n    checks.close(total(rows)'
    )
    with pytest.raises(AutograderError, match=r"hidden test names notes\.txt"):
        files.named(parse(write(tmp_path, text)))


def test_links_and_what_is_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = parse(write(tmp_path))
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(AutograderError, match="at most 0 MB are released"):
        files.named(topic)
    monkeypatch.undo()
    (topic.path.parent / "data.csv").unlink()
    (topic.path.parent / "data.csv").symlink_to("/etc/passwd")
    with pytest.raises(AutograderError, match="no ordinary file"):
        files.named(topic)


@pytest.mark.slow
def test_both_sides_of_an_exam_have_them(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(toy.CONFIG, encoding="utf-8")
    write(tmp_path)
    course = Course.find(root=tmp_path)
    assert check(course, ["means"]) == ""
    release(course, ["means"])
    folder = course.release_dir / "means"
    assert [p.name for p in folder.rglob("*") if p.is_file() and p.suffix != ".ipynb"] != []
    source = build_source(parse(course.topic_path("means")))
    notebook = submission(nbformat.read(folder / "means.ipynb", as_version=4), source)
    for student in ("ana", "mal"):
        shutil.copytree(folder, course.submitted_dir / student / "means")
        nbformat.write(notebook, course.submitted_dir / student / "means" / "means.ipynb")
    theirs = course.submitted_dir / "mal" / "means"
    (theirs / "data.csv").write_text("x\n5\n", encoding="utf-8")
    (theirs / "helper.py").write_text("truth = lambda v: v[0]\n", encoding="utf-8")
    (theirs / "csv.py").write_text("DictReader = lambda file: [{'x': 7}]\n", encoding="utf-8")
    (run,) = grade(course, ["means"], jobs=1)
    assert {name: outcome.score for name, outcome in run.submissions.items()} == {
        "ana": 2,
        "mal": 2,
    }
