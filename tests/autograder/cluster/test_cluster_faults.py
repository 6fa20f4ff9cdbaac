"""With any fault of a cluster, every submission is recorded once, with a grade or a reason."""

import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from autograder.remarks import texts
from tests.support import toy_course as toy

pytest.importorskip("distributed", reason="Dask is not installed")

from autograder.cluster import link
from autograder.cluster.address import Place
from autograder.cluster.cluster_workers import ClusterWorkers
from autograder.cluster.versions import installed
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.gradebook.records import Submission, TopicRun
from autograder.grading.grade import grade
from tests.support.cluster import dask_lab as lab
from tests.support.cluster.dask_staged import StagedEngine

pytestmark = pytest.mark.slow

Watch = Callable[[str], None]


def class_of(course: Course, **told: str) -> None:
    """Let students hand in; the answers say what happens at their exam."""
    for student, line in told.items():
        answers = {**toy.RIGHT, "half": f"# {line}\n{toy.RIGHT['half']}"}
        toy.hand_in(course.submitted_dir, student, toy.solved(course, answers))


def many(line: str, count: int = 12) -> dict[str, str]:
    return {f"s{number:02}": line for number in range(count)}


def held(count: int) -> dict[str, str]:
    """Return students whose exams end only after the engine's ``let("on")``."""
    return {f"t{number:02}": "until on" for number in range(count)}


class Room:
    """One grading run with the staged engine; counts how often each student is recorded."""

    def __init__(self, course: Course, place: Place, **options: float) -> None:
        self.course = course
        self.engine = StagedEngine(course.root)
        self.workers = ClusterWorkers(place, **{"patience_s": 300.0, **options})
        self.seen: list[str] = []

    def run(self, then: Watch | None = None, *, force: bool = False) -> TopicRun:
        def watch(topic: str, outcome: Submission) -> None:
            self.seen.append(outcome.student)
            if then:
                then(outcome.student)

        with self.workers:
            (found,) = grade(
                self.course, [toy.TOPIC], engine=self.engine, workers=self.workers, watch=watch,
                force=force,
            )  # fmt: skip
        assert sorted(self.seen) == sorted(found.submissions)
        return found


def all_full(run: TopicRun, count: int) -> None:
    """Every submission is there, and has the full score of one examination."""
    assert len(run.submissions) == count
    for outcome in run.submissions.values():
        assert (outcome.score, texts(outcome.remarks)) == (6.0, ["examined"]), outcome


def after(number: int, act: Callable[[], None]) -> Watch:
    """Act once, when so many are recorded."""
    count = 0

    def then(student: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            act()

    return then


def test_a_killed_worker_costs_nothing(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("meet 2", 11), last="meet 2, kill once")
    both = {worker.pid for worker in cluster.workers(2)}
    room = Room(course, Place(cluster.address))
    all_full(room.run(), 12)
    assert room.workers.most == 2
    again = {s: pids for s in room.seen if len(pids := room.engine.examined(s)) > 1}
    assert set(again) == {"last"}
    assert len(again["last"]) == 2
    assert set(again["last"]) == both


def test_a_worker_that_joins_late_takes_part(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("meet 2", 15), first="pass")
    cluster.workers(1)
    room = Room(course, Place(cluster.address))
    run = room.run(after(1, cluster.start_worker))
    all_full(run, 16)
    assert room.workers.most == run.workers == 2
    assert len({room.engine.examined(s)[0] for s in room.seen}) == 2


def test_a_scheduler_that_is_restarted(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("pass", 4), **held(8))
    cluster.workers(1)
    room = Room(course, Place(cluster.address))

    def restart() -> None:
        lab.until(lambda: len(room.engine.log()) > 4)  # one is on its way
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        room.engine.let("on")
        cluster.start_scheduler()
        cluster.start_worker()  # as systemd and batch systems do

    all_full(room.run(after(4, restart)), 12)


def test_a_network_that_is_cut(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("pass", 3), **held(9))
    cluster.workers(1)
    relay = lab.Relay(cluster.port)
    room = Room(course, Place(f"tcp://127.0.0.1:{relay.port}"))

    def cut() -> None:
        lab.until(lambda: len(room.engine.log()) > 3)  # one is on its way
        relay.cut()
        room.engine.let("on")
        lab.until(lambda: not room.workers.link.alive)
        relay.mend()

    try:
        all_full(room.run(after(3, cut)), 12)
    finally:
        relay.cut()


def test_a_network_that_is_back_before_anybody_looked(
    course: Course, cluster: lab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "_POLL_S", 5.0)
    class_of(course, **many("pass", 2), **held(2))
    cluster.workers(1)
    relay = lab.Relay(cluster.port)
    room = Room(course, Place(f"tcp://127.0.0.1:{relay.port}"))

    def cut() -> None:
        lab.until(lambda: len(room.engine.log()) > 2)  # one is on its way
        relay.cut()
        lab.until(lambda: room.workers.link.client.status != "running")
        relay.mend()
        # Dask's client connects again by itself, and has forgotten what was on its way.
        lab.until(lambda: room.workers.link.client.status == "running")
        room.engine.let("on")

    try:
        all_full(room.run(after(2, cut)), 4)
    finally:
        relay.cut()


def test_a_scheduler_that_is_silent_counts_as_lost(
    course: Course, cluster: lab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_of(course, **many("pass", 2), **held(4))
    cluster.workers(1)
    room = Room(course, Place(cluster.address))

    def stop() -> None:
        lab.until(lambda: len(room.engine.log()) > 2)  # one is on its way
        cluster.scheduler.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(link, "SILENCE_S", 0.5)
        monkeypatch.setattr(link, "_ANSWER_S", 0.5)
        room.engine.let("on")
        threading.Thread(target=go_on).start()

    def go_on() -> None:
        lab.until(lambda: room.workers.link.client is None)  # it was given up, and is tried again
        monkeypatch.undo()
        cluster.scheduler.send_signal(signal.SIGCONT)

    all_full(room.run(after(2, stop)), 6)


def test_a_scheduler_that_stays_away_ends_the_run_and_it_can_go_on(
    course: Course, cluster: lab.Lab
) -> None:
    class_of(course, **many("pass", 3), **held(5))
    cluster.workers(1)
    room = Room(course, Place(cluster.address))

    def end() -> None:
        room.workers.link.patience_s = 2.0
        cluster.scheduler.kill()

    with pytest.raises(
        AutograderError, match=r"has been unavailable for .*The grades so far are in"
    ):
        room.run(after(3, end))
    kept = list(room.seen)
    assert 3 <= len(kept) < 8
    room.engine.let("on")
    cluster.start_scheduler()
    cluster.start_worker()
    run = Room(course, Place(cluster.address)).run()
    all_full(run, 8)
    assert sorted(s for s, found in run.submissions.items() if found.unchanged) == sorted(kept)


def test_a_worker_that_stands_still_is_passed_over(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("meet 2", 6), still="stop once")
    both = cluster.workers(2)
    room = Room(course, Place(cluster.address))

    def pass_over() -> None:  # the deadline's end, when it has come to nobody else
        lab.until(lambda: any(lab.stopped(worker) for worker in both))
        for attempt in room.workers.current.schedule.attempts:
            if attempt.task.tag.handed_in.student == "still":
                room.workers.link.soon(partial(room.workers.current.overdue, attempt))

    def wake(student: str) -> None:  # its result comes second, and is ignored
        if student == "still":
            for worker in both:
                worker.send_signal(signal.SIGCONT)
            lab.until(lambda: not any(a.late for a in room.workers.current.schedule.attempts))

    threading.Thread(target=pass_over).start()
    all_full(room.run(wake), 7)
    assert len(room.engine.examined("still")) == 2
    assert len(set(room.engine.examined("still"))) == 2


def test_where_all_stand_still_the_run_ends(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("pass", 1), **held(1), zoe="stop")
    cluster.workers(1)
    room = Room(course, Place(cluster.address))

    def hurry() -> None:  # for what is placed from now on
        lab.until(lambda: len(room.engine.log()) > 1)
        room.workers.current.deadline_s = 1.0
        room.workers.link.patience_s = 1.0
        room.engine.let("on")

    with pytest.raises(AutograderError, match="None of the 1 workers"):
        room.run(after(1, hurry))
    assert len(room.engine.examined("zoe")) == 1


def test_a_submission_that_ends_its_workers_is_set_aside(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("pass", 6), poison="kill")
    cluster.workers(0)
    cluster.start_worker(nanny=True)
    cluster.start_worker(nanny=True)
    room = Room(course, Place(cluster.address))
    run = room.run()
    poison = run.submissions.pop("poison")
    all_full(run, 6)
    assert not poison.graded
    assert poison.score == 0.0
    assert "tried 3 times on the cluster" in poison.remarks[0].text
    assert "ended while it examined it" in poison.remarks[0].text
    assert len(room.engine.examined("poison")) == 3
    assert all(len(room.engine.examined(s)) == 1 for s in run.submissions)


def test_a_worker_that_comes_back_at_its_old_address_is_asked_anew(
    course: Course, cluster: lab.Lab
) -> None:
    class_of(course, fine="pass", poison="kill once", x="pass")
    cluster.workers(0)
    cluster.start_worker(f"--worker-port={lab.free_port()}", nanny=True)
    room = Room(course, Place(cluster.address))
    all_full(room.run(), 3)
    assert len(set(room.engine.examined("poison"))) == 2


def test_an_exam_that_cannot_be_held_is_tried_elsewhere_and_set_aside(
    course: Course, cluster: lab.Lab
) -> None:
    class_of(course, **many("meet 2", 8), x="meet 2, fault once", y="fault")
    cluster.workers(2)
    room = Room(course, Place(cluster.address))
    run = room.run()
    broken = run.submissions.pop("y")
    all_full(run, 9)
    assert len(set(room.engine.examined("x"))) == 2
    assert "No space left on device" in broken.remarks[0].text
    assert len(room.engine.examined("y")) >= 3
    assert not broken.graded


def test_a_worker_with_other_versions_is_refused(course: Course, cluster: lab.Lab) -> None:
    class_of(course, **many("pass", 4))
    cluster.workers(0)
    other = cluster.start_worker(code=lab.OTHER)
    without = cluster.start_worker(code=lab.WITHOUT)
    cluster.registered(other, without)
    room = Room(course, Place(cluster.address))
    with pytest.raises(AutograderError) as refused:
        room.run()
    text = str(refused.value)
    assert "it has TensorFlow 9.9.9" in text
    assert f"this command {installed()['TensorFlow']}" in text
    assert "(0123456789ab)" in text
    assert "the kit, or a part of it, is not installed there" in text
    assert f"this command {installed()['nnkit']}" in text
    cluster.workers(1)
    room = Room(course, Place(cluster.address))
    all_full(room.run(), 4)
    examined = {pid for s in room.seen for pid in room.engine.examined(s)}
    assert not examined & {other.pid, without.pid}


def test_a_cluster_without_workers_is_said(course: Course, cluster: lab.Lab) -> None:
    class_of(course, ana="pass")
    cluster.workers(0)
    with pytest.raises(AutograderError, match=r"has had no worker for 0\.05 minutes"):
        Room(course, Place(cluster.address), patience_s=3.0).run()


def test_nothing_stays_on_the_workers(
    course: Course, cluster: lab.Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_of(course, ana="pass")
    cluster.workers(0)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    seen: list[Path] = []
    with monkeypatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        cluster.start_worker()
    room = Room(course, Place(cluster.address))
    all_full(room.run(lambda _: seen.extend(scratch.glob("autograder-*"))), 1)
    assert seen
    lab.until(lambda: not any(scratch.glob("autograder-*")))
