"""A demonstration on a made-up class: release, hand in, grade, feedback, report."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from autograder.course import Course
from autograder.demo.executed import ran
from autograder.demo.students import CLASS, Material
from autograder.errors import AutograderError
from autograder.feedback.pages import feedback_and_show
from autograder.gradebook.records import TopicRun
from autograder.grading.command import grade_and_show
from autograder.grading.grades_csv import write_grades
from autograder.report import report
from autograder.topics.release import release
from autograder.topics.solved_notebooks import submission

FOLDER = Path("build", "demo")

CONFIG = '''"""Made by `autograder demo`: the course's configuration, for a folder of its own."""

from pathlib import Path

here = Path(__file__).resolve().parent
c = get_config()
load_subconfig(str(here.parents[1] / "nbgrader_config.py"))
c.CourseDirectory.root = str(here)
c.CourseDirectory.db_url = f"sqlite:///{here / 'gradebook.db'}"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
'''


def run_demo(
    original: Course,
    topics: Sequence[str],
    console: Console,
    jobs: int | None = None,
    sandbox: str | None = None,
) -> list[TopicRun]:
    """Make a class under ``build/demo/``, grade it, and print where the files are.

    An earlier demo is removed first, so that every run gives the same grades.

    Parameters
    ----------
    original
        The course that has the topics; its gradebook is not changed.
    topics
        Names of topics; empty means all.
    console
        Where progress and tables are printed.
    jobs
        How many submissions to grade at once.
    sandbox
        "off" grades without the sandbox; else the course's configuration decides.

    Raises
    ------
    AutograderError
        If there is no such topic, or the folder has other content than an earlier demo.
    """
    names = list(dict.fromkeys(topics)) or original.topics()
    for name in names:
        original.topic_path(name)
    course = make_course(original)
    console.print(f"Releasing {', '.join(names)} …")
    release(course, names)
    hand_in_all(course, names)
    console.print(f"A made-up class of {len(CLASS)} students has handed in; grading …")
    runs = grade_and_show(course, names, console, jobs=jobs, sandbox=sandbox)
    write_grades(course.root / "grades.csv", runs)
    feedback_and_show(course, names, console)
    page, _ = report(course, names)
    _say_where(course, console, names[0], page)
    return runs


def make_course(original: Course) -> Course:
    """Make the demo's own, empty course folder, which uses the original course's topics.

    Raises
    ------
    AutograderError
        If the folder holds something else than an earlier demo.
    """
    root = original.root / FOLDER
    config = root / "nbgrader_config.py"
    if root.exists() and any(root.iterdir()):
        if not config.is_file() or config.read_text(encoding="utf-8") != CONFIG:
            raise AutograderError(
                f"{root} holds something that `autograder demo` did not make: move it elsewhere."
            )
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    config.write_text(CONFIG, encoding="utf-8")
    return Course.find(root=root, solutions=original.solutions)


def hand_in_all(course: Course, topics: Sequence[str]) -> None:
    """Write every student's submission to ``submitted/``."""
    for place, topic in enumerate(topics):
        material = _material(course, topic)
        for student in CLASS:
            if student.skips_last and 0 < place == len(topics) - 1:
                continue
            folder = course.submitted_dir / student.name / topic
            folder.mkdir(parents=True)
            text = student.work(material)
            (folder / f"{topic}.ipynb").write_text(text, encoding="utf-8", newline="\n")


def _material(course: Course, name: str) -> Material:
    """Return a topic's notebooks and variants, with the outputs of a solved notebook."""
    material = Material.read(course, name)
    solved = submission(material.released, material.source)
    return replace(material, ran=ran(solved, str(course.release_dir / name)))


def _say_where(course: Course, console: Console, topic: str, report_page: Path) -> None:
    """Print where the demo's files are."""
    root = course.root
    page = course.feedback_dir / CLASS[0].name / topic / f"{topic}.html"
    made = [
        ("The gradebook", root / "gradebook.db"),
        ("All grades", root / "grades.csv"),
        ("What was handed in", course.submitted_dir),
        ("Feedback pages", course.feedback_dir),
        ("One of them", page),
        ("The class report", report_page),
    ]
    for what, path in made:
        shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        console.print(f"  {what:<20}{shown}", soft_wrap=True, highlight=False)
