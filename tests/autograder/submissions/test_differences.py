"""What editors, systems, merges and earlier releases do to a notebook accuses nobody."""

import copy
import json
import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback.pages import make_page
from autograder.gradebook import assignment
from autograder.remarks import Kind, Remark, texts
from autograder.report.advice import groups
from autograder.report.gather import gather
from autograder.submissions.repair import repair
from autograder.topics import releases
from autograder.topics.cell_text import same
from autograder.topics.release import release
from tests.support import toy_course as toy

EARLIER = re.compile(
    r"handed in (cells of )?an earlier release \(of [-\d]{10}\), graded with the present tests"
)
TEXT = toy.TEXT.replace("# %% task=", "# %% [markdown]\n# ## About {}\n\n# %% task=").replace(
    "# Why?\n#", "# Why is “café” so?\n#"
)


def text_with_headings() -> str:
    parts = TEXT.split("{}")
    return "".join(a + b for a, b in zip(parts, ["double", "half", ""], strict=True)).replace(
        "# %% [markdown] task=", "# %% [markdown]\n# ## In words\n\n# %% [markdown] task="
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Return a course whose topic has headings; released once, not to be changed."""
    root = tmp_path_factory.mktemp("told") / "course"
    toy.make(root)
    (root / "solutions" / "toy" / "toy.py").write_text(text_with_headings(), encoding="utf-8")
    # Nobody got the release without headings.
    shutil.rmtree(root / "assignments")
    shutil.rmtree(root / "releases")
    release(Course.find(root=root), [toy.TOPIC])
    return Course.find(root=root)


@pytest.fixture
def mended(told: Course, tmp_path: Path) -> Course:
    """Return a copy whose tests may be changed and released again."""
    shutil.copytree(told.root, tmp_path / "course")
    return Course.find(root=tmp_path / "course")


def change(course: Course, *changes: tuple[str, str]) -> None:
    path = course.root / "solutions" / "toy" / "toy.py"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    release(course, [toy.TOPIC])


MENDED = ('"double(3)", causes', '"twice 3", causes')
RAISED = ('test="half" points=3', 'test="half" points=4')


def said(course: Course, notebook: NotebookNode) -> list[Remark]:
    with course.gradebook() as gradebook:
        plan = assignment.load(gradebook, course, toy.TOPIC)
    return repair(notebook, plan)


def answered(course: Course, **answers: str) -> NotebookNode:
    return toy.solved(course, {**toy.RIGHT, **{k.replace("_", "-"): v for k, v in answers.items()}})


def ids(notebook: NotebookNode) -> list[str]:
    return [n for c in notebook.cells if (n := c.metadata.get("nbgrader", {}).get("grade_id"))]


# What is no difference ---------------------------------------------------------------------------


def each(how: Callable[[str], str]) -> Callable[[NotebookNode], NotebookNode]:
    def changed(notebook: NotebookNode) -> NotebookNode:
        for cell in notebook.cells:
            cell.source = how(cell.source)
        return notebook

    return changed


def mixed_line_ends(text: str) -> str:
    return text.replace("\n", "\r\n", 1)


def formatted(notebook: NotebookNode) -> NotebookNode:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace("checks.close(", "checks.close(\n        ")
            cell.source = cell.source.replace('"', "'") + "  # noqa"
    return notebook


def without_ids(notebook: NotebookNode) -> NotebookNode:
    for cell in notebook.cells:
        del cell["id"]
    notebook.nbformat_minor = 0
    return notebook


def by_jupytext(notebook: NotebookNode) -> NotebookNode:
    return jupytext.reads(jupytext.writes(notebook, "py:percent"), "py:percent")


def with_an_editors_metadata(notebook: NotebookNode) -> NotebookNode:
    for number, cell in enumerate(notebook.cells):
        cell.metadata |= {"id": f"x{number}", "colab": {"base_uri": "x"}, "pycharm": {"name": "#"}}
        cell.metadata.pop("tags", None)
    return notebook


def whole_points(notebook: NotebookNode) -> NotebookNode:
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if "points" in about:
            about["points"] = int(about["points"])
    return notebook


SAME = {
    "as released": each(lambda text: text),
    "Windows line ends": each(lambda text: text.replace("\n", "\r\n")),
    "old Mac's line ends": each(lambda text: text.replace("\n", "\r")),
    "mixed line ends": each(mixed_line_ends),
    "a last newline": each(lambda text: text + "\n"),
    "trailing blanks": each(lambda text: text.replace("\n", " \t\n") + "  "),
    "decomposed letters": each(lambda text: unicodedata.normalize("NFD", text)),
    "a byte-order mark": each(lambda text: "\ufeff" + text),
    "no-break spaces": each(lambda text: text.replace("Why is", "Why\u00a0is")),
    "a formatter": formatted,
    "no cell ids": without_ids,
    "jupytext": by_jupytext,
    "metadata of editors": with_an_editors_metadata,
    "points as whole numbers": whole_points,
}


@pytest.mark.parametrize("how", SAME)
def test_what_editors_change_is_no_difference(told: Course, how: str) -> None:
    assert said(told, SAME[how](answered(told))) == []


@pytest.mark.parametrize("how", SAME)
def test_an_untouched_answer_stays_untouched(told: Course, how: str) -> None:
    notebook = SAME[how](toy.released(told))
    assert said(told, notebook) == []
    assert toy.cell(notebook, "explain").source == toy.cell(toy.released(told), "explain").source


def test_texts_that_are_not_the_same() -> None:
    assert not same("x = 1", "x = 2", "code")
    assert not same("# a comment", "", "code")
    assert not same("x = 1  # one", "x = 1", "markdown")
    assert not same("if x:\n    y\nz", "if x:\n    y\n    z", "code")
    assert same("(" * 40_000, "(" * 40_000 + "\n", "code")
    assert not same("(" * 100_000, "[" * 100_000, "code")
    assert not same("%time x\n" * 6_000, "x", "code")


# What is a difference, and what is tampering -----------------------------------------------------

ZERO = 'checks.close(double(0), 0, "double(0)")'
TEST = 'checks.close(half(4), 2, "half(4)")'


@pytest.mark.parametrize(
    "text",
    [
        f"print(half(4))\n{TEST}",
        f"{TEST}\nhalf(4)",
        f"for number in range(3):\n    print(number)\n    {TEST}",
        f"{TEST}\nc",
        f"{TEST}\n)",
        f"<<<<<<< HEAD\n{TEST}\n=======\n{TEST}\n>>>>>>> theirs",
        "",
        f"# {TEST}",
    ],
    ids=["look", "look after", "loop", "a key", "no Python", "merge", "cleared", "commented out"],
)
def test_an_accident_in_a_test_is_a_difference(told: Course, text: str) -> None:
    (remark,) = said(told, answered(told, test_half=text))
    assert remark.text == "cell 'test-half' differs from the released one, which was used"
    assert remark.kind is Kind.REPAIRED


@pytest.mark.parametrize(
    "text",
    [
        "pass",
        TEST.replace("2", "half(4)"),
        "checks = print",
        f"if half(4) == 2:\n    {TEST.replace('close', 'finite')}",
        f'"""{TEST}"""',
    ],
)
def test_a_test_whose_statements_are_gone_is_tampered(told: Course, text: str) -> None:
    (remark,) = said(told, answered(told, test_half=text))
    assert remark.text == "cell 'test-half' had been edited; the released one was used"
    assert remark.kind is Kind.TAMPERED


def test_one_cause_is_told_in_one_sentence(told: Course) -> None:
    edits = dict.fromkeys(("test_half", "test_double", "test_double_zero"), "pass")
    (remark,) = said(told, answered(told, **edits))
    assert remark.text == (
        "3 tests had been edited ('test-double', 'test-double-zero', 'test-half'); "
        "the released ones were used"
    )
    notebook = answered(told)
    notebook.cells = [c for c in notebook.cells if not ids_of(c).startswith("test-")]
    (remark,) = said(told, notebook)
    assert remark.text.startswith("3 tests were missing and were put back")


def ids_of(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def about(notebook: NotebookNode) -> dict:
    return toy.cell(notebook, "test-half").metadata["nbgrader"]


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({"points": 30}, Kind.TAMPERED),
        ({"points": "30"}, Kind.TAMPERED),
        ({"points": 0}, Kind.REPAIRED),
        ({"points": [1]}, Kind.REPAIRED),
        ({"points": None}, Kind.DIFFERENCE),
        ({"locked": False}, Kind.TAMPERED),
        ({"solution": True}, Kind.TAMPERED),
        ({"grade": [1]}, Kind.TAMPERED),
        ({"grade_id": "test-other"}, Kind.TAMPERED),
    ],
    ids=str,
)
def test_changed_metadata(told: Course, metadata: dict, kind: Kind) -> None:
    notebook = answered(told)
    about(notebook).update(metadata)
    assert [remark.kind for remark in said(told, notebook)] == [kind]
    assert about(notebook)["points"] == 3.0


def test_a_test_that_was_split_is_joined(told: Course) -> None:
    notebook = answered(told)
    cell = toy.cell(notebook, "test-double")
    first, _, rest = cell.source.partition("\n")
    cell.source = first
    notebook.cells.insert(notebook.cells.index(cell) + 1, nbformat.v4.new_code_cell(rest))
    (remark,) = said(told, notebook)
    assert remark.text == "cell 'test-double' had been split; its parts were joined"
    assert len(notebook.cells) == len(toy.released(told).cells)
    cell.source = f"print(1)\n{first}"
    notebook.cells.insert(notebook.cells.index(cell) + 1, nbformat.v4.new_code_cell(rest))
    assert [remark.kind for remark in said(told, notebook)] == [Kind.REPAIRED]


def test_a_copy_of_a_test_that_was_changed_to_try_something(told: Course) -> None:
    notebook = answered(told)
    twin = copy.deepcopy(toy.cell(notebook, "test-half"))
    twin.id, twin.source = "twin", "half(9)"
    notebook.cells.append(twin)
    (remark,) = said(told, notebook)
    assert remark.text == "cell 'test-half' appears twice; the last that is as released counts"
    assert ids(notebook) == ids(toy.released(told))


@pytest.mark.parametrize("name", ["given-setup", "test-double-zero"])
def test_an_answer_that_was_joined_to_a_locked_cell_counts(told: Course, name: str) -> None:
    notebook = answered(told)
    below = toy.cell(notebook, {"given-setup": "double", "test-double-zero": "half"}[name])
    toy.cell(notebook, name).source += f"\n\n{below.source}"
    notebook.cells.remove(below)
    (remark,) = said(told, notebook)
    assert "had been joined to the one above" in remark.text
    assert ids(notebook) == ids(toy.released(told))
    assert toy.cell(notebook, ids_of(below)).source == below.source


def test_tests_whose_ids_were_changed_are_found_by_their_text(told: Course) -> None:
    notebook = answered(told)
    for name in ("test-double", "test-double-zero"):
        toy.cell(notebook, name).metadata["nbgrader"]["grade_id"] = f"my-{name}"
    assert [remark.kind for remark in said(told, notebook)] == [Kind.TAMPERED] * 2
    assert ids(notebook) == ids(toy.released(told))


# Earlier releases --------------------------------------------------------------------------------


def test_an_earlier_release_is_known_and_accuses_nobody(mended: Course) -> None:
    old = answered(mended)
    change(mended, MENDED)
    (remark,) = said(mended, copy.deepcopy(old))
    assert EARLIER.fullmatch(remark.text)
    assert remark.kind is Kind.DIFFERENCE
    assert said(mended, answered(mended)) == []
    between = answered(mended)
    change(mended, RAISED)
    for notebook in (old, between):
        (remark,) = said(mended, SAME["Windows line ends"](copy.deepcopy(notebook)))
        assert EARLIER.fullmatch(remark.text)
    # With a test that is really edited, and with points that no release had.
    about(old)["points"] = 5.0
    toy.cell(old, "test-double-zero").source = "pass"
    assert {remark.kind for remark in said(mended, old)} == {Kind.TAMPERED, Kind.DIFFERENCE}


def test_cells_of_two_releases(mended: Course) -> None:
    old = answered(mended)
    change(mended, MENDED)
    between = answered(mended)
    change(mended, RAISED)
    for notebook, name in ((old, "test-double"), (between, "test-half")):
        mixed = answered(mended)
        mixed.cells[mixed.cells.index(toy.cell(mixed, name))] = toy.cell(notebook, name)
        (remark,) = said(mended, mixed)
        assert EARLIER.fullmatch(remark.text)
        assert remark.kind is Kind.DIFFERENCE
    merged = answered(mended)
    ours = toy.cell(old, "test-double").source.split("\n")
    theirs = toy.cell(merged, "test-double").source.split("\n")
    toy.cell(merged, "test-double").source = "\n".join([*ours[:1], *ours[1:], theirs[-1]])
    assert Kind.TAMPERED not in {remark.kind for remark in said(mended, merged)}


def test_tests_that_were_added_renamed_and_dropped(mended: Course) -> None:
    old = answered(mended)
    zero, half = (
        f'# %% test="double" part="zero" points=1\n{ZERO}',
        "# %% [markdown]\n# ## About half",
    )
    with mended.gradebook() as gradebook:
        gradebook.remove_assignment(toy.TOPIC)
    change(mended, (zero, ""))
    (remark,) = said(mended, copy.deepcopy(old))
    assert EARLIER.fullmatch(remark.text)
    new = answered(mended)
    with mended.gradebook() as gradebook:
        gradebook.remove_assignment(toy.TOPIC)
    change(mended, (half, zero.replace("zero", "nought") + f"\n\n{half}"))
    for notebook in (old, new):
        (remark,) = said(mended, notebook)
        assert EARLIER.fullmatch(remark.text)
        assert ids(notebook) == ids(toy.released(mended))


@pytest.mark.slow
def test_a_test_that_was_renamed_with_its_grades(mended: Course) -> None:
    old = answered(mended)
    toy.hand_in(mended.submitted_dir, "ana", old)
    toy.canned(mended)
    path = mended.root / "solutions" / "toy" / "toy.py"
    text = path.read_text(encoding="utf-8").replace('part="zero"', 'part="nought"')
    path.write_text(text, encoding="utf-8")
    release(mended, [toy.TOPIC], change_cells=True)
    run = toy.canned(mended)
    (remark,) = (r for r in texts(run.submissions["ana"].remarks) if r != "it was slow")
    assert EARLIER.fullmatch(remark)
    assert run.submissions["ana"].score == 6.0


def test_the_class_that_was_graded_before_the_change(mended: Course) -> None:
    for student in ("ana", "bo"):
        toy.hand_in(mended.submitted_dir, student, answered(mended))
    toy.canned(mended)
    change(mended, MENDED, RAISED)
    run = toy.canned(mended)
    for student in ("ana", "bo"):
        assert run.submissions[student].score == 7.0
        remarks = [r for r in texts(run.submissions[student].remarks) if r != "it was slow"]
        assert [bool(EARLIER.fullmatch(remark)) for remark in remarks] == [True]
    (results,) = gather(mended, [toy.TOPIC])
    assert [group.kind for group in groups(results)] == ["other"]  # the engine's own remark
    page = make_page(mended, toy.TOPIC, "ana").read_text(encoding="utf-8")
    assert len(EARLIER.findall(page)) == 1
    assert "edited" not in page


def test_a_release_before_there_was_a_record_is_kept(mended: Course) -> None:
    old = answered(mended)
    shutil.rmtree(mended.root / releases.FOLDER)
    change(mended, MENDED)
    (remark,) = said(mended, old)
    assert EARLIER.fullmatch(remark.text)


def test_the_record_holds_each_release_once_and_no_secret(mended: Course) -> None:
    change(mended, MENDED)
    release(mended, [toy.TOPIC])
    path = releases.record(mended.root, toy.TOPIC)
    assert len(releases.load(mended.root, toy.TOPIC)) == 2
    text = path.read_text(encoding="utf-8")
    assert "hidden" not in text
    assert "2 * x" not in text
    assert json.loads(text)["version"] == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"version": 9}'])
def test_a_damaged_record_stops_no_grading(mended: Course, content: bytes) -> None:
    toy.hand_in(mended.submitted_dir, "ana", answered(mended))
    path = releases.record(mended.root, toy.TOPIC)
    path.write_bytes(content)
    run = toy.canned(mended)
    assert run.submissions["ana"].score == 6.0
    assert ["toy.json cannot be read" in note for note in run.notes] == [True]
    with pytest.raises(AutograderError, match="delete it to begin"):
        release(mended, [toy.TOPIC])
    assert path.read_bytes() == content


# Lost metadata -----------------------------------------------------------------------------------


def lost(notebook: NotebookNode, *names: str) -> NotebookNode:
    for cell in notebook.cells:
        if not names or ids_of(cell) in names:
            cell.metadata = nbformat.from_dict({})
    return notebook


@pytest.mark.parametrize(
    "names",
    [(), ("half",), ("test-half",), ("explain",), ("test-double", "double", "given-setup")],
    ids=str,
)
@pytest.mark.parametrize("how", ["as released", "Windows line ends", "a formatter"])
def test_cells_without_metadata_are_recognised(
    told: Course, names: tuple[str, ...], how: str
) -> None:
    notebook = lost(SAME[how](answered(told)), *names)
    own = nbformat.v4.new_code_cell("print('mine')")
    notebook.cells.insert(5, own)
    (remark,) = said(told, notebook)
    assert "was missing and was put back" in remark.text
    assert remark.kind is Kind.DIFFERENCE
    assert ids(notebook) == ids(toy.released(told))
    assert toy.cell(notebook, "explain").source.strip() == toy.RIGHT["explain"]
    assert own in notebook.cells


def test_a_missing_test_is_put_back_under_its_task(told: Course) -> None:
    notebook = lost(answered(told))
    notebook.cells = [c for c in notebook.cells if "checks.close(" not in c.source]
    remarks = said(told, notebook)
    assert [remark.kind for remark in remarks] == [Kind.DIFFERENCE, Kind.REPAIRED]
    order = [ids_of(cell) or cell.source for cell in notebook.cells]
    assert order == [ids_of(cell) or cell.source for cell in toy.released(told).cells]


def test_lost_metadata_of_an_earlier_release(mended: Course) -> None:
    old = lost(answered(mended))
    change(mended, MENDED)
    metadata, earlier = said(mended, old)
    assert metadata.text.startswith("the nbgrader metadata of 8 cells was missing")
    assert EARLIER.fullmatch(earlier.text)


@pytest.mark.parametrize("prose", [True, False])
def test_the_page_shows_each_test_under_its_task(mended: Course, prose: bool) -> None:
    notebook = answered(mended)
    if not prose:
        notebook.cells = list(filter(ids_of, notebook.cells))
    lost(notebook)
    toy.hand_in(mended.submitted_dir, "ana", notebook)
    outcome = toy.canned(mended).submissions["ana"]
    assert (outcome.score, outcome.manual["explain"].score) == (6.0, None)
    page = make_page(mended, toy.TOPIC, "ana").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())
    places = [
        text.rindex(part)
        for part in ("About double", "test double ·", "test double-zero ·", "About half",
                     "test half ·", "In words", "Because I said so")
    ]  # fmt: skip
    assert places == sorted(places)
    assert text.count("About your file") == 2  # one of them the engine's own


# Written answers ---------------------------------------------------------------------------------

WORDS = "A straight line stays one, however many are drawn."
markdown, code, raw = (
    nbformat.v4.new_markdown_cell,
    nbformat.v4.new_code_cell,
    nbformat.v4.new_raw_cell,
)
BESIDE = {
    "below": (1, markdown(WORDS)),
    "above": (0, markdown(WORDS)),
    "raw": (1, raw(WORDS)),
    "a text in code": (1, code(f'"""{WORDS}"""')),
    "a comment": (1, code(f"# {WORDS}")),
    "no Python": (1, code(WORDS)),
    "printed": (1, code(f'print("{WORDS}")')),
    "one word": (1, markdown("No")),
    "at the end": (2, markdown(WORDS)),
    "a picture": (1, markdown("", attachments={"a.png": {"image/png": "iVBORw0KGgo="}})),
}


def untouched(course: Course) -> NotebookNode:
    return answered(course, explain=toy.cell(toy.released(course), "explain").source)


@pytest.mark.parametrize("how", BESIDE)
@pytest.mark.parametrize("present", [True, False])
def test_an_answer_next_to_its_cell_waits_for_a_person(
    mended: Course, how: str, present: bool
) -> None:
    notebook = untouched(mended)
    shift, cell = BESIDE[how]
    place = notebook.cells.index(toy.cell(notebook, "explain"))
    notebook.cells.insert(place + shift, copy.deepcopy(cell))
    if not present:
        notebook.cells.remove(toy.cell(notebook, "explain"))
    toy.hand_in(mended.submitted_dir, "ana", notebook)
    outcome = toy.canned(mended).submissions["ana"]
    assert outcome.manual["explain"].score is None
    assert len(outcome.remarks) <= 2 + (not present)  # one of them the engine's own
    with mended.gradebook() as gradebook:
        grade = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana")
        assert grade.needs_manual_grade
    page = make_page(mended, toy.TOPIC, "ana").read_text(encoding="utf-8")
    shown = "data:image/png" if how == "a picture" else cell.source.strip('"# ')[-5:].rstrip('")')
    assert shown in page.partition("Your answer")[2]
    assert "You left this as it was" not in page


def test_an_answer_in_the_text_above_waits_for_a_person(told: Course) -> None:
    notebook = untouched(told)
    prose = next(c for c in notebook.cells if c.source.startswith("## In words"))
    prose.source += f"\n\n{WORDS}"
    (remark,) = said(told, notebook)
    assert remark.text == "the answer 'explain' was found next to its cell; a person grades it"
    assert WORDS in toy.cell(notebook, "explain").source


@pytest.mark.parametrize(
    "cell", [None, code("plot(3)"), code(""), markdown("  \n")], ids=["none", "code", "no", "blank"]
)
def test_an_untouched_answer_with_nothing_next_to_it_scores_zero(
    mended: Course, cell: NotebookNode | None
) -> None:
    notebook = untouched(mended)
    if cell:
        notebook.cells.insert(-1, copy.deepcopy(cell))
    toy.hand_in(mended.submitted_dir, "ana", notebook)
    outcome = toy.canned(mended).submissions["ana"]
    assert outcome.manual["explain"].score == 0.0
    assert texts(outcome.remarks) == ["it was slow"]


def test_pictures_of_two_cells_with_one_name(told: Course) -> None:
    notebook = untouched(told)
    for number in (1, 2):
        picture = {"image.png": {"image/png": f"iVBORw0KGgo{number}"}}
        notebook.cells.append(markdown("![](attachment:image.png)", attachments=picture))
    said(told, notebook)
    cell = toy.cell(notebook, "explain")
    assert len(cell.attachments) == 2
    assert all(f"attachment:{name})" in cell.source for name in cell.attachments)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (f"![mine](data:image/png;base64,iVBORw0KGgo{'A' * 8001})", 'src="data:image/png'),
        (f'<img src="data:image/png;base64,iVBORw0KGgo{"A" * 8001}">', 'src="data:image/png'),
        ("![mine](sketch.png)", "picture: sketch.png"),
        ('<img width="3" src="sketch.png">', "picture: sketch.png"),
        ("![mine](attachment:gone.png)", "picture: attachment:gone.png"),
    ],
    ids=["inline", "inline in HTML", "a file", "a file in HTML", "gone"],
)
def test_pictures_in_an_answer_are_shown_or_named(mended: Course, answer: str, shown: str) -> None:
    toy.hand_in(mended.submitted_dir, "ana", answered(mended, explain=f"See: {answer}"))
    toy.canned(mended)
    page = make_page(mended, toy.TOPIC, "ana").read_text(encoding="utf-8")
    assert shown in page
