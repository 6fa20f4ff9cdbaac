"""The class report: what it says of a class, and that nothing a student wrote can break it."""

import copy
import errno
import math
import os
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from autograder import cli, similarity
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Job
from autograder.grading.grade import grade
from autograder.remarks import Kind, Remark
from autograder.report import figures, report
from autograder.report.gather import Answer, Result, Results, State, Work, gather
from autograder.report.items import Verdict, analyse, correlation
from autograder.report.page import Section
from autograder.report.similar import Similar
from autograder.similarity import Comparison, Excerpt, Match, Pair
from nnkit.record import RECORD_TYPE as RECORD
from tests.support import toy_course as toy

HOSTILE = "<script>alert(1)<!-- & \"q\" 'x'"
MARKUP = "It looks like <img src=x onerror=alert(1)>."


class Decided:
    """An engine that runs nothing: it is decided beforehand what each student's tests say.

    ``failures`` holds, by student and test, a diagnosis, "wrong" or "unwritten".
    """

    sandbox = "required"

    def __init__(self, failures: Mapping[str, Mapping[str, str]], **noted: object) -> None:
        self.failures = failures
        self.noted = {"cpu_s": 0.5, **noted}

    def examine(self, job: Job) -> ExamResult:
        notebook = copy.deepcopy(job.notebook)
        for name, how in self.failures.get(job.student, {}).items():
            toy.cell(notebook, f"test-{name}").outputs = failure(how)
        return ExamResult(notebook, **self.noted)


def failure(how: str) -> list[nbformat.NotebookNode]:
    """Return the outputs of a test that fails."""
    name = "NotImplementedError" if how == "unwritten" else "CheckFailed"
    error = nbformat.v4.new_output("error", ename=name, evalue="", traceback=[])
    if how in ("unwritten", "wrong"):
        return [error]
    about = {"check": "close", "what": "x", "passed": False, "diagnosis": how, "because": MARKUP}
    return [nbformat.v4.new_output("display_data", data={RECORD: about}), error]


def graded(course: Course, failures: Mapping[str, Mapping[str, str]], **noted: object) -> Course:
    """Let the named students hand in, and grade them as decided."""
    for student in failures:
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    run(course, Decided(failures, **noted))
    return course


def run(course: Course, engine: Decided) -> None:
    grade(course, [toy.TOPIC], engine=engine, jobs=1, make_executor=ThreadPoolExecutor)


def results(course: Course) -> Results:
    (found,) = gather(course, [toy.TOPIC])
    return found


def made(course: Course, *topics: str, out: Path | None = None) -> str:
    path, _ = report(course, topics or [toy.TOPIC], out)
    return path.read_text("utf-8")


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, attribute: str) -> list[str]:
        return [
            attrs[attribute] or ""
            for name, attrs in self.tags
            if name == tag and attribute in attrs
        ]


# What remarks tell -------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_kinds_of_what_grading_says(course: Course) -> None:
    """Each is made where grading notices something."""
    expected: dict[str, Kind] = {}

    def hand_in(student: str, kind: Kind, notebook: nbformat.NotebookNode | str) -> Path:
        expected[student] = kind
        return toy.hand_in(course.submitted_dir, student, notebook)

    def changed(**about: object) -> nbformat.NotebookNode:
        notebook = toy.solved(course, toy.RIGHT)
        toy.cell(notebook, "test-half").metadata["nbgrader"].update(about)
        return notebook

    hand_in("points", Kind.TAMPERED, changed(points=30))
    hand_in("unlocked", Kind.TAMPERED, changed(locked=False))
    hand_in("renamed", Kind.TAMPERED, changed(grade_id="test-other"))
    notebook = toy.solved(course, toy.RIGHT)
    toy.cell(notebook, "test-half").metadata["tags"] = ["skip-execution"]
    hand_in("skipped", Kind.TAMPERED, notebook)
    hand_in("edited", Kind.TAMPERED, toy.solved(course, {"test-half": "pass"}))
    hand_in("given", Kind.REPAIRED, toy.solved(course, {"given-setup": "import nothing"}))
    for name in ("test-half", "half", "explain", "given-setup"):
        notebook = toy.solved(course, {})
        notebook.cells.remove(toy.cell(notebook, name))
        hand_in(f"without {name}", Kind.REPAIRED, notebook)
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.append(toy.cell(notebook, "double"))
    hand_in("twice", Kind.REPAIRED, notebook)
    notebook = toy.solved(course, toy.RIGHT)
    notebook.cells.reverse()
    hand_in("moved", Kind.REPAIRED, notebook)
    hand_in("cut", Kind.UNGRADED, nbformat.writes(toy.released(course))[:99])
    hand_in("marked", Kind.REPAIRED, "\ufeff" + nbformat.writes(toy.released(course)))
    path = hand_in("other name", Kind.REPAIRED, toy.released(course))
    path.rename(path.with_name("mine.ipynb"))
    path = hand_in("linked", Kind.TAMPERED, toy.released(course))
    path.with_name("passwords").symlink_to("/etc/passwd")
    run(course, Decided({}))
    kinds = {work.student: {each.kind for each in work.remarks} for work in results(course).works}
    assert kinds == {student: {kind} for student, kind in expected.items()}


# What is gathered --------------------------------------------------------------------------------


def test_what_came_of_each_test(course: Course) -> None:
    graded(
        course, {"ana": {}, "ben": {"double": "sign", "half": "unwritten", "double-zero": "wrong"}}
    )
    found = results(course)
    assert list(found.tests.items()) == [("double", 2.0), ("double-zero", 1.0), ("half", 3.0)]
    assert found.tasks == {"double": "double", "double-zero": "double", "half": "half"}
    ana, ben = found.works
    assert {result.state for result in ana.tests.values()} == {State.RIGHT}
    assert ben.tests["double"] == Result(0.0, 2.0, State.NAMED, "sign", MARKUP)
    assert ben.tests["double-zero"].state is State.WRONG
    assert ben.tests["half"].state is State.UNWRITTEN
    assert (ana.cpu_s, ana.sandbox, ana.unread) == (0.5, "required", "")


def test_scores_are_those_of_the_gradebook(course: Course) -> None:
    graded(course, {"ana": {}, "ben": {"double": "wrong"}, "cem": {"half": "wrong"}})
    found = results(course)
    assert (found.waiting, found.counts_answers, found.most) == (3, False, 6.0)
    assert found.scores == [6.0, 4.0, 3.0]
    with course.gradebook() as gradebook:
        for place, student in enumerate(("ana", "ben", "cem")):
            notebook = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, student)
            for grade_ in notebook.grades:
                if grade_.name == "explain":
                    grade_.manual_score, grade_.needs_manual_grade = float(place), False
                    grade_.extra_credit = 0.5
            notebook.late_submission_penalty = 1.0
        gradebook.find_grade("test-half", toy.TOPIC, toy.TOPIC, "cem").manual_score = 3.0
        gradebook.db.commit()
        counted = [
            gradebook.find_submission(toy.TOPIC, s).score - 1.0 for s in ("ana", "ben", "cem")
        ]
    found = results(course)
    assert (found.waiting, found.counts_answers, found.most) == (0, True, 8.0)
    assert found.scores == counted == [5.5, 4.5, 7.5]
    assert found.works[2].tests["half"].state is State.RIGHT


def test_who_is_in_the_class(course: Course) -> None:
    graded(course, {"ana": {}})
    toy.hand_in(course.submitted_dir, "late", toy.released(course))
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student("gone")
    found = results(course)
    assert ([w.student for w in found.works], found.ungraded, found.absent) == (
        ["ana"],
        ["late"],
        ["gone"],
    )
    page = Page(made(course)).text
    assert "1 submission is handed in and not graded yet: autograder grade toy" in page
    assert "Not handed in: gone" in page


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"metadata": [], "cells": []}', b'{"cells": 3}', None]
)
def test_a_notebook_that_cannot_be_read_is_listed(course: Course, content: bytes | None) -> None:
    graded(course, {"ana": {}, "ben": {"half": "sign"}})
    path = course.autograded_dir / "ben" / toy.TOPIC / "toy.ipynb"
    path.unlink() if content is None else path.write_bytes(content)
    ben = results(course).works[1]
    assert ben.unread.startswith("toy.ipynb ")
    assert ben.score(answers=False) == 3.0
    page = Page(made(course)).text
    assert f"ben : {ben.unread}" in page


# Item analysis -----------------------------------------------------------------------------------


def test_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 2, 40).astype(float)
    second = first + rng.normal(size=40)
    r, low, high = correlation(first.tolist(), second.tolist())
    assert math.isclose(r, np.corrcoef(first, second)[0, 1])
    half = 1.959964 / math.sqrt(37)
    assert np.allclose(np.arctanh([low, high]), np.arctanh(r) + np.array([-half, half]))
    assert correlation([1.0] * 9, list(range(9))) == (None, None, None)
    assert correlation([1.0], [1.0]) == (None, None, None)
    assert correlation(list(range(9)), list(range(9)))[0] == pytest.approx(1.0)


def a_class(*columns: list[int], unwritten: int = 0) -> Results:
    """Return a class whose students have 0 or 1 point in each task, and some wrote nothing."""
    names = [f"task-{place}" for place in range(len(columns))]
    rows = list(zip(*columns, strict=True))
    works = [
        Work(f"s{n}", {
            name: Result(float(point), 1.0, State.RIGHT if point else State.WRONG)
            for name, point in zip(names, row, strict=True)
        })
        for n, row in enumerate(rows)
    ]  # fmt: skip
    nothing = {name: Result(0.0, 1.0, State.UNWRITTEN) for name in names}
    works += [Work(f"u{n}", dict(nothing)) for n in range(unwritten)]
    return Results("made-up", {name: 1.0 for name in names}, works=works)


def test_tasks_that_separate_and_tasks_that_do_not() -> None:
    rng = np.random.default_rng(2)
    strong = np.arange(200) % 2
    follow = [np.where(rng.random(200) < 0.15, 1 - strong, strong) for _ in range(4)]
    columns = [*follow, rng.integers(0, 2, 200), 1 - follow[0], np.ones(200, int)]
    items = analyse(a_class(*(column.tolist() for column in columns)))
    assert [item.verdict for item in items] == [
        *[Verdict.SEPARATES] * 4,
        Verdict.DOES_NOT,
        Verdict.AGAINST,
        Verdict.ALL_ALIKE,
    ]
    assert items[6].r is None
    assert items[6].share == 1.0


def test_nothing_is_said_of_a_small_class() -> None:
    column = [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert {i.verdict for i in analyse(a_class(column, column, column))} == {Verdict.UNCLEAR}
    ten = [*column, 1]
    assert {i.verdict for i in analyse(a_class(ten, ten, ten))} == {Verdict.SEPARATES}
    two_wrong = [0, 0, *[1] * 30]
    assert {i.verdict for i in analyse(a_class(two_wrong, two_wrong))} == {Verdict.UNCLEAR}


def test_those_who_wrote_nothing_do_not_make_tasks_separate() -> None:
    rng = np.random.default_rng(3)
    columns = [rng.integers(0, 2, 100).tolist() for _ in range(5)]
    items = analyse(a_class(*columns, unwritten=60))
    assert Verdict.SEPARATES not in {item.verdict for item in items}
    assert all(item.counts[State.UNWRITTEN] == 60 for item in items)


# The page ----------------------------------------------------------------------------------------


def test_a_class_with_variety(course: Course) -> None:
    failures = {"ana": {}, "ben": {"double": "sign"}, "cem": {"double": "sign", "half": "wrong"}}
    page = Page(made(graded(course, {**failures, "dan": {"half": "unwritten"}})))
    text = page.text
    for sentence in (
        "in the class 4 handed in 4 median of 6 3.5 need a person 0",
        "Half of the class has 3.5 or more of 6 points",
        "Hardest: double and half (50 % right)",
        "Most frequent: sign in double, 2 students of 4",
        f"sign in double, 2 students: {MARKUP} For example ben , cem .",
        "4 answers wait for a person in explain",
        "Common misconceptions, to explain to the whole class: sign in double.",
        "Too few students to say",
    ):
        assert sentence in text.replace("\N{NO-BREAK SPACE}", " ")
    alternatives = page.all("img", "alt")
    assert len(alternatives) == 4
    assert "double: 2 right, 2 wrong, likely cause known" in alternatives[1]


def test_nothing_that_a_student_wrote_is_markup(course: Course) -> None:
    failures = {HOSTILE: {"double": "<b>"}, "a": {"double": "<b>"}, "javascript:alert(1)": {}}
    text = made(graded(course, failures, remarks=(Remark("<i>it</i> was slow"),)))
    page = Page(text)
    assert {"script", "i", "!--"}.isdisjoint(tag for tag, _ in page.tags)
    assert [tag for tag, _ in page.tags].count("img") == len(page.all("img", "alt")) == 4
    assert HOSTILE in page.text
    assert "<i>it</i> was slow" in page.text
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    addresses = page.all("a", "href") + page.all("img", "src")
    assert all(a.startswith(("#", "../", "data:image/svg+xml;base64,")) for a in addresses)
    policy = page.all("meta", "content")[0]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.slow
def test_links_lead_to_files_that_are_there(course: Course, tmp_path: Path) -> None:
    names = {HOSTILE: {"double": "sign"}, "A [B] 100%?#x": {"double": "sign"}, "ben": {}}
    graded(course, names)
    given = course.feedback_dir / "ben" / toy.TOPIC / "toy.html"
    given.parent.mkdir(parents=True)
    given.write_text("<p>", encoding="utf-8")
    for out in (None, tmp_path / "else where" / "page.html", course.feedback_dir / "x.html"):
        path, _ = report(course, [toy.TOPIC], out)
        page = Page(path.read_text("utf-8"))
        links = [a for a in page.all("a", "href") if not a.startswith("#")]
        assert len(links) == 2 * 1 + 3 + 1 + 3  # examples, notebooks, a page, the slowest
        found = {(path.parent / unquote(a)).resolve() for a in links}
        assert all(target.is_file() for target in found)
        assert given.resolve() in found
        anchors = [a[1:] for a in page.all("a", "href") if a.startswith("#")]
        assert set(anchors) <= {i for tag, attrs in page.tags if (i := attrs.get("id"))}


@pytest.mark.slow
def test_the_same_class_gives_the_same_bytes(course: Course) -> None:
    graded(course, {"ana": {}, "ben": {"double": "sign"}, "cem": {"half": "wrong"}})
    path, _ = report(course, [toy.TOPIC])
    first = path.read_bytes()
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "none"}):
        report(course, [toy.TOPIC])
    assert path.read_bytes() == first
    assert b"20" + b"26-" not in first


@pytest.mark.parametrize(
    ("students", "how", "sentences"),
    [
        (0, "", ["No student has handed in yet", "in the class 0"]),
        (1, "", ["The one submission has 6 of 6 points", "Every task was solved by all",
                 "No test named a likely cause"]),
        (1, "wrong", ["The one submission has 0 of 6 points", "No task was solved by anyone"]),
        (5, "", ["All 5 submissions have 6 of 6 points"]),
        (5, "unwritten", ["All 5 submissions have 0 of 6 points", "No task was solved by anyone",
                          "No student solves half: is it too hard, or is its test wrong?"]),
        (5, "sign", ["Most frequent: sign in double, 5 students of 5"]),
    ],
)  # fmt: skip
def test_plain_classes(course: Course, students: int, how: str, sentences: list[str]) -> None:
    failed = {name: how for name in ("double", "double-zero", "half") if how}
    if students:
        graded(course, {f"s{number}": failed for number in range(students)})
    text = Page(made(course)).text
    for sentence in sentences:
        assert sentence in text


def test_submissions_that_need_a_person(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "cut", "{")
    toy.hand_in(course.submitted_dir, "edited", toy.solved(course, {"test-half": "pass"}))
    graded(course, {"ana": {}})
    text = Page(made(course)).text
    assert "need a person 2" in text
    assert "Could not be graded (1) cut : scored 0: toy.ipynb is not JSON" in text
    assert "looks like it (1) edited : cell 'test-half' had been edited" in text
    assert "Hardest" not in text  # what could not be graded says nothing of the tasks


def test_what_grading_took(course: Course) -> None:
    graded(course, {"ana": {}, "ben": {}}, cpu_s=1.25)
    text = Page(made(course)).text
    assert "Half of the submissions took 1.2 s of processor time or less, the most 1.2 s" in text
    assert "Grading has not recorded how much memory" in text
    section = Section.of(
        Results("x", {"a": 1.0}, works=[
            Work("small", {"a": Result(1.0, 1.0, State.RIGHT)}, peak_bytes=300 << 20),
            Work("large", {"a": Result(1.0, 1.0, State.RIGHT)}, peak_bytes=900 << 20),
        ]),
        Similar(),
    )  # fmt: skip
    assert section.pictures["memory"].title.endswith(
        "took 600 MB of memory or less, the most 900 MB"
    )
    assert [work.student for work in section.largest] == ["large", "small"]


@pytest.mark.slow
def test_several_topics_in_one_page(tmp_path: Path) -> None:
    root = tmp_path / "course"
    toy.make(root)
    shutil.copytree(root / "solutions" / "toy", root / "solutions" / "second")
    (root / "solutions" / "second" / "toy.py").rename(root / "solutions" / "second" / "second.py")
    course = Course.find(root=root)
    from autograder.topics.release import release

    release(course, ["second"])
    graded(course, {"ana": {}, "ben": {"half": "wrong"}})
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT, "second"), "second")
    grade(course, ["second"], engine=Decided({}), jobs=1, make_executor=ThreadPoolExecutor)
    path, found = report(course, ["toy", "second", "toy"])
    assert path == course.root / "report" / "class.html"
    page = Page(path.read_text("utf-8"))
    assert list(found) == ["toy", "second"]
    assert page.all("a", "href")[:2] == ["#toy", "#second"]
    assert "Lowest median: toy, 75 % of the points" in page.text
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_an_empty_question_is_no_question_that_waits() -> None:
    work = Work("a", answers={"why": Answer(0.0, 2.0, False)})
    assert Results("x", answers={"why": 2.0}, works=[work]).counts_answers


@pytest.mark.slow
def test_no_picture_cuts_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is drawn lies within its picture, however long the names are."""
    outside: list[str] = []
    save = Figure.savefig

    def measured(figure: Figure, *arguments: object, **options: object) -> None:
        save(figure, *arguments, **options)
        mpl.rcParams["text.hinting"] = "none"  # SVG knows no pixels
        box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        if min(box.x0, box.y0) < -0.001 or box.x1 > width + 0.001 or box.y1 > height + 0.001:
            outside.append(f"{box} of {width} by {height}")

    monkeypatch.setattr(Figure, "savefig", measured)
    rng = np.random.default_rng(4)
    for tasks in (1, 4, 30):
        columns = [rng.integers(0, 2, 40).tolist() for _ in range(tasks)]
        found = a_class(*columns, unwritten=3)
        long = {name: f"{name}-$with$-a-name-that-is-long-enough" for name in found.tests}
        found.tests = {long[name]: points for name, points in found.tests.items()}
        for number, work in enumerate(found.works):
            work.cpu_s, work.peak_bytes = 0.01 * 1.5**number, (500 + number) << 20
            work.tests = {long[name]: result for name, result in work.tests.items()}
            for name, result in work.tests.items():
                if result.state is State.WRONG:
                    said = f"a-diagnosis-with-a-long-name-{number % 9}"
                    work.tests[name] = replace(result, state=State.NAMED, diagnosis=said)
        section = Section.of(found, Similar())
        assert None not in section.pictures.values() or tasks == 1
        figures.overview([found, replace(found, topic="a-topic-with-a-rather-long-name")])
    assert outside == []


# Similar work ------------------------------------------------------------------------------------


def compared(monkeypatch: pytest.MonkeyPatch, *pairs: Pair, **remarks: list[str]) -> None:
    """Let the comparison find these pairs."""
    found = Comparison(list(pairs), remarks)
    monkeypatch.setattr(similarity, "of_class", lambda *_: found)


def excerpt(text: str, *lines: int) -> Excerpt:
    return Excerpt("double", "code", text, lines)


def test_similar_pairs_are_shown_side_by_side(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = excerpt("def f(x):\n    y = <b>\n    return y", 1)
    second = excerpt("\n".join(["#"] * 20 + ["    z = <b>"]), 20)
    pair = Pair(HOSTILE, "ben", 0.87, 50.0, (Match(first, second, 50.0),))
    compared(monkeypatch, pair, cem=["only a part was compared"])
    text = made(graded(course, {HOSTILE: {}, "ben": {}}))
    page = Page(text)
    assert "1 pair of submissions is much alike" in page.text
    assert "share 87\N{NO-BREAK SPACE}%" in "".join(page.words)
    assert re.findall(r"<mark>(.*)", text) == ["    y = &lt;b&gt;", "    z = &lt;b&gt;"]
    assert text.count("⋯") == 1
    assert "need a person 2" in page.text
    assert "cem : only a part was compared" in page.text


@pytest.mark.slow
def test_many_pairs_do_not_drown_the_page(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    long = excerpt("\n".join(["x = 1"] * 5000), *range(5000))
    match = Match(long, long, 1.0)
    compared(monkeypatch, *(Pair("ana", f"b{n}", 1.0, 9.0, (match,) * 20) for n in range(40)))
    text = made(graded(course, {"ana": {}, "ben": {}}))
    assert text.count('<details class="pair"') == 12
    assert text.count("<mark>") == 12 * 6 * 2 * 60
    assert "Further pairs: ana and b12 ;" in Page(text).text


def test_copies_are_found(course: Course) -> None:
    """The comparison itself, from the submissions to the page."""
    lines = [f"    y = y + {n} * x ** {n % 7} - (x - {n}) / {n + 2}" for n in range(30)]
    answer = "\n".join(["def double(x):", "    y = 2 * x", *lines, "    return y"])
    for student, text in (("ana", answer), ("ben", answer.replace("y", "total"))):
        solved = toy.solved(course, {**toy.RIGHT, "double": text})
        toy.hand_in(course.submitted_dir, student, solved)
    toy.hand_in(course.submitted_dir, "cem", toy.solved(course, toy.RIGHT))
    run(course, Decided({}))
    text = Page(made(course)).text
    assert "1 pair of submissions is much alike" in text
    assert "ana and ben share" in text


@pytest.mark.parametrize("error", [ValueError("no tokens"), AutograderError("Release it first.")])
def test_a_comparison_that_fails_costs_only_its_section(
    course: Course, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(similarity, "of_class", fail)
    text = Page(made(graded(course, {"ana": {}, "ben": {}}))).text
    assert "Similar work was not compared" in text
    assert str(error) in text
    assert "All 2 submissions have 6 of 6 points" in text


# The command -------------------------------------------------------------------------------------


def command(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["report", *(str(argument) for argument in arguments)])
    return done.exit_code, done.output


@pytest.mark.slow
def test_the_command(course: Course, tmp_path: Path) -> None:
    import json

    graded(course, {"ana": {}, "ben": {"double": "sign"}})
    out, said = tmp_path / "new" / "page.html", tmp_path / "said.json"
    status, output = command("toy", "--course", course.root, "--out", out, "--json", said)
    assert (status, output) == (0, f"Reading toy …\nThe class report is {out}\n")
    found = json.loads(said.read_text("utf-8"))["toy"]
    assert (found["class"], found["median"], found["max"]) == (2, 5.0, 6.0)
    assert found["tasks"]["double"]["right"] == 1
    assert found["mistakes"][0]["students"] == ["ben"]
    assert command("toy", "--course", course.root)[0] == 0
    assert (course.root / "report" / "toy.html").is_file()


def test_what_can_be_mended_is_said(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, output = command("nonsense", "--course", course.root)
    assert status == 2
    assert "autograder release nonsense" in output
    status, output = command("toy", "--course", course.root, "--out", tmp_path)
    assert status == 2
    assert "is a folder: name a file in it with --out FILE" in output
    page = tmp_path / "page.html"
    page.write_text("of yesterday", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AutograderError, match=r"The report .*No space left on device.*--out"):
        report(course, [toy.TOPIC], page)
    assert page.read_text("utf-8") == "of yesterday"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["page.html"]
