"""A topic is meant by its name, its number or a part of it; a typo is answered with the nearest."""

import pytest

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.topics.names import resolve

TOPICS = ("01-perceptron", "05-backprop", "08-cnn", "09-translation-invariance", "10-transfer")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    for name in TOPICS:
        (root / "solutions" / name).mkdir(parents=True)
        (root / "solutions" / name / f"{name}.py").touch()
    return Course.find(root=root)


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("05-backprop", "05-backprop"),
        ("5", "05-backprop"),
        ("05", "05-backprop"),
        ("10", "10-transfer"),
        ("backprop", "05-backprop"),
        ("Backprop", "05-backprop"),
        ("CNN", "08-cnn"),
        ("percep", "01-perceptron"),
    ],
)
def test_what_means_one_topic(course: Course, name: str, topic: str) -> None:
    assert resolve(course, [name, topic]) == [topic]


@pytest.mark.parametrize(
    ("name", "near"),
    [("05-bakprop", "05-backprop"), ("bakcprop", "05-backprop"), ("08-ccn", "08-cnn")],
)
def test_a_typo_is_answered_with_the_nearest(course: Course, name: str, near: str) -> None:
    with pytest.raises(AutograderError, match=rf"Did you mean {near}\?"):
        resolve(course, [name])


def test_what_means_several_or_none(course: Course) -> None:
    with pytest.raises(AutograderError, match="09-translation-invariance or 10-transfer"):
        resolve(course, ["trans"])
    for nothing in ("77", "", "zebra"):
        assert resolve(course, [nothing]) == [nothing]


def test_a_released_topic_needs_no_text(course: Course) -> None:
    (course.release_dir / "hw1").mkdir(parents=True)
    (course.release_dir / "hw1" / "part 1.ipynb").touch()
    assert resolve(course, ["hw"]) == ["hw1"]


def test_an_assignment_of_the_gradebook_needs_no_files(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.add_assignment("only-recorded")
    assert resolve(course, ["recorded"]) == ["only-recorded"]
