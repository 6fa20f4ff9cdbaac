"""Grade on submit: what students hand in through nbgrader's exchange is graded once, and told."""

import contextlib
import copy
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeCollect,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeSubmit,
)
from nbgrader.utils import get_username, parse_utc
from rich.console import Console
from traitlets.config import Config
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course
from autograder.course.sections import configured
from autograder.errors import AutograderError
from autograder.feedback import releasing
from autograder.feedback.pages import feedback_and_show
from autograder.grading.lock import Busy, grading_lock
from autograder.topics.release import release
from autograder.watch import collect, exchange, notes, queue, service
from autograder.watch.command import watch
from autograder.watch.exchange import Inbound
from autograder.watch.log import Sayer
from autograder.watch.notes import Notes
from autograder.watch.service import Service
from autograder.watch.settings import GradeOnSubmit
from tests.support import PATIENCE_S, wait_for
from tests.support import toy_course as toy

# Made-up students have no accounts.
CONFIG = toy.CONFIG + "c.ExchangeCollect.check_owner = False\n"
DAY = "2027-03-01 {}.000000 UTC"
SQUARE = {**toy.RIGHT, "double": "def double(x):\n    return x * x"}


CLASS = ("bo", "cy", "di")


class Submit(ExchangeSubmit):
    """nbgrader's own, at a time of our choice."""

    at = ""

    def set_timestamp(self):
        super().set_timestamp()
        self.timestamp = self.at or self.timestamp


class JudgingEngine(toy.CannedEngine):
    """Runs nothing; no test passes in a notebook in which something is still to be written."""

    def examine(self, job):
        examined = super().examine(job)
        notebook = examined.notebook
        if notebook and any("NotImplementedError" in cell.source for cell in notebook.cells):
            for name in ("test-double", "test-double-zero", "test-half"):
                error = nbformat.v4.new_output("error", ename="NotImplementedError", evalue="")
                toy.cell(notebook, name).outputs = [error]
        return examined


class Term:
    """A course with an exchange, students, and the service as the tests drive it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = time.time()
        self.lines: list[str] = []
        self.engine = JudgingEngine("1")
        self.configure("")

    def configure(self, more: str) -> None:
        """Add to the course's nbgrader_config.py."""
        path = self.folder / "course" / "nbgrader_config.py"
        exchange = f"\nc.Exchange.root = {str(self.folder / 'exchange')!r}\n"
        path.write_text(CONFIG + exchange + more, encoding="utf-8")
        self.course = Course.find(root=path.parent)

    @property
    def inbound(self) -> Path:
        return self.folder / "exchange" / "toy-course" / "inbound"

    def exchange(self, kind, student: str = "*", **traits):
        """Return one of nbgrader's exchange classes, as a student or the course runs it."""
        config = copy.deepcopy(self.course.config)
        home = self.folder / "homes" / student.strip("*")
        config.Exchange.assignment_dir, config.Exchange.cache = str(home), str(home / "cache")
        folders = CourseDirectory(config=config)
        folders.assignment_id, folders.student_id = toy.TOPIC, student
        return kind(coursedir=folders, authenticator=Authenticator(), config=config, **traits)

    def submit(self, student: str, answers: dict[str, str] | str, at: str = "", **files) -> Path:
        """Hand in as a student does, with nbgrader; return the place in the exchange."""
        home = self.folder / "homes" / student / toy.TOPIC
        home.mkdir(parents=True, exist_ok=True)
        path = home / f"{toy.TOPIC}.ipynb"
        if isinstance(answers, str):
            path.write_text(answers, encoding="utf-8")
        else:
            nbformat.write(toy.solved(self.course, answers), path)
        for name, text in files.items():
            (home / name.replace("__", ".")).write_text(text, encoding="utf-8")
        before = set(self.inbound.iterdir())
        command = self.exchange(Submit, student)
        command.at = at
        command.start()
        (made,) = set(self.inbound.iterdir()) - before
        return made

    def service(self, **chosen) -> Service:
        """Start the service again, as after a restart."""
        return Service(
            self.course,
            configured(GradeOnSubmit, self.course.config, "Grading on submit", **chosen),
            self.engine,
            Notes.read(notes.folder_of(self.course)),
            Sayer(self.lines.append),
            clock=lambda: self.now,
        )

    def serve(self, **chosen) -> list[str]:
        """Run a service until there is nothing to do; return whose work it examined."""
        started = self.service(**chosen)
        before = len(self.engine.examined)
        (notes.folder_of(self.course)).mkdir(exist_ok=True)
        while started.round():
            pass
        return self.engine.examined[before:]

    def score(self, student: str) -> float:
        with self.course.gradebook() as gradebook:
            return gradebook.find_submission(toy.TOPIC, student).score

    def penalty(self, student: str) -> float | None:
        with self.course.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook(toy.TOPIC, toy.TOPIC, student)
            return notebook.late_submission_penalty

    def listed(self, student: str) -> list[dict]:
        """Return what the student's Assignment List shows of their submissions."""
        lister = self.exchange(ExchangeList, student, cached=True)
        lister.coursedir.student_id = ""
        lister.coursedir.assignment_id = ""
        (found,) = lister.start()
        return found["submissions"]

    def fetched(self, student: str) -> list[str]:
        """Return the pages that a student fetches, the oldest submission's first."""
        self.exchange(ExchangeFetchFeedback, student).start()
        folder = self.folder / "homes" / student / toy.TOPIC / "feedback"
        return [path.read_text("utf-8") for path in sorted(folder.rglob("*.html"))]

    def said(self, text: str) -> int:
        return sum(text in line for line in self.lines)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o1777)
    toy.make(folder / "course")
    started = Term(folder)
    started.exchange(ExchangeReleaseAssignment).start()
    return folder


@pytest.fixture
def term(template: Path, tmp_path: Path) -> Term:
    shutil.copytree(template, tmp_path / "term")
    return Term(tmp_path / "term")


def at(clock: str) -> str:
    return DAY.format(clock)


def test_a_submission_is_graded_and_told_in_the_assignment_list(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    assert [each["has_exchange_feedback"] for each in term.listed("ana")] == [False]
    assert term.serve() == ["ana"]
    assert term.score("ana") == 6.0
    assert [each["has_exchange_feedback"] for each in term.listed("ana")] == [True]
    (page,) = term.fetched("ana")
    assert "6 <small>of 8 points" in page
    assert "double(-5)" not in page
    assert term.said("ana, toy: 6 of 6 points; feedback is in the exchange") == 1
    assert term.serve() == []


def test_only_the_newest_is_graded_and_what_waits_does_not_starve_the_others(term: Term) -> None:
    term.submit("ana", {}, at("10:00:00"))
    assert term.serve(pause_seconds=60) == ["ana"]
    for second in range(10, 60, 10):
        term.submit("ana", toy.RIGHT if second == 50 else {}, at(f"10:00:{second}"))
        term.now += 10
        if second == 20:
            term.submit("bo", toy.RIGHT, at("10:00:21"))
            assert term.serve(pause_seconds=60) == ["bo"]
        assert term.serve(pause_seconds=60) == []
    term.now += 10
    assert term.serve(pause_seconds=60) == ["ana"]
    assert term.score("ana") == 6.0
    told = [each["has_exchange_feedback"] for each in term.listed("ana")]
    assert told == [True, False, False, False, False, True]


def test_who_had_an_exam_last_comes_last(term: Term) -> None:
    def one(student: str, topic: str, clock: str) -> exchange.HandIn:
        found = exchange.read(Path(), f"{student}+{topic}+{at(clock)}+r")
        assert found is not None
        return found

    ana = [one("ana", f"topic-{n}", "10:00:00") for n in range(3)]
    bo, cy, di = (
        one(name, "topic-0", f"10:00:0{n}") for name, n in zip(CLASS, (3, 2, 1), strict=True)
    )
    known = Notes(Path(), {("di", "topic-2"): notes.Note(exam=5.0)})
    order = queue.in_turn([*ana, bo, cy, di], known)
    assert [each.student for each in order] == ["ana", "cy", "bo", "di", "ana", "ana"]


@pytest.mark.parametrize("before_duedate", [False, True])
def test_what_counts_is_what_nbgraders_collect_takes(term: Term, before_duedate: bool) -> None:
    term.configure(f"c.ExchangeCollect.before_duedate = {before_duedate}\n")
    with term.course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2027-03-01 12:00:00 UTC")
    rng = random.Random(3)
    times = {"ana": [9, 11, 13], "bo": [13, 14], "cy": [8, 9], "d+e": [12, 15], "late": [23]}
    for student, hours in times.items():
        for hour in rng.sample(hours, len(hours)):
            path = term.inbound / f"{student}+{toy.TOPIC}+{at(f'{hour:02}:00:00')}+x{hour}"
            path.mkdir(mode=0o777)
            (path / "submission_secret.txt").write_text("x")
            path.chmod(0o777)
            nbformat.write(toy.solved(term.course, toy.RIGHT), path / "toy.ipynb")
            (path / "timestamp.txt").write_text(at(f"{hour:02}:00:00"))
    ours = Counter(term.serve())
    assert ours == dict.fromkeys(times, 1)
    mine = {path.parent.parent.name: path.read_text() for path in texts(term.course)}
    shutil.rmtree(term.course.submitted_dir)
    term.exchange(ExchangeCollect).start()
    theirs = {path.parent.parent.name: path.read_text() for path in texts(term.course)}
    assert mine == theirs
    assert ("13:00" in mine["ana"]) is not before_duedate
    assert term.serve() == []


def texts(course: Course) -> list[Path]:
    return list(course.submitted_dir.glob(f"*/{toy.TOPIC}/timestamp.txt"))


def test_a_later_due_date_brings_the_later_submission_back(term: Term) -> None:
    term.configure("c.ExchangeCollect.before_duedate = True\n")
    term.submit("ana", toy.RIGHT, at("10:00:00"))
    term.submit("ana", {}, at("14:00:00"))
    for due, score in (("12:00:00", 6.0), ("15:00:00", 0.0), ("11:00:00", 6.0)):
        with term.course.gradebook() as gradebook:
            gradebook.update_or_create_assignment(toy.TOPIC, duedate=f"2027-03-01 {due} UTC")
        term.now += 1000
        assert term.serve() == ["ana"]
        assert term.score("ana") == score


def test_late_work_is_graded_and_loses_what_the_course_takes_off(term: Term) -> None:
    term.configure("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with term.course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2027-03-01 12:00:00 UTC")
    made = term.submit("ana", toy.RIGHT, at("12:00:01"))
    made.chmod(0o777)
    (made / "timestamp.txt").chmod(0o644)
    (made / "timestamp.txt").write_text(at("11:00:00"))  # the name alone counts
    term.serve()
    assert term.penalty("ana") == 6.0
    assert term.said("nbgrader takes off 6 points") == 1
    assert term.said("timestamp.txt does not say what the submission's name says") == 1


def test_work_that_claims_to_be_older_than_it_is_is_pointed_out(term: Term) -> None:
    with term.course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(toy.TOPIC, duedate="2020-01-01 12:00:00 UTC")
    term.submit("ana", toy.RIGHT, "2020-01-01 11:00:00.000000 UTC")
    term.submit("bo", toy.RIGHT)
    term.serve()
    assert term.said("says that it was handed in at 2020-01-01 11:00:00") == 1
    assert term.said("look at it, and at the clocks") == 1


def test_what_a_person_gave_stays_when_work_is_handed_in_again(term: Term) -> None:
    term.submit("ana", {}, at("10:00:00"))
    term.serve(pause_seconds=0)
    with term.course.gradebook() as gradebook:
        answer = gradebook.find_grade("explain", toy.TOPIC, toy.TOPIC, "ana")
        answer.manual_score, answer.needs_manual_grade = 1.5, False
        gradebook.find_grade("test-half", toy.TOPIC, toy.TOPIC, "ana").manual_score = 1.0
        gradebook.find_comment("double", toy.TOPIC, toy.TOPIC, "ana").manual_comment = "Nearly!"
        gradebook.db.commit()
    term.submit("ana", toy.RIGHT, at("11:00:00"))
    assert term.serve(pause_seconds=0) == ["ana"]
    assert term.score("ana") == 3.0 + 1.0 + 1.5
    assert "Nearly!" in term.fetched("ana")[-1]


def test_what_a_person_collected_and_graded_is_left_to_them(term: Term) -> None:
    term.submit("ana", toy.RIGHT, at("10:00:00"))
    term.submit("bo", toy.RIGHT, at("10:00:00"))
    term.exchange(ExchangeCollect).start()
    shutil.rmtree(term.course.submitted_dir / "bo")
    toy.canned(term.course, engine=term.engine)
    assert term.serve() == ["bo"]
    assert not term.listed("ana")[0]["has_exchange_feedback"]
    term.submit("ana", {}, at("11:00:00"))
    assert term.serve() == ["ana"]
    assert term.score("ana") == 0.0


def test_feedback_can_wait_for_the_instructor(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    term.serve(feedback="none")
    assert term.score("ana") == 6.0
    assert not term.listed("ana")[0]["has_exchange_feedback"]
    assert not term.course.feedback_dir.exists()


@pytest.mark.slow
def test_visible_tests_alone_tell_nothing_of_hidden_ones(term: Term) -> None:
    term.configure("c.GradeOnSubmit.feedback = 'visible'\n")
    term.submit("ana", SQUARE)
    term.submit("bo", toy.PARTIAL)  # right for what is visible, wrong for the hidden test
    term.submit("cy", toy.RIGHT)
    done = watch(term.course, once=True, jobs=2, sayer=Sayer(term.lines.append))
    assert done["graded"] == done["feedback"] == 3
    assert [term.score(name) for name in ("ana", "bo", "cy")] == [4.0, 4.0, 6.0]
    ana, bo, cy = (term.fetched(name)[0] for name in ("ana", "bo", "cy"))
    assert "This page shows only the visible tests" in ana
    assert "It looks like the square." in ana
    assert "4 <small>of" in ana
    assert "6 <small>of" in bo
    # Nothing but their own code tells the two apart.
    assert words(bo).replace(" bo ", " cy ").replace("abs(2 * x)", "x + x") == words(cy)
    assert not term.course.feedback_dir.exists()
    feedback_and_show(term.course, [toy.TOPIC], Console(quiet=True), to_exchange=True)
    assert "4 <small>of" in term.fetched("bo")[0]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page.partition("<body>")[2]).split())


def test_broken_notebooks_get_their_reason_back(term: Term) -> None:
    term.submit("ana", "{")
    term.submit("bo", toy.RIGHT)
    assert term.serve() == ["bo"]
    assert term.score("ana") == 0.0
    assert term.listed("ana")[0]["has_exchange_feedback"]
    assert "is not JSON" in term.fetched("ana")[0]


def test_the_notebook_is_found_as_in_grading(term: Term) -> None:
    solved = nbformat.writes(toy.solved(term.course, toy.RIGHT))
    term.submit("ana", nbformat.writes(toy.released(term.course)), toy__ipynb__txt=solved)
    term.submit("bo", "{", mine__ipynb=solved)
    assert set(term.serve()) == {"ana", "bo"}
    assert term.score("ana") == term.score("bo") == 6.0
    assert "toy.ipynb was taken from toy.ipynb.txt" in term.fetched("ana")[0]


def test_each_notebook_of_a_submission_has_feedback(term: Term) -> None:
    term.submit("ana", toy.RIGHT, scratch__ipynb=nbformat.writes(nbformat.v4.new_notebook()))
    usual = os.umask(0o077)  # as an administrator may set it for the service
    try:
        term.serve()
    finally:
        os.umask(usual)
    released = list((term.folder / "exchange" / "toy-course" / "feedback").iterdir())
    assert [path.stat().st_mode & 0o777 for path in released] == [0o644, 0o644]
    assert term.listed("ana")[0]["has_exchange_feedback"]
    first, second = term.fetched("ana")
    assert first == second
    assert "another notebook was not graded: scratch.ipynb" in first


HOSTILE = [
    "toy",
    "ana+toy",
    "ana+toy+yesterday, perhaps+x",
    f"..+toy+{DAY.format('10:00:00')}+x",
    f".+toy+{DAY.format('10:00:00')}+x",
    f"+toy+{DAY.format('10:00:00')}+x",
    f"ana+..+{DAY.format('10:00:00')}+x",
    f"ana+nonsense+{DAY.format('10:00:00')}+x",
    "ana+toy+9999999999999999999+x",
    f"an\x1b[31ma+toy+{DAY.format('10:00:00')}+x",
    f"an\udcffa+toy+{DAY.format('10:00:00')}+x",
    "ana+toy+" + "1" * 200,
]


def test_names_that_lead_elsewhere_or_nowhere_are_passed_over(term: Term) -> None:
    for name in HOSTILE:
        folder = term.inbound / name
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        for file in ("toy.ipynb", "submission_secret.txt"):
            (folder / file).write_text("{}")
    term.submit("bo", toy.RIGHT)
    before = {path.name for path in term.course.root.iterdir()}
    assert term.serve() == ["bo"]
    after = {path.name for path in term.course.root.iterdir()}
    assert after - before == {".on-submit", "submitted", "autograded", "feedback"}
    assert [path.name for path in term.course.submitted_dir.iterdir()] == ["bo"]
    assert term.said("'nonsense', which the gradebook does not know") == 1
    assert term.said("Something unexpected") == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand in under two accounts")
def test_work_in_anothers_name_neither_counts_nor_hides_their_own(term: Term) -> None:
    term.configure("c.ExchangeCollect.check_owner = True\n")
    mine = term.submit("nobody", toy.RIGHT, at("10:00:00"))
    (mine / "roots.txt").touch()
    for path in (mine, *mine.glob("[st]*")):
        shutil.chown(path, "nobody")
    term.submit("nobody", {}, at("11:00:00"))  # root's
    assert term.serve() == ["nobody"]
    assert term.score("nobody") == 6.0
    assert term.said("says that it is nobody's, but belongs to root") == 1
    assert term.said("roots.txt belongs to another account") == 1
    assert term.serve() == []


def test_ones_own_work_counts_where_owners_are_checked(term: Term) -> None:
    term.configure("c.ExchangeCollect.check_owner = True\n")
    me = get_username()
    term.submit(me, toy.RIGHT)
    term.submit("ana", toy.RIGHT)
    assert term.serve() == [me]
    assert term.said("c.ExchangeCollect.check_owner = False") == 1


def test_nothing_is_read_through_links(term: Term) -> None:
    secret = term.course.root / "secret.txt"
    secret.write_text("the hidden tests")
    made = term.submit("ana", toy.RIGHT)
    (made / "link.txt").symlink_to(secret)
    (made / "folder").symlink_to(term.course.root)
    os.mkfifo(made / "pipe")
    (made / "own").mkdir()
    (made / "own" / "data.txt").write_text("mine")
    link = term.inbound / f"bo+toy+{at('10:00:00')}+x"
    link.symlink_to(made)
    assert term.serve() == ["ana"]
    taken = term.course.submitted_dir / "ana" / toy.TOPIC
    assert {path.name for path in taken.iterdir()} == {
        "toy.ipynb", "timestamp.txt", "submission_secret.txt", "own",
    }  # fmt: skip
    assert (taken / "own" / "data.txt").read_text() == "mine"
    assert all(term.said(name) for name in ("link.txt", "folder", "pipe"))
    assert term.said("is not a folder") == 1


def test_a_link_put_in_place_of_a_file_at_the_last_moment_is_not_followed(
    term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = term.course.root / "secret.txt"
    secret.write_text("the hidden tests")
    made = term.submit("ana", toy.RIGHT, notes__txt="mine")
    really = os.open

    def swapped(path, flags, *args, **more):
        if path == "notes.txt":
            (made / "notes.txt").unlink()
            (made / "notes.txt").symlink_to(secret)
        return really(path, flags, *args, **more)

    monkeypatch.setattr(collect.os, "open", swapped)
    term.serve()
    assert not (term.course.submitted_dir / "ana" / toy.TOPIC / "notes.txt").exists()
    assert term.score("ana") == 6.0


def test_a_huge_submission_is_refused_once_and_stops_nobody(term: Term, monkeypatch) -> None:
    term.configure("c.CourseDirectory.max_dir_size = 100\nc.CourseDirectory.max_file_size = 60\n")
    many = term.submit("many", toy.RIGHT)
    for number in range(12):
        (many / str(number)).touch()
    large = term.submit("large", toy.RIGHT)
    for name in "ab":
        (large / name).write_bytes(bytes(55_000))
    single = term.submit("single", toy.RIGHT)
    with (single / "sparse").open("wb") as file:
        file.truncate(10**12)
    deep = term.submit("deep", toy.RIGHT)
    deep.joinpath(*"d" * 30).mkdir(parents=True)
    monkeypatch.setattr(collect, "MOST_FILES", 10)
    assert term.serve() == ["single"]
    assert term.said("it is larger than 0.1 MB") == 1
    assert term.said("it holds more than 10 files") == 2
    assert term.said("sparse is larger than 0.06 MB") == 1
    assert [path.name for path in term.course.submitted_dir.glob("*/*")] == ["toy"]
    term.now += 10_000
    assert term.serve() == []
    assert term.said("not taken") == 3


def test_secrets_that_are_none_do_not_stop_feedback_for_others(term: Term) -> None:
    for student, secret in (("ana", b""), ("bo", b"\xff\xfe"), ("cy", b"x" * 10_000)):
        made = term.submit(student, toy.RIGHT)
        (made / "submission_secret.txt").write_bytes(secret)
    (term.submit("di", toy.RIGHT) / "submission_secret.txt").unlink()
    term.submit("eve", toy.RIGHT)
    assert len(term.serve()) == 4  # what has no secret may be on its way still
    term.now += 61
    assert term.serve() == ["di"]
    assert term.said("submission_secret.txt is not in the submission") == 4
    assert term.listed("eve")[0]["has_exchange_feedback"]


@pytest.mark.parametrize("mode", [0o755, 0o750])
def test_work_that_is_still_being_copied_is_waited_for(term: Term, mode: int) -> None:
    made = term.submit("ana", toy.RIGHT)
    made.chmod(mode)
    assert term.serve() == []
    term.now += 61
    assert term.serve() == ["ana"]  # it came in another way, and has been left alone since


def test_a_submission_that_cannot_be_read_now_is_tried_again(term: Term, monkeypatch) -> None:
    term.submit("ana", toy.RIGHT)
    really = os.read

    def fails(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(collect.os, "read", fails)
    started = term.service()
    started.round()
    assert term.said("Input/output error") == 1
    assert started.troubled
    monkeypatch.setattr(collect.os, "read", really)
    started.round()
    assert term.engine.examined == []  # not at once
    term.now += 1000
    started.round()
    assert term.engine.examined == ["ana"]


def test_a_new_version_replaces_the_old_one_only_when_it_is_whole(term: Term, monkeypatch) -> None:
    term.submit("ana", toy.RIGHT, at("10:00:00"))
    term.serve(pause_seconds=0)
    place = term.course.submitted_dir / "ana" / toy.TOPIC
    before = (place / "timestamp.txt").read_text()
    term.submit("ana", {}, at("11:00:00"))
    really = Path.rename

    def killed(path: Path, target: Path):
        if path.name == ".toy.new":
            raise KeyboardInterrupt
        return really(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        term.serve(pause_seconds=0)
    monkeypatch.undo()
    assert not place.exists()
    assert term.service()
    assert (place / "timestamp.txt").read_text() == before
    term.serve(pause_seconds=0)
    assert term.score("ana") == 0.0
    assert [path.name for path in place.parent.iterdir()] == ["toy"]


def test_a_fault_of_the_machine_is_tried_again_and_not_told_as_a_grade(term: Term) -> None:
    term.submit("ana", {**toy.RIGHT, "half": "fault = 1"})
    term.submit("bo", toy.RIGHT)
    started = term.service()
    while started.round():
        pass
    assert sorted(term.engine.examined) == ["ana", "bo"]
    assert not term.listed("ana")[0]["has_exchange_feedback"]
    assert started.troubled or term.said("no room on the device")
    for _ in range(3):
        term.now += 1000
        started.round()
    assert Counter(term.engine.examined) == {"ana": 4, "bo": 1}
    assert term.said("no room on the device") == 1


def test_feedback_that_is_not_taken_is_given_later_without_another_exam(
    term: Term, monkeypatch
) -> None:
    term.submit("ana", toy.RIGHT)
    feedback = term.folder / "exchange" / "toy-course" / "feedback"
    feedback.write_text("a file in its place")
    assert term.serve() == ["ana"]
    assert term.said("it is graded, but has no feedback yet") == 1
    feedback.unlink()
    assert term.serve(pause_seconds=0) == []
    assert term.listed("ana")[0]["has_exchange_feedback"]


def test_an_exchange_that_is_away_is_said_once_and_tried_again(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    away = term.inbound.with_name("elsewhere")
    term.inbound.rename(away)
    started = term.service()
    waits = []
    for _ in range(200):
        began = term.now
        while started.pauses.waiting(""):
            term.now += 1
        waits.append(term.now - began)
        started.round()
        assert started.troubled
        if waits[-1] > 800:
            break
    assert waits == sorted(waits)
    assert term.said("The exchange cannot be read at") == 1
    away.rename(term.inbound)
    term.now += 1000
    assert started.round()
    assert term.engine.examined == ["ana"]


def test_a_missing_gradebook_is_said_and_not_made_anew(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    book = term.course.root / "gradebook.db"
    away = book.rename(book.with_name("away.db"))
    started = term.service()
    started.round()
    assert term.said("There is no gradebook at") == 1
    assert not book.exists()
    away.rename(book)
    term.now += 1000
    assert started.round()
    book.write_bytes(b"not a database, not at all" * 100)
    term.submit("bo", toy.RIGHT)
    term.now += 1000
    started.round()
    assert started.troubled
    assert term.said("gradebook") >= 2


def test_a_topic_that_cannot_be_graded_stops_no_other(term: Term) -> None:
    (term.course.solutions / "other").mkdir()
    (term.course.solutions / "other" / "other.py").write_text(toy.TEXT, encoding="utf-8")
    release(term.course, ["other"])
    (term.course.release_dir / "other" / "other.ipynb").write_text("{")
    name = f"ana+other+{at('09:00:00')}+x"
    (term.inbound / name).mkdir()
    (term.inbound / name).chmod(0o777)
    (term.inbound / name / "submission_secret.txt").write_text("x")
    term.submit("ana", toy.RIGHT, at("10:00:00"))
    started = term.service()
    for _ in range(5):
        started.round()
    assert term.engine.examined == ["ana"]
    assert term.score("ana") == 6.0
    assert term.said(" other: There was an unexpected error") == 1


def test_a_full_disk_is_said_and_no_grade_is_spoilt(term: Term, monkeypatch) -> None:
    term.submit("ana", toy.RIGHT)
    full = shutil._ntuple_diskusage(10**9, 10**9 - 5, 5)
    monkeypatch.setattr(collect.shutil, "disk_usage", lambda _: full)
    started = term.service()
    started.round()
    assert term.said("is full (0 MB are free)") == 1
    assert term.engine.examined == []
    monkeypatch.undo()
    monkeypatch.setattr(Path, "replace", no_room)
    term.now += 1000
    started.round()
    assert term.said("No space left on device") == 1
    assert term.engine.examined == []
    monkeypatch.undo()
    term.now += 1000
    started.round()
    assert term.engine.examined == ["ana"]
    assert term.listed("ana")[0]["has_exchange_feedback"]


def no_room(*_):
    raise OSError(28, "No space left on device")


def test_notes_that_are_broken_are_put_aside_and_nothing_is_repeated(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    term.serve()
    path = notes.folder_of(term.course) / "graded.json"
    for text in ('{"version": 1, "topics": {"toy": {"ana": [', "[]", "", '{"topics": {"toy": 3}}'):
        path.write_text(text)
        assert Notes.read(path.parent).broken
        path.write_text(text)
        assert term.serve() == []
        assert path.with_suffix(".broken").read_text() == text


def test_one_service_for_a_course(term: Term) -> None:
    with notes.alone(term.course), pytest.raises(AutograderError, match=f"process {os.getpid()}"):
        watch(term.course, once=True, engine=term.engine)
    assert watch(term.course, once=True, engine=term.engine, sayer=Sayer(term.lines.append)) == {
        "graded": 0, "feedback": 0, "left": 0, "refused": 0, "waiting": 0, "complete": True,
    }  # fmt: skip


def test_it_waits_while_a_person_grades(term: Term) -> None:
    term.submit("ana", toy.RIGHT)
    with grading_lock(term.course):
        assert term.serve() == []
        with pytest.raises(Busy):
            toy.canned(term.course, submitted=term.folder, wait=False)
    assert term.said("Another run is grading this course") == 1
    assert term.serve() == ["ana"]


def test_a_second_run_of_a_person_waits_for_the_first(term: Term, capsys) -> None:
    began = threading.Event()

    def second() -> None:
        with grading_lock(term.course):
            began.set()

    other = threading.Thread(target=second)
    with grading_lock(term.course):
        other.start()
        wait_for(lambda: "this one begins when it ends" in capsys.readouterr().err, "it is silent")
        assert not began.is_set()
    assert began.wait(PATIENCE_S)
    other.join()


def test_a_signal_ends_it_after_the_exam_in_progress(term: Term) -> None:
    for number in range(5):
        term.submit(f"student-{number}", toy.RIGHT, at(f"10:00:0{number}"))

    said = "SIGTERM: ending after the exams in progress"
    ended = threading.Event()

    class Interrupting(JudgingEngine):
        def examine(self, job):
            first = not term.said(said)
            os.kill(os.getpid(), signal.SIGTERM)
            if first:
                wait_for(lambda: term.said(said), "the signal was not heard")
            else:
                ended.wait(PATIENCE_S)
            return super().examine(job)

    before = signal.getsignal(signal.SIGTERM)
    engine = Interrupting("1")
    with contextlib.suppress(KeyboardInterrupt):  # the second exam's signal
        watch(term.course, engine=engine, sayer=Sayer(term.lines.append))
    ended.set()
    assert signal.getsignal(signal.SIGTERM) is before
    assert term.said(said) == 1
    assert 1 <= len(engine.examined) <= 2
    rest = term.serve()
    assert set(rest) | set(engine.examined) == {f"student-{number}" for number in range(5)}
    assert all(term.listed(f"student-{n}")[0]["has_exchange_feedback"] for n in range(5))


@pytest.mark.slow
def test_killed_in_the_middle_of_an_exam_it_goes_on(term: Term) -> None:
    marks, goes_on = term.folder / "marks", term.folder / "goes-on"
    marks.touch()
    code = (
        f"import os, time\nopen({str(marks)!r}, 'a').write('x')\n"
        f"while not os.path.exists({str(goes_on)!r}): time.sleep(0.05)\n{toy.RIGHT['half']}"
    )
    term.submit("ana", {**toy.RIGHT, "half": code}, at("10:00:00"))
    term.submit("bo", toy.RIGHT, at("10:00:01"))
    command = [sys.executable, "-m", "autograder", "watch", "--sandbox", "off"]
    running = subprocess.Popen(command, cwd=term.course.root, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: marks.read_text() or running.poll() is not None, "no exam has begun")
        assert running.poll() is None, "the service has ended"
    finally:
        running.kill()
        running.wait()
    goes_on.touch()
    assert json.loads((notes.folder_of(term.course) / "graded.json").read_bytes())["topics"]
    summary = term.folder / "done.json"
    for graded in (2, 0):
        ran = subprocess.run(
            [*command, "--once", "--json", str(summary)],
            cwd=term.course.root, capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert json.loads(summary.read_text())["graded"] == graded
    assert marks.read_text() == "xx"
    assert (term.score("ana"), term.score("bo")) == (6.0, 6.0)
    for name in ("ana", "bo"):
        assert term.listed(name)[0]["has_exchange_feedback"]


@pytest.mark.parametrize("stage", ["taken", "recorded", "paged", "released"])
def test_killed_between_two_steps_it_repeats_no_exam_and_loses_nothing(
    term: Term, monkeypatch, stage: str
) -> None:
    term.submit("ana", toy.RIGHT)
    places = {
        "taken": (service, "grade"),
        "recorded": (service.release_feedback, "make_page"),
        "paged": (releasing, "ExchangeFactory"),
        "released": (Notes, "end"),
    }

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*places[stage], killed)
        with pytest.raises(KeyboardInterrupt):
            term.serve()
    term.now += 1000
    term.serve()
    assert term.engine.examined == ["ana"]
    assert term.listed("ana")[0]["has_exchange_feedback"]
    assert term.serve() == []


def test_once_says_by_its_status_that_something_is_left(term: Term, monkeypatch) -> None:
    monkeypatch.chdir(term.course.root)
    ran = CliRunner().invoke(app, ["watch", "--once", "toy", "--sandbox", "off"])
    assert ran.exit_code == 0, ran.output
    assert "Watching" in ran.output
    shutil.rmtree(term.inbound)
    ran = CliRunner().invoke(app, ["watch", "--once"])
    assert ran.exit_code == 1
    assert "nbgrader release_assignment TOPIC" in ran.output


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("c.GradeOnSubmit.feedback = 'some'\n", "c.GradeOnSubmit"),
        ("c.CourseDirectory.course_id = ''\n", "course_id"),
        ("c.ExchangeFactory.collect = 'nbgrader.exchange.abc.ExchangeCollect'\n", "shared folder"),
    ],
)
def test_what_cannot_be_watched_says_why(term: Term, more: str, message: str) -> None:
    term.configure(more)
    with pytest.raises(AutograderError, match=message):
        watch(term.course, once=True, engine=term.engine)


def test_nothing_is_looked_at_while_nothing_changes(term: Term, monkeypatch) -> None:
    started = term.service()
    term.now += 30
    started.round()
    looks = []
    monkeypatch.setattr(Inbound, "look", lambda self: looks.append(1) or [])
    for _ in range(10):
        term.now += 5
        started.round()
    assert len(looks) == 0
    term.now += 60
    started.round()
    assert len(looks) == 1
    (term.inbound / "x").mkdir()
    started.round()
    assert len(looks) == 2


def test_times_are_read_as_nbgrader_reads_them() -> None:
    for text in (
        at("10:00:00"), "2027-03-01 10:00:00 UTC", "2027-03-01 10:00:00.25 CET",
        "2027-03-01 10:00:00 +0530", "2027-03-01T10:00:00",
    ):  # fmt: skip
        assert exchange.when(text) == parse_utc(text)
    assert exchange.when("2027-13-41 10:00:00 UTC") is None


PAGE = (Path(__file__).resolve().parents[3] / "docs" / "on-submit.md").read_text("utf-8")


def test_the_page_names_every_setting_and_its_default() -> None:
    block = re.search(r"```python\n(c\.GradeOnSubmit.*?)```", PAGE, re.DOTALL)
    assert block
    said = Config()
    exec(block[1].replace('; or ["05-backprop", …]', ""), {"c": said})
    defaults = GradeOnSubmit().trait_values(config=True)
    assert dict(said.GradeOnSubmit) == defaults


def test_the_page_holds_a_unit_that_systemd_takes(tmp_path: Path) -> None:
    block = re.search(r"```ini\n(.*?)```", PAGE, re.DOTALL)
    assert block
    command = re.search(r"ExecStart=\S+/autograder (.*)", block[1])
    assert command
    assert CliRunner().invoke(app, [*command[1].split(), "--help"]).exit_code == 0
    unit = tmp_path / "grade-on-submit@.service"
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", block[1]))
    if analyze := shutil.which("systemd-analyze"):
        ran = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True)
        assert unit.name.replace("@.", "@i.") not in ran.stderr, ran.stderr
        assert ran.returncode == 0, ran.stderr
