"""The rules of a course for all its topics: read from a file, checked when a topic is released."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.errors import AutograderError
from autograder.topics.course_rules import FILE, CourseRules, Span, broken, lacking, load
from autograder.topics.release_check import release_and_show
from autograder.topics.topic import parse
from autograder.topics.variants import Variant
from tests.support import toy_topic as toy

# What the toy topic is: 4.5 points, of which 3.5 for `double` and 1 for `triple`.
KEPT = "points = 4.5\ntask_points = [1, 3.5]\ntasks = [2, 2]\nquestions = 1\nquestion_points = 2\n"


@pytest.fixture
def topic(tmp_path):
    return parse(toy.write(tmp_path))


def rules(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    return load(folder)


def test_without_a_file_any_topic_will_do(topic, tmp_path):
    assert load(tmp_path) == CourseRules()
    assert broken(topic, CourseRules()) == []


def test_rules_that_are_kept(topic, tmp_path):
    assert broken(topic, rules(tmp_path, KEPT)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("points = 20", "all tests together have 4.5 points; the course's rule is 20 (points"),
        ("tasks = [6, 12]", "the number of tasks is 2; the course's rule is 6 to 12 (tasks"),
        ("tasks = [3, inf]", "the number of tasks is 2; the course's rule is 3 or more (tasks"),
        ("task_points = [1, 3]", 'of task "double" have 3.5 points; the course\'s rule is 1 to 3'),
        ("questions = 0", "the number of written questions is 1; the course's rule is 0"),
        (
            "question_points = [0, 1.5]",
            'question "explain" has 2 points; the course\'s rule is 0 to',
        ),
    ],
)
def test_a_broken_rule_is_said_with_both_places(topic, tmp_path, text, said):
    (found,) = broken(topic, rules(tmp_path, text))
    assert found.startswith(f"{topic.path}: ")
    assert said in found
    assert found.endswith(f"in {topic.path.parent.parent / FILE}).")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pionts = 20", "there is no rule pionts: the rules are points, task_points"),
        ("points = '20'", "points = '20': write a number"),
        ("points = true", "points = True: write a number"),
        ("tasks = [6]", r"tasks = \[6\]: write a number"),
        ("tasks = [12, 6]", r"tasks = \[12, 6\]: write a number"),
        ("tasks = [6, nan]", r"tasks = \[6, nan\]: write a number"),
        ("tasks = {}", r"tasks = \{\}: write a number"),
        ("points 20", "cannot be read"),
    ],
)
def test_a_faulty_file_is_named(tmp_path, text, said):
    with pytest.raises(AutograderError, match=rf"{FILE}: {said}"):
        rules(tmp_path, text)


def test_the_audit_asks_for_variants_and_causes():
    functions = {"double": {"double"}, "triple": {"triple", "thrice"}}
    wrong = [("double", "sign"), ("triple", "sign"), ("thrice", None)]
    found = [Variant(name, "wrong", "", ("x",), cause, "", 1) for name, cause in wrong]
    asked = CourseRules(right_variants=Span(), wrong_variants=Span(2), causes=Span(2))
    assert lacking(asked, functions, found) == [
        "task double has 1 wrong variants: write 2 or more",
        "the wrong variants name 1 causes: name 2 or more",
    ]
    assert lacking(asked, functions, found, "triple") == []


def test_release_tells_of_a_broken_rule(tmp_path):
    course = toy.course(tmp_path)
    (course.solutions / FILE).write_text(KEPT.replace("4.5", "20"), encoding="utf-8")
    said = io.StringIO()
    release_and_show(course, [], Console(file=said, width=500), run=False)
    assert "4.5 points; the course's rule is 20" in said.getvalue()
    assert said.getvalue().count("the course's rule") == 1
