"""Copies are found however they are hidden; students who worked alone are not accused."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat import NotebookNode

from autograder.bounded_process import Bounded
from autograder.demo.students import Material
from autograder.errors import AutograderError
from autograder.similarity import (
    OWN_CELL,
    by_the_book,
    compare,
    comparing,
    of_class,
    similar_pairs,
)
from autograder.similarity.comparing import MOST_PAIRS
from autograder.similarity.own import MOST_IN_ALL, OwnCell
from autograder.similarity.rarity import Weighed
from autograder.similarity.side_by_side import Agreement, Work
from autograder.similarity.work import Piece
from autograder.topics import solved_notebooks
from benchmarks.quality import copiers, honest
from benchmarks.quality import similar as made_up
from tests.support import toy_course as toy

TOPIC = "01-perceptron"

FILTERS = '''def smooth(signal, width):
    """Running median, edges kept."""
    half, out = width // 2, list(signal)
    for place in range(half, len(signal) - half):
        window = sorted(signal[place - half : place + half + 1])
        out[place] = window[half] if window[0] < window[-1] else signal[place]
    return np.asarray(out, dtype=float)


def crossings(signal, level=0.25):
    above = [value > level for value in signal]
    found = []
    for place, (before, after) in enumerate(zip(above, above[1:])):
        if before != after and place % 3:
            found.append((place, signal[place + 1] - signal[place]))
    return found or None


def spectrum(signal, top=5):
    power = np.abs(np.fft.rfft(signal - np.mean(signal))) ** 2
    best = np.argsort(power)[::-1][:top]
    total = power.sum() + 1e-12
    return {int(place): round(float(power[place] / total), 4) for place in best}
'''
RENAMED = """def crossings(s, lim=0.25):
    # my own way
    flags = [v > lim for v in s]
    print("so far", len(flags))
    res = []
    for k, (u, w) in enumerate(zip(flags, flags[1:])):
        if u != w and k % 3:
            res.append(
                (k, s[k + 1] - s[k])
            )
    return res or None

def spectrum(s, n=5):
    p = np.abs(np.fft.rfft(s - np.mean(s))) ** 2
    idx = np.argsort(p)[::-1][:n]
    z = p.sum() + 1e-12
    return {int(q): round(float(p[q] / z), 4) for q in idx}

def smooth(s, n):
    h, r = n // 2, list(s)
    for k in range(h, len(s) - h):
        win = sorted(s[k - h : k + h + 1])
        r[k] = win[h] if win[0] < win[-1] else s[k]
    return np.asarray(r, dtype=float)
"""
ESSAY = (
    "When the step is halved the detour around my kitchen table shrinks, because each walk "
    "forgets less of what the previous one had learned about chairs, and yet the sum of all walks "
    "stays longer than the wall itself, as Zeno would have complained at breakfast."
)


@pytest.fixture(scope="module")
def topic() -> Material:
    return Material.read(made_up.Course.find(root=made_up.ROOT), TOPIC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> toy.Course:
    return toy.make(tmp_path_factory.mktemp("course"), variants=True)


@pytest.fixture
def course(made: toy.Course, tmp_path: Path) -> toy.Course:
    shutil.copytree(made.root, tmp_path / "course")
    return toy.Course.find(root=tmp_path / "course")


def with_cell(notebook: NotebookNode, source: str, kind: str = "code") -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    notebook.cells.append(make(source))
    return notebook


def toy_class(course: toy.Course, **extra: str) -> dict[str, NotebookNode]:
    """Return a class that solved the toy topic, some with a cell of their own."""
    plain = {name: toy.solved(course, toy.RIGHT) for name in ("ana", "ben", "cy", "dot")}
    return plain | {name: with_cell(plain[name], source) for name, source in extra.items()}


def found(work: dict[str, NotebookNode], released: NotebookNode) -> set[tuple[str, str]]:
    return {(pair.first, pair.second) for pair in similar_pairs(work, released)}


# Those who worked alone.


@pytest.mark.slow
def test_of_a_class_the_copiers_are_named_and_hardly_anybody_else(topic: Material) -> None:
    book = by_the_book(topic.source, topic.variants)
    wrongly = []
    for seed in (0, 3, 5):
        work, copied = copiers.made_class(topic, 40, seed=seed)
        pairs = compare(work.items(), topic.released, *book).pairs
        named = {frozenset((pair.first, pair.second)) for pair in pairs}
        wrongly += named - set().union(*copied.values())
        for kind, those in copied.items():
            assert those <= named or kind == "half", kind
    # Two who by chance hand in the same known answers to most tasks look like copiers: in twelve
    # such classes, of 780 pairs each, two.
    assert len(wrongly) <= 1


@pytest.mark.parametrize("size", [2, 3, 13])
def test_all_by_the_book(topic: Material, size: int) -> None:
    solved = solved_notebooks.submission(topic.released, topic.source)
    work = {f"s{n}": copy.deepcopy(solved) for n in range(size)}
    for n, notebook in enumerate(work.values()):
        for cell in honest.solution_cells(notebook):
            if cell.cell_type == "markdown":
                cell.source = honest.essay(topic, random.Random(n))
    book = by_the_book(topic.source, topic.variants)
    assert compare(work.items(), topic.released, *book).pairs == []


def test_short_answers_do_not_accuse_even_where_no_third_student_explains_them(
    course: toy.Course,
) -> None:
    work = {name: toy.solved(course, {**toy.RIGHT, "explain": name}) for name in ("ana", "ben")}
    assert similar_pairs(work, toy.released(course)) == []


def test_untouched_and_empty_notebooks(course: toy.Course) -> None:
    empty = nbformat.v4.new_notebook()
    work = {"a": toy.released(course), "b": toy.released(course), "c": empty, "d": empty}
    assert similar_pairs(work, toy.released(course)) == []
    assert similar_pairs({}, toy.released(course)) == []
    assert similar_pairs({"a": toy.released(course)}, toy.released(course)) == []


def test_half_done(topic: Material) -> None:
    half = solved_notebooks.submission(
        topic.released, topic.source, topic.tasks[: len(topic.tasks) // 2]
    )
    book = by_the_book(topic.source, topic.variants)
    work = {"a": half, "b": copy.deepcopy(half), "c": topic.released}
    assert compare(work.items(), topic.released, *book).pairs == []


def test_what_the_class_was_given_counts_for_nothing(course: toy.Course) -> None:
    released = with_cell(toy.released(course), FILTERS)
    work = {name: with_cell(toy.released(course), FILTERS) for name in ("ana", "ben")}
    assert found(work, released) == set()
    assert found(work, toy.released(course)) == {("ana", "ben")}


def test_what_most_of_the_class_wrote_counts_for_little(course: toy.Course) -> None:
    work = {f"s{n}": with_cell(toy.released(course), FILTERS) for n in range(30)}
    assert found(work, toy.released(course)) == set()


# Copies.


@pytest.mark.slow
def test_most_of_those_who_copy_half_are_named(topic: Material) -> None:
    rng, work, copied = random.Random(5), {}, set()
    for n in range(8):
        work[f"victim-{n}"] = honest.honest(topic, rng, diligence=1.0)
        work[f"copier-{n}"] = copiers.half(topic, copy.deepcopy(work[f"victim-{n}"]), rng)
        copied.add(frozenset((f"victim-{n}", f"copier-{n}")))
    work |= {f"student-{n:02}": honest.honest(topic, rng) for n in range(44)}
    pairs = compare(work.items(), topic.released, *by_the_book(topic.source, topic.variants)).pairs
    named = {frozenset((pair.first, pair.second)) for pair in pairs}
    assert named <= copied
    assert len(named) >= 6


def test_one_task_alike_does_not_accuse_however_long_it_is() -> None:
    def work(*bits: float) -> Work:
        cells = [OwnCell(f"task-{n}", "code", "", frozenset()) for n, _ in enumerate(bits)]
        pieces = [Piece(n, "", (), ()) for n, _ in enumerate(bits)]
        weighed = [Weighed(np.array([each]), np.array([0])) for each in bits]
        return Work(cells, pieces, weighed)

    def alike(*shared: float, own: float = 0.0) -> float:
        agreement = Agreement()
        for place, bits in enumerate(shared):
            agreement.add("code", (place, place), bits, {0}, {0})
        return comparing._tasks_alike(work(*(b + own for b in shared)), work(*shared), agreement)

    assert alike(90.0) == comparing.MOST_PER_TASK
    assert alike(90.0, 8.0, 30.0) == 2 * comparing.MOST_PER_TASK + 8.0
    assert alike(90.0, 8.0, 30.0, own=20.0) == 0.0


@pytest.mark.parametrize("text", [FILTERS, RENAMED])
def test_a_copy_is_found_with_its_cells_and_lines(course: toy.Course, text: str) -> None:
    work = toy_class(course, ben=FILTERS, dot=text)
    (pair,) = similar_pairs(work, toy.released(course))
    assert (pair.first, pair.second) == ("ben", "dot")
    assert pair.share > 0.95
    match = pair.cells[0]
    assert (match.first.cell, match.second.cell) == (OWN_CELL, OWN_CELL)
    assert (match.first.text, match.second.text) == (FILTERS, text)
    marked = [FILTERS.split("\n")[line] for line in match.first.lines]
    assert "    power = np.abs(np.fft.rfft(signal - np.mean(signal))) ** 2" in marked
    assert '    """Running median, edges kept."""' not in marked
    others = [text.split("\n")[line] for line in match.second.lines]
    assert not [line for line in others if "print(" in line or "# my own" in line]


def test_the_cell_is_named_by_its_task(course: toy.Course) -> None:
    work = toy_class(course)
    for name, text in (("ana", FILTERS), ("cy", RENAMED)):
        toy.cell(work[name], "half").source = text
    (pair,) = similar_pairs(work, toy.released(course))
    assert [(match.first.cell, match.second.cell) for match in pair.cells] == [("half", "half")]


def test_functions_put_into_cells_of_their_own(course: toy.Course) -> None:
    work = toy_class(course, ana=FILTERS)
    for part in reversed(RENAMED.split("\n\n")):
        with_cell(work["ben"], part)
    (pair,) = similar_pairs(work, toy.released(course))
    assert len(pair.cells) == 3
    assert pair.share > 0.9


def test_half_of_a_work_is_half_a_share(course: toy.Course) -> None:
    _, second, third = FILTERS.split("\n\n\n")
    own = "def mine(q):\n    return [q.pop() ** 3 % 7 if q[0] else {q[-1]: ~q[1]} for _ in q]\n"
    more = (
        "class Bag(dict):\n    def fill(self, n):\n        self.update({k: k << n for k in self})"
    )
    work = toy_class(course, ana=FILTERS, ben=f"{second}\n\n{third}\n\n{own}\n\n{more}")
    (pair,) = similar_pairs(work, toy.released(course))
    assert 0.5 < pair.share < 1


def test_an_answer_in_words(course: toy.Course) -> None:
    work = toy_class(course)
    for name, text in (("ana", ESSAY), ("dot", ESSAY.replace("a", "A") + " Well.")):
        toy.cell(work[name], "explain").source = text
    (pair,) = similar_pairs(work, toy.released(course))
    assert (pair.first, pair.second) == ("ana", "dot")
    assert (pair.cells[0].first.cell, pair.cells[0].first.cell_type) == ("explain", "markdown")


def test_three_who_share_one_text_are_three_pairs(course: toy.Course) -> None:
    work = toy_class(course, ana=FILTERS, ben=RENAMED, cy=FILTERS)
    work |= {f"s{number}": toy.released(course) for number in range(12)}
    pairs = similar_pairs(work, toy.released(course))
    assert [pair.share for pair in pairs] == sorted((pair.share for pair in pairs), reverse=True)
    assert found(work, toy.released(course)) == {("ana", "ben"), ("ana", "cy"), ("ben", "cy")}


def test_the_same_class_in_another_order_gives_the_same_pairs(course: toy.Course) -> None:
    work = toy_class(course, ana=FILTERS, ben=RENAMED, cy=FILTERS)
    turned = dict(reversed(work.items()))
    released = toy.released(course)
    assert similar_pairs(work, released) == similar_pairs(turned, released)


def test_copies_with_faulty_lines_and_magics_are_found(course: toy.Course) -> None:
    faulty = "%matplotlib inline\n" + RENAMED.replace("    res = []", "    res = [\n    ?? what")
    work = toy_class(course, ana=FILTERS, ben=faulty)
    assert found(work, toy.released(course)) == {("ana", "ben")}


def test_no_more_pairs_than_a_person_looks_at(course: toy.Course) -> None:
    rng = random.Random(1)
    work = {}
    for number in range(MOST_PAIRS + 5):
        text = "\n".join(
            f"v{k} = {rng.random()} * np.{rng.choice(['sin', 'cos', 'exp'])}({rng.random()})"
            for k in range(20)
        )
        for twin in "ab":
            work[f"{number:03}{twin}"] = with_cell(toy.released(course), text)
    assert len(similar_pairs(work, toy.released(course))) == MOST_PAIRS


# Work that is hostile, or broken.


def deep(text: str) -> str:
    return f"x = {'-' * 9_000}1\ny = {'(' * 9_000}\n{text}"


HOSTILE: dict[str, Callable[[NotebookNode], object]] = {
    "50 MB of code": lambda nb: with_cell(nb, "x = [x, 1]\n" * 5_000_000),
    "a line of 10 MB": lambda nb: with_cell(nb, "y = " + "1 + " * 2_500_000 + "1"),
    "10 000 cells": lambda nb: [with_cell(nb, f"z{n} = {n} ** 2") for n in range(10_000)],
    "null bytes": lambda nb: with_cell(nb, "a = 1\0\0\nb = '\0'"),
    "nested": lambda nb: with_cell(nb, deep("")),
    "numbers": lambda nb: with_cell(nb, f"a = {'9' * 6_000}\nb = 0x{'f' * 6_000}\nc = 1e999"),
    "surrogates": lambda nb: with_cell(nb, "s = '\ud800'\nŷ = '\U0010ffff'", "markdown"),
    "metadata": lambda nb: [cell.metadata.update(nbgrader=[1]) for cell in nb.cells],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_work_does_not_hide_others(course: toy.Course, kind: str) -> None:
    work = toy_class(course, ana=FILTERS, ben=RENAMED)
    HOSTILE[kind](work["cy"])
    result = compare(work.items(), toy.released(course))
    assert {(pair.first, pair.second) for pair in result.pairs} == {("ana", "ben")}
    whole = kind in {"null bytes", "surrogates", "metadata"}
    assert list(result.remarks) == ([] if whole else ["cy"])


def in_cells(*parts: str) -> Callable[[NotebookNode], object]:
    """Return what adds cells."""
    return lambda nb: [with_cell(nb, part) for part in parts]


def between(text: str, junk: str) -> str:
    """Put a statement before each of the others."""
    found = []
    for line in text.split("\n"):
        body = line.lstrip()
        starts = body.startswith(("half", "out", "above", "found", "power", "best", "total"))
        found += [line[: len(line) - len(body)] + junk] if starts else []
        found.append(line)
    return "\n".join(found)


def indented(text: str, by: str = "    ") -> str:
    return "\n".join(by + line if line else line for line in text.split("\n"))


DEEP_ARMS = "\n".join(["if 0:\n    1", *["elif 0:\n    1"] * 700])
HIDDEN: dict[str, Callable[[NotebookNode], object]] = {
    "magics above": in_cells("%pwd\n" * 60 + FILTERS),
    "shell commands above": in_cells("!true (\n" * 60 + FILTERS),
    "assigned magics within": in_cells(between(FILTERS, "here = %pwd")),
    "shell commands within": in_cells(between(FILTERS, "!echo 'half")),
    "help within": in_cells(between(FILTERS, "np.abs?")),
    "cell magics above": in_cells("%%time\n%%capture\n" + FILTERS),
    "a file that is written and run": in_cells(f"%%writefile a.py\n{FILTERS}", "%run a.py"),
    "timed": in_cells(FILTERS + "\n%time crossings([1, 2])\n" * 20),
    "signs below": in_cells(f"{FILTERS}\n_ = {'-' * 7000}1"),
    "signs within": in_cells(between(FILTERS, f"_ = {'-' * 900}1")),
    "a sum below": in_cells(f"{FILTERS}\n_ = 0{'+1' * 5000}"),
    "a deep sum over lines": in_cells(f"{FILTERS}\n_ = (0" + "\n+1" * 5000 + ")"),
    "calls of calls": in_cells(f"{FILTERS}\n_ = str{'.upper().lower()' * 700}"),
    "brackets above": in_cells(f"_ = {'[' * 150}{']' * 150}\n{FILTERS}"),
    "lambdas above": in_cells(f"_ = {'lambda: ' * 1500}1\n{FILTERS}"),
    "arms above": in_cells(f"{DEEP_ARMS}\n{FILTERS}"),
    "arms within": in_cells(f"def all_of_it():\n{indented(DEEP_ARMS)}\n{indented(FILTERS)}"),
    "a comment of any length": in_cells(f"#{' ' * 30_000}\n{FILTERS}"),
    "a text of any length": in_cells('"' * 3 + "so " * 10_000 + '"' * 3 + f"\n{FILTERS}"),
    "blank lines": in_cells("\n" * 30_000 + FILTERS),
    "comments": in_cells("# a word more\n" * 3_000 + FILTERS),
    "exec": in_cells(f"exec({FILTERS!r})"),
    "exec of lines": in_cells(f"exec('\\n'.join({FILTERS.split(chr(10))!r}))"),
    "exec of a sum": in_cells(f"exec({FILTERS[:300]!r} + {FILTERS[300:]!r})"),
    "exec of bytes by a name": in_cells(f"text = {FILTERS.encode()!r}\nexec(text)"),
    "exec within exec": in_cells(f"exec({f'exec({FILTERS!r})'!r})"),
    "compile": in_cells(f"exec(compile({FILTERS!r}, 'a', 'exec'))"),
    "run_cell": in_cells(f"get_ipython().run_cell({FILTERS!r})"),
    "a cell magic's text": in_cells(f"get_ipython().run_cell_magic('time', '', {FILTERS!r})"),
    "a docstring that is run": in_cells(f"def f():\n    {FILTERS!r}\nexec(f.__doc__)"),
    "a function around it": in_cells(f"def all_of_it():\n{indented(FILTERS)}\n    return smooth"),
    "an if around it": in_cells(f"if True:\n{indented(FILTERS)}"),
    "dead code between": in_cells(between(FILTERS, "if 0: unused = 1")),
    "lines that go on": in_cells(FILTERS.replace(" = ", " = \\\n        ").replace("=\\", "= \\")),
    "letters that are others": in_cells(
        FILTERS.replace("power", "ｐｏｗｅｒ").replace("np", "ｎｐ")
    ),
    "a cell for each function": in_cells(*FILTERS.split("\n\n\n")),
    "a cell of words": lambda nb: with_cell(nb, f"```python\n{FILTERS}```", "markdown"),
    "a cell that is no code cell": lambda nb: with_cell(nb, FILTERS, "raw"),
    "locked": lambda nb: (
        with_cell(nb, FILTERS)
        .cells[-1]
        .metadata.update(
            nbgrader={"grade_id": "mine", "locked": True, "solution": False, "grade": False}
        )
    ),
    "many cells above": lambda nb: (
        nb.cells.__setitem__(
            slice(0, 0), [nbformat.v4.new_code_cell(f"here = {n}") for n in range(390)]
        )
        or with_cell(nb, FILTERS)
    ),
}


@pytest.fixture(scope="module")
def small(made: toy.Course) -> tuple[dict[str, NotebookNode], NotebookNode]:
    return toy_class(made, ana=FILTERS), toy.released(made)


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_copy_is_found_however_it_is_hidden(
    small: tuple[dict[str, NotebookNode], NotebookNode], kind: str
) -> None:
    work, released = copy.deepcopy(small)
    HIDDEN[kind](work["ben"])
    assert found(work, released) == {("ana", "ben")}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "import base64\nexec(base64.b64decode('eCA9IDE='))",
            "runs code that is not in it",
        ),
        ("eval(input())", "runs code that is not in it"),
        (f"a = 1\n_ = {'-' * 7000}1", "compared without line 2"),
        (f"_ = {'-' * 7000}1", "is not compared"),
        ("b = 2\nso this is no code at all", "compared without line 2"),
        ("\n".join(f"c{n} = {n} * 2 - {n}" for n in range(4_000)), "Cut: a cell of their own"),
    ],
)
def test_what_is_not_compared_is_named(course: toy.Course, cell: str, said: str) -> None:
    work = toy_class(course, ben=cell)
    result = compare(work.items(), toy.released(course))
    assert list(result.remarks) == ["ben"]
    (remark,) = result.remarks["ben"]
    assert said in remark
    assert "a cell of their own" in remark
    toy.cell(work["ben"], "half").source = cell
    assert "half" in " ".join(compare(work.items(), toy.released(course)).remarks["ben"])


@pytest.mark.parametrize(
    "cell",
    ["%time sum([1])\n!ls", "%%bash\nls *.py | wc -l && echo done", "eval('1 + 1')", "x = 1\nx?"],
)
def test_what_honest_students_do_is_no_remark(course: toy.Course, cell: str) -> None:
    work = toy_class(course, ben=cell)
    assert compare(work.items(), toy.released(course)).remarks == {}


@pytest.mark.slow
def test_work_that_takes_too_long_costs_nobody_else(
    course: toy.Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Bounded(cpu_s=1.0)
    monkeypatch.setattr(comparing, "shared", lambda: slow)
    monkeypatch.setattr(comparing.working, "read", reading_for_ever)
    work = toy_class(course, ana=FILTERS, ben=FILTERS, cy="for_ever")
    result = compare(work.items(), toy.released(course))
    slow.close()
    assert [(pair.first, pair.second) for pair in result.pairs] == [("ana", "ben")]
    assert result.remarks == {"cy": ["not compared: it takes more than 1 s of processor time"]}


READ = comparing.working.read


def reading_for_ever(cells, names):
    while any(cell.text == "for_ever" for cell in cells):
        pass
    return READ(cells, names)


@pytest.mark.slow
def test_too_much_is_compared_in_part_and_said(course: toy.Course) -> None:
    work = toy_class(course, ana=FILTERS, ben=RENAMED)
    for name in ("ana", "ben"):
        for number in range(20):
            with_cell(work[name], f"{name}{number} = [{'1, ' * 6_300}]")
    result = compare(work.items(), toy.released(course))
    assert result.pairs
    assert str(MOST_IN_ALL) in result.remarks["ana"][0]


@pytest.mark.slow
def test_work_that_repeats_itself_is_compared_too(course: toy.Course) -> None:
    many = "\n".join(f"def f{n}(a): return [a, a + 1, a * 2, {{a: 3}}]" for n in range(400))
    work = toy_class(course, ana=FILTERS, ben=RENAMED)
    for name in ("cy", "dot"):
        for _ in range(20):
            with_cell(work[name], many)
    assert ("ana", "ben") in found(work, toy.released(course))


# A course's class.


def test_a_class_is_read_as_grading_reads_it(course: toy.Course) -> None:
    work = toy_class(course, ana=FILTERS, ben=RENAMED)
    for name in ("ana", "cy"):
        toy.hand_in(course.submitted_dir, name, work[name])
    renamed = toy.hand_in(course.submitted_dir, "ben", work["ben"])
    renamed.rename(renamed.with_name("final version (2).ipynb"))
    toy.hand_in(course.submitted_dir, "dot", "not a notebook")
    result = of_class(course, toy.TOPIC)
    assert [(pair.first, pair.second) for pair in result.pairs] == [("ana", "ben")]
    assert list(result.remarks) == ["dot"]
    assert "not compared: toy.ipynb is not JSON" in result.remarks["dot"][0]


def test_nothing_of_a_class_is_run(course: toy.Course, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    work = toy_class(course, ana=f"open({str(trap)!r}, 'w')", ben=f"open({str(trap)!r}, 'w')")
    for name, notebook in work.items():
        toy.hand_in(course.submitted_dir, name, notebook)
    of_class(course, toy.TOPIC)
    assert not trap.exists()


def test_stripped_metadata_does_not_hide_a_copy(course: toy.Course) -> None:
    for name, text in (("ana", FILTERS), ("ben", RENAMED), ("cy", "pass")):
        work = toy.solved(course, {"half": text})
        for cell in work.cells if name == "ben" else []:
            cell.metadata.pop("nbgrader", None)
        toy.hand_in(course.submitted_dir, name, work)
    (pair,) = of_class(course, toy.TOPIC).pairs
    assert (pair.first, pair.second) == ("ana", "ben")


def test_a_course_without_the_topics_text_is_compared_too(course: toy.Course) -> None:
    for name, text in (("ana", FILTERS), ("ben", RENAMED), ("cy", "pass")):
        toy.hand_in(course.submitted_dir, name, toy.solved(course, {"half": text}))
    (course.topic_path(toy.TOPIC).parent / "variants.py").unlink()
    assert len(of_class(course, toy.TOPIC).pairs) == 1
    course.topic_path(toy.TOPIC).unlink()
    assert len(of_class(course, toy.TOPIC).pairs) == 1


def test_an_unknown_topic_and_no_pile(course: toy.Course) -> None:
    with pytest.raises(AutograderError, match="no folder of submissions"):
        of_class(course, toy.TOPIC)
    toy.hand_in(course.submitted_dir, "ana", toy.released(course))
    with pytest.raises(AutograderError, match="autograder release nothing"):
        of_class(course, "nothing")
