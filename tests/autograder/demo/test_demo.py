"""`autograder demo` makes a class from nothing, and gives the same grades every time."""

import csv
import shutil
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from autograder.course import Course
from autograder.demo import Material, make_course, run_demo
from autograder.demo.students import CLASS, first_part, mistaken, other_right, talkative
from autograder.errors import AutograderError
from autograder.gradebook.records import Submission, TopicRun
from tests.support import toy_course as toy


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return toy.make(tmp_path_factory.mktemp("demo") / "the house", variants=True)


@pytest.fixture(scope="module")
def material(house: Course) -> Material:
    return Material.read(house, toy.TOPIC)


def grades(folder: Path) -> list[dict[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_two_runs_give_the_same_grades(house: Course) -> None:
    console = Console(width=120)
    before = (house.root / "gradebook.db").read_bytes()
    with console.capture() as capture:
        runs = run_demo(house, [], console, jobs=2)
    folder = house.root / "build" / "demo"
    first = (folder / "grades.csv").read_bytes()
    assert_whole(runs, folder, capture.get())
    with console.capture():
        run_demo(house, [toy.TOPIC], console, jobs=1)
    assert (folder / "grades.csv").read_bytes() == first
    assert (house.root / "gradebook.db").read_bytes() == before


def assert_whole(runs: list[TopicRun], folder: Path, shown: str) -> None:
    """Check what one run of the demo leaves and shows."""
    scores = {name: outcome.score for name, outcome in runs[0].submissions.items()}
    assert len(scores) == len(CLASS) >= 12
    assert scores["student-01"] == scores["student-03"] == scores["student-11"] == 6.0
    assert scores["student-02"] == scores["student-12"] == 0.0
    assert all(0 < scores[f"student-{number:02}"] < 6 for number in (4, 5, 6, 7, 8, 10, 15))
    lines = {line["student_id"]: line for line in grades(folder)}
    assert {name: float(line["score"]) for name, line in lines.items()} == scores
    assert "is not JSON" in lines["student-12"]["status"]
    assert lines["student-01"]["double-zero"] == "1"
    assert lines["student-01"]["explain"] == ""
    assert (folder / "gradebook.db").is_file()
    assert (folder / "report" / "toy.html").is_file()
    for name in scores:
        assert (folder / "feedback" / name / toy.TOPIC / "toy.html").is_file()
        assert name in shown
    assert str(folder / "grades.csv") in shown
    assert "likely causes" in shown


def test_an_unfamiliar_folder_is_left_alone(house: Course, tmp_path: Path) -> None:
    root = tmp_path / "house"
    root.mkdir()
    shutil.copy(house.root / "nbgrader_config.py", root)
    folder = root / "build" / "demo"
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("precious", encoding="utf-8")
    other = Course.find(root=root)
    with pytest.raises(AutograderError, match="move it elsewhere"):
        make_course(other)
    assert (folder / "thesis.txt").is_file()


def test_the_demo_has_folders_of_its_own(house: Course) -> None:
    course = make_course(house)
    root = house.root / "build" / "demo"
    assert course.root == root
    assert course.db_url == f"sqlite:///{root / 'gradebook.db'}"
    assert course.solutions == house.solutions
    for folder in (course.release_dir, course.submitted_dir, course.feedback_dir):
        assert folder.parent == root
    assert course.config.Execute.timeout == 20


def test_habits_are_what_they_say(material: Material) -> None:
    assert material.tasks == ["double", "half", "explain"]
    halfway = first_part(1 / 2)(material)
    assert "raise NotImplementedError" not in toy.cell(halfway, "double").source
    other = toy.cell(other_right(material), "double").source
    assert "x + x" in other
    wordy = talkative(material)
    nbformat.validate(wordy)
    assert len(wordy.cells) > len(material.released.cells)
    assert toy.cell(wordy, "test-half").source == toy.cell(material.released, "test-half").source


@pytest.mark.parametrize("mistakes", [1, 2])
def test_mistakes_are_chosen_without_chance(material: Material, mistakes: int) -> None:
    wrong = {variant.source for variant in material.of("wrong")}
    seen = set()
    for number in range(1, 8):
        made = mistaken(number, mistakes)(material)
        assert made == mistaken(number, mistakes)(material)
        found = [cell.source for cell in made.cells if cell.source in wrong]
        assert len(found) == mistakes
        seen.update(found)
    assert seen == wrong


def test_a_topic_without_variants_still_gives_partial_work(material: Material) -> None:
    bare = Material(material.released, material.source)
    work = [mistaken(number, 2)(bare) for number in range(1, 6)]
    undone = [sum("raise NotImpl" in cell.source for cell in made.cells) for made in work]
    assert max(undone) > 0
    assert min(undone) < 2


def test_the_csv_is_sorted_and_marks_who_is_missing(tmp_path: Path) -> None:
    from autograder.grading.grades_csv import write_grades

    run = TopicRun("t", 2.0, "off", absent=["c"])
    for name in ("b", "a"):
        run.submissions[name] = Submission(name, 2.0)
    write_grades(tmp_path / "grades.csv", [run])
    lines = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "student_id,topic,score,max_score,status",
        "a,t,2,2,graded",
        "b,t,2,2,graded",
        "c,t,0,2,not handed in",
    ]
