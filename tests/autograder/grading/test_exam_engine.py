"""The engine that holds exams: what travels of it, what is kept of it, what passes through it."""

import pickle
import threading
from collections import Counter
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import nbjson

from autograder.course import Course
from autograder.exam.limits import Limits
from autograder.exam.results import ExamResult, Report
from autograder.grading import preprocessors
from autograder.grading.exam_engine import ExamEngine
from tests.support import toy_course as toy


class ExamPool:
    """Holds exams in which nothing is run."""

    def start(self) -> None: ...

    def examine(self, notebook: nbformat.NotebookNode, **_: object) -> ExamResult:
        return Report(notebook).result(0.0)


def test_a_notebook_is_parsed_once_and_written_once_on_its_way(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    for student in ("ana", "bo", "cy"):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    count = Counter()

    def counted(name: str) -> None:
        """Count the calls of what nbformat does in each reading, or in each writing."""
        call = getattr(nbjson, name)
        monkeypatch.setattr(nbjson, name, lambda nb: count.update([name]) or call(nb))

    counted("rejoin_lines")
    counted("split_lines")
    monkeypatch.setattr(ExamEngine, "exam_pool", lambda engine: ExamPool())
    run = toy.canned(course, engine=ExamEngine(sandbox="off"))
    assert {each.score for each in run.submissions.values()} == {0.0}  # no test was run
    assert all(each.graded for each in run.submissions.values())
    assert count == {"rejoin_lines": 3, "split_lines": 3}


def test_an_engine_travels_without_its_conductor() -> None:
    engine = ExamEngine(Limits(cell_s=3), "off")
    engine._held.exam_pool = threading.Lock()  # what cannot be pickled
    there = pickle.loads(pickle.dumps(engine))
    assert there == engine
    assert there._held.exam_pool is None


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What nbgrader's commands keep; and the engines that were started and stopped."""
    started, stopped, ended = [], [], threading.Event()

    def stop(engine: ExamEngine) -> None:
        stopped.append(engine)
        ended.set()

    monkeypatch.setattr(ExamEngine, "start", lambda engine: started.append(engine))
    monkeypatch.setattr(ExamEngine, "stop", stop)
    return SimpleNamespace(all=preprocessors._Kept(), started=started, stopped=stopped, ended=ended)


def test_nbgraders_commands_keep_one_engine_until_another_is_wanted(kept: SimpleNamespace) -> None:
    with kept.all.at_work(ExamEngine()) as first:
        pass
    with kept.all.at_work(ExamEngine()) as second:
        assert second is first
    assert kept.stopped == []
    with kept.all.at_work(ExamEngine(Limits(cell_s=3))) as third:
        assert third is not first
    assert [id(engine) for engine in kept.stopped] == [id(first)]


def test_nbgraders_commands_keep_no_idle_engine(
    kept: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preprocessors, "IDLE_S", 0.01)
    with pytest.raises(OSError, match="full"), kept.all.at_work(ExamEngine()):
        raise OSError("full")
    assert kept.ended.wait(60)
    assert kept.stopped == kept.started
