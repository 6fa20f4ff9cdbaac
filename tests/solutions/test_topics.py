"""Every topic: its form, and that the reference earns all, the stub nothing, whoever grades."""

import ast
import json
import shutil
import types
from functools import partial
from pathlib import Path

import nbformat
import pytest

from autograder.audit.trials import Subject
from autograder.course import Course
from autograder.grading.grade import grade
from autograder.topics import course_rules, solved_notebooks, variants
from autograder.topics.release import release
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from benchmarks.evidence import results
from nnkit import checks
from nnkit.checks.notebook_text import NotebookText
from tests.support.warm_kernels import warm
from tools import gallery

ROOT = Path(__file__).resolve().parents[2]
TOPICS = Course.find(root=ROOT).topics()
RULES = course_rules.load(ROOT / "solutions")


def read(name: str):
    return parse(ROOT / "solutions" / name / f"{name}.py")


def test_pages_say_what_the_headers_do():
    topics = [read(name) for name in TOPICS]
    kept = json.loads(results.KEPT.read_text("utf-8"))
    assert results.PAGE.read_text("utf-8") == results.page(topics, kept)
    shown = gallery.on_page()
    for topic in topics:
        for result in topic.header.results:
            assert "told" in compile(result.code, topic.name, "exec").co_names
        for figure, on_page in zip(topic.header.figures, shown[topic.name], strict=True):
            assert figure.caption == on_page.caption
            assert on_page.alt.startswith(figure.alt)
    page = gallery.page((topic, shown[topic.name]) for topic in topics)
    assert gallery.PAGE.read_text("utf-8") == page


@pytest.mark.parametrize("name", TOPICS)
def test_rules_of_the_course(name):
    subject = Subject(read(name), variants.load(ROOT / "solutions" / name / "variants.py"))
    assert course_rules.broken(subject.topic, RULES) == []
    assert course_rules.lacking(RULES, subject.functions, subject.variants) == []
    tests = {cell.key for cell in subject.topic.of("test")}
    assert all(set(variant.loses) <= tests for variant in subject.variants)


@pytest.mark.parametrize("name", TOPICS)
def test_every_test_has_a_visible_and_a_hidden_part(name):
    for cell in read(name).of("test"):
        visible, _, hidden = cell.source.partition("BEGIN HIDDEN TESTS")
        assert "checks." in visible, cell.label
        assert "checks.hidden()" in hidden, cell.label


def forbidding(source: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == "checks.forbid"]


@pytest.mark.parametrize("name", TOPICS)
def test_every_forbid_has_an_example_to_run_under_the_guard(name):
    for cell in read(name).of("test"):
        for call in forbidding(cell.source):
            given = {keyword.arg for keyword in call.keywords}
            assert "example" in given, f"{cell.label}: {ast.unparse(call)}"


@pytest.mark.parametrize("name", TOPICS)
def test_no_right_answer_is_taken_for_what_is_ruled_out(name):
    topic = read(name)
    tested = {ast.unparse(c.args[0]) for t in topic.of("test") for c in forbidding(t.source)}
    found = variants.load(ROOT / "solutions" / name / "variants.py")
    right = {v.name: v.source for v in found if v.kind == "right"}
    for chosen in ({}, right):
        text = NotebookText(str)
        for cell in topic.of("given", "open", "task"):
            text.add(chosen.get(cell.name, cell.source) if cell.kind == "task" else cell.source)
        for function in tested:
            stand_in = types.SimpleNamespace(__nnkit_source__=partial(text.source, function))
            assert text.source(function).parts(), function
            ruled_out = [n for n in checks.BY_HAND if n != "autodiff" or "tape" not in function]
            if function in ("forward_difference", "centred_difference", "gradient_check"):
                ruled_out.remove("numerical")
            checks.forbid(stand_in, *ruled_out)


def scores(course: Course, name: str, student: str) -> dict[str, float]:
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(name, name, student)
        return {part.name: part.score for part in notebook.grades}


# The repository's configuration without the exam: nbgrader's own steps.
PLAIN = """
c.pop("Autograde")
c.Execute.timeout = 120
"""


@pytest.fixture(scope="module")
def warm_kernels():
    """Let nbgrader's own kernels be warm ones, which find what cold ones do."""
    with warm():
        yield


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """Return a course of all topics, graded by the exam, and one that nbgrader is to grade."""
    root = tmp_path_factory.mktemp("topics")
    ours = root / "ours"
    ours.mkdir()
    config = (ROOT / "nbgrader_config.py").read_text("utf-8")
    (ours / "nbgrader_config.py").write_text(config, encoding="utf-8")
    course = Course.find(root=ours, solutions=ROOT / "solutions")
    release(course, TOPICS)
    for name in TOPICS:
        released = nbformat.read(course.release_dir / name / f"{name}.ipynb", 4)
        reference = solved_notebooks.submission(released, build_source(read(name)), solved="all")
        for student, work in (("reference", reference), ("stub", released)):
            folder = course.submitted_dir / student / name
            folder.mkdir(parents=True)
            nbformat.write(work, folder / f"{name}.ipynb")
    plain = shutil.copytree(ours, root / "plain")
    (plain / "nbgrader_config.py").write_text(config + PLAIN, encoding="utf-8")
    runs = {run.topic: run for run in grade(course, TOPICS)}
    return course, Course.find(root=plain, solutions=ROOT / "solutions"), runs


@pytest.mark.slow
@pytest.mark.parametrize("name", TOPICS)
def test_reference_and_stub_score_the_same_whoever_grades(name, courses, warm_kernels):
    ours, plain, runs = courses
    for student in ("reference", "stub"):
        done = plain.api.autograde(name, student)
        assert done["success"], done["log"][-3000:]

    run = runs[name]
    assert run.submissions["reference"].score == run.max_score == 20
    assert run.submissions["stub"].score == 0
    for student in ("reference", "stub"):
        assert scores(ours, name, student) == scores(plain, name, student), student

    # In plain Jupyter, too, the untouched notebook runs to its end, and only its tests fail.
    stub = nbformat.read(plain.autograded_dir / "stub" / name / f"{name}.ipynb", 4)
    failed = [cell.id for cell in stub.cells if any(map(is_error, cell.get("outputs", [])))]
    assert failed == [cell.id for cell in read(name).of("test")]

    # Solved, it shows its panels and figures, and warns of nothing.
    solved = nbformat.read(plain.autograded_dir / "reference" / name / f"{name}.ipynb", 4)
    outputs = [output for cell in solved.cells for output in cell.get("outputs", [])]
    assert all(output.get("name") != "stderr" for output in outputs)
    assert all("Complete `" not in output.get("text", "") for output in outputs)
    shown = [output.data for output in outputs if "data" in output]
    assert sum("application/vnd.nnkit.check+json" in data for data in shown) >= 20
    assert sum("data:image/png;base64," in str(data) for data in shown) >= 3


def is_error(output: nbformat.NotebookNode) -> bool:
    return output.output_type == "error"
