"""Which answers share an exam, and which of them are examined by themselves all the same."""

import nbformat
import pytest
from nbformat.v4 import new_output

from autograder.audit.bundles import MOST, bundled, settled
from autograder.audit.trials import Subject
from autograder.exam.results import ExamResult
from autograder.remarks import Kind, Remark
from autograder.topics.topic import parse
from autograder.topics.variants import Variant
from tests.support import toy_course as toy
from tests.support import toy_topic

BOTH = 'checks.close(half(double(4)), 4, "both")'


def subject(folder, *answers: tuple[str, str, str], text: str = toy.TEXT) -> Subject:
    """Return the toy topic with answers: a function, its kind, and what it returns."""
    variants = [
        Variant(name, kind, f"def {name}(x):\n    return {returned}", (), None, returned, line)
        for line, (name, kind, returned) in enumerate(answers, 1)
    ]
    for variant in variants:
        if variant.kind == "wrong":
            object.__setattr__(variant, "loses", (variant.name,))
    return Subject(parse(toy_topic.write(folder, text, toy.TOPIC)), variants)


def shared(made: Subject) -> list[list[str]]:
    """Return the bundles: what their answers return."""
    return [
        [trial.label.split(": ")[-1] for trial in bundle.trials.values()]
        for bundle in bundled(made, made.of_variants())
    ]


def test_answers_to_different_tasks_share_an_exam_and_two_to_one_do_not(tmp_path):
    made = subject(tmp_path, ("double", "wrong", "1"), ("double", "wrong", "2"),
                   ("half", "wrong", "3"), ("half", "wrong", "4"))  # fmt: skip
    assert shared(made) == [["1", "3"], ["2", "4"]]


def test_a_bundle_holds_the_changes_and_the_tests_of_all(tmp_path):
    made = subject(tmp_path, ("double", "wrong", "1"), ("half", "wrong", "3"))
    [bundle] = bundled(made, made.of_variants())
    sources = [cell.source for cell in bundle.notebook.cells]
    assert sources[1:] == [
        "def double(x):\n    return 1",
        made.source.cells[3].source,
        made.source.cells[4].source,
        "def half(x):\n    return 3",
        made.source.cells[6].source,
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('checks.close(half(4), 2, "half(4)")', BOTH),  # its test calls the other
        ("def half(x):\n", "def half(x):\n    double(x)\n"),  # what its test calls does
        ('checks.close(half(4), 2, "half(4)")', "double = half\nassert double(4) == 2"),
    ],
)
def test_a_wrong_answer_shares_none_with_one_whose_tests_come_by_it(tmp_path, old, new):
    assert old in toy.TEXT
    text = toy.TEXT.replace(old, new)
    made = subject(tmp_path, ("double", "wrong", "1"), ("half", "wrong", "3"), text=text)
    assert shared(made) == [["1"], ["3"]]


def test_right_and_wrong_answers_share_none_and_right_ones_always_do(tmp_path):
    text = toy.TEXT.replace('checks.close(half(4), 2, "half(4)")', BOTH)
    made = subject(tmp_path, ("double", "right", "1"), ("half", "wrong", "3"),
                   ("half", "right", "4"), text=text)  # fmt: skip
    assert shared(made) == [["1", "4"], ["3"]]


def test_whole_submissions_share_none_and_a_bundle_is_not_without_end(tmp_path):
    made = subject(tmp_path)
    assert all(len(bundle.trials) == 1 for bundle in bundled(made, made.whole()))
    trials = [*made.of_mutants()]
    bundles = list(bundled(made, trials))
    assert sorted(place for bundle in bundles for place in bundle.trials) == [*range(len(trials))]
    assert 1 < max(len(bundle.trials) for bundle in bundles) <= MOST


def result(bundle, lost: tuple[str, ...], **more) -> ExamResult:
    """Return the outcome of a bundle's exam: some of its tests have failed."""
    made = nbformat.from_dict(bundle.notebook)
    for cell in made.cells:
        failed = cell.metadata["nbgrader"]["grade_id"] in lost
        cell.outputs = [new_output("error", ename="E", evalue="no")] if failed else []
    return ExamResult(made, **more)


def test_what_is_judged_as_it_should_be_is_settled_and_the_other_is_not(tmp_path):
    made = subject(tmp_path, ("double", "wrong", "1"), ("half", "wrong", "3"))
    [bundle] = bundled(made, made.of_variants())
    double, half = bundle.trials.values()
    # Without a record of a cause, only what names none is as it should be.
    both = result(bundle, ("test-double", "test-half"))
    one = result(bundle, ("test-half",))
    assert settled(half, both, {}) is not None
    assert settled(double, one, {}) is None
    remarked = result(bundle, ("test-half",), remarks=[Remark("it crashed", Kind.CRASHED)])
    assert settled(half, remarked, {}) is None
    assert settled(half, ExamResult(None, failure="it was stopped"), {}) is None


def test_a_mutant_that_its_first_test_does_not_notice_is_not_settled(tmp_path):
    made = subject(tmp_path)
    bundle = next(b for b in bundled(made, made.of_mutants()) if len(b.trials) > 1)
    trial = next(t for t in bundle.trials.values() if t.mutant.task == "half")
    assert settled(trial, result(bundle, ("test-half",)), {}) is not None
    assert settled(trial, result(bundle, ("test-double",)), {}) is None
    marks = {trial.mutant.key: "the same numbers"}
    assert settled(trial, result(bundle, ("test-half",)), marks) is None
