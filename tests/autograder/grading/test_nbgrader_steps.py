"""nbgrader's own steps within a run: on the open records, and nbgrader itself as it was."""

import sqlite3

import pytest
from nbgrader import api
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec
from nbgrader.preprocessors import saveautogrades as saving

from autograder.course import Course
from autograder.exam.results import ExamResult
from autograder.grading.engine import Job
from tests.support import toy_course as toy

MODULES = (latesubmissions, overwritecells, overwritekernelspec, saving)

STEPS = '''
from nbgrader.preprocessors import OverwriteCells, SaveAutoGrades


class Kinder(SaveAutoGrades):
    """Gives half a point where nothing was earned."""

    def preprocess(self, nb, resources):
        nb, resources = super().preprocess(nb, resources)
        nb.metadata["kinder"] = self.student_id
        return nb, resources

    def _add_score(self, cell, resources):
        super()._add_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(
            name, self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.auto_score is not None:
            grade.auto_score = float(grade.auto_score) + 0.5
        self.gradebook.db.commit()
'''


def course_with(course: Course, config: str) -> Course:
    """Return the course with a module of its own, and more in its configuration."""
    (course.root / "steps.py").write_text(STEPS, encoding="utf-8")
    path = course.root / "nbgrader_config.py"
    path.write_text(path.read_text("utf-8") + config, encoding="utf-8")
    return Course.find(root=course.root)


class Watching(toy.CannedEngine):
    """Looks at nbgrader while a class is graded."""

    def examine(self, job: Job) -> ExamResult:
        assert all(module.Gradebook is api.Gradebook for module in MODULES)
        return super().examine(job)


def test_nbgraders_modules_are_as_they_were_while_a_class_is_graded(course: Course) -> None:
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    run = toy.canned(course, engine=Watching())
    assert (run.submissions["ana"].graded, run.submissions["ana"].score) == (True, 6.0)


LIST = """
import sys
sys.path.insert(0, {root!r})
import steps
del sys.path[0]
from nbgrader.preprocessors import *
c.Autograde.autograde_preprocessors = [Execute, IgnorePattern, LimitOutput, {step}]
"""


@pytest.mark.parametrize(
    "step", ["steps.Kinder", "steps.Kinder()", '"steps.Kinder"'], ids=["class", "made", "named"]
)
def test_a_courses_own_subclass_of_a_step_keeps_its_methods(course: Course, step: str) -> None:
    own = course_with(course, LIST.format(root=str(course.root), step=step))
    toy.hand_in(own.submitted_dir, "ana", toy.solved(own, toy.RIGHT))
    outcome = toy.canned(own).submissions["ana"]
    assert outcome.graded, outcome.remarks
    assert outcome.score == 6.0 + 0.5 * len(outcome.tests)
    place = own.autograded_dir / "ana" / toy.TOPIC / f"{toy.TOPIC}.ipynb"
    assert '"kinder": "ana"' in place.read_text("utf-8")


def test_nothing_of_a_submission_is_written_before_all_of_it_is(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader's steps commit for each cell: within a run, that waits for the rest."""
    toy.hand_in(course.submitted_dir, "ana", toy.solved(course, toy.RIGHT))
    seen = []

    def look(cell: object, log: object = None) -> tuple[float, float]:
        with sqlite3.connect(course.root / "gradebook.db") as database:
            seen.append(database.execute("SELECT count(*) FROM submitted_assignment").fetchone())
        return 0.0, 1.0

    monkeypatch.setattr(saving.utils, "determine_grade", look)
    assert toy.canned(course).submissions["ana"].graded
    assert set(seen) == {(0,)}


def test_nbgraders_setting_for_missing_cells_is_obeyed(course: Course) -> None:
    own = course_with(course, "\nc.OverwriteCells.add_missing_cells = True\n")
    toy.hand_in(own.submitted_dir, "ana", toy.solved(own, toy.RIGHT))
    outcome = toy.canned(own).submissions["ana"]
    assert (outcome.score, [*map(str, outcome.remarks)]) == (6.0, ["it was slow"])
