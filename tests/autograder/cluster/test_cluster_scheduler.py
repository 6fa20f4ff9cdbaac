"""The bookkeeping of a cluster's run: who has what, who is to blame, and when to give up."""

import pytest

from autograder.cluster import scheduler
from autograder.cluster.scheduler import Attempt, Schedule, Task

A, B = "tcp://a:1", "tcp://b:1"


@pytest.fixture
def schedule() -> Schedule:
    return Schedule()


def opened(schedule: Schedule, *addresses: str, threads: int = 1) -> None:
    for worker in schedule.meet(dict.fromkeys(addresses, threads)):
        worker.open = True


def give(schedule: Schedule, *names: str) -> list[Attempt]:
    schedule.ready.extend(Task(name, name, b"") for name in names)
    return list(schedule.place())


def on(schedule: Schedule, address: str) -> str:
    return "".join(attempt.task.tag for attempt in schedule.workers[address].attempts)


def test_a_worker_gets_as_many_as_it_has_threads(schedule: Schedule) -> None:
    opened(schedule, A)
    opened(schedule, A, B, threads=2)
    give(schedule, *"vwxyz")
    assert (len(on(schedule, A)), len(on(schedule, B))) == (1, 2)
    assert [task.tag for task in schedule.ready] == ["y", "z"]


def test_nothing_goes_to_a_worker_that_was_not_asked_in(schedule: Schedule) -> None:
    schedule.meet({A: 1})
    assert give(schedule, "x") == []
    assert schedule.wants_more  # a few are made ready all the same
    schedule.ready.extend(Task(name, name, b"") for name in "yz")
    assert not schedule.wants_more


def test_only_what_a_worker_was_at_is_blamed_for_its_end(schedule: Schedule) -> None:
    opened(schedule, A)
    give(schedule, "x", "y")
    schedule.meet({B: 1})
    waiting = {task.tag: task for task in schedule.ready}
    assert len(waiting["x"].failures) == 1
    assert A in waiting["x"].failures[0]
    assert waiting["x"].alone
    assert waiting["y"].failures == []
    assert not waiting["y"].alone
    assert [attempt.task.tag for attempt in schedule.given_up] == ["x"]


def test_a_suspect_gets_a_worker_for_itself_and_is_not_starved(schedule: Schedule) -> None:
    opened(schedule, A, B, threads=2)
    first = give(schedule, *"uvwx")
    suspect = Task("s", "s", b"", alone=True)
    schedule.ready.appendleft(suspect)
    schedule.ready.extend(Task(name, name, b"") for name in "yz")
    for attempt in first:
        schedule.finish(attempt)
        placed = [attempt.task.tag for attempt in schedule.place()]
        if "s" in placed:
            break
    worker = next(one for one in schedule.workers.values() if "s" in on(schedule, one.address))
    assert on(schedule, worker.address) == "s"


def test_three_failures_set_a_task_aside_with_every_reason(schedule: Schedule) -> None:
    opened(schedule, A, B)
    for number in range(scheduler.ATTEMPTS):
        [attempt] = give(schedule) or give(schedule, "x")
        schedule.fault(attempt, f"reason {number}")
    assert not schedule.waiting
    [(task, reason)] = schedule.outcomes
    assert task.tag == "x"
    assert all(f"reason {number}" in reason for number in range(3))
    assert f"tried {scheduler.ATTEMPTS} times" in reason


def test_a_failure_is_tried_where_it_has_not_failed(schedule: Schedule) -> None:
    opened(schedule, A, B)
    [attempt] = give(schedule, "x")
    first = attempt.worker.address
    schedule.fault(attempt, "no")
    [attempt] = schedule.place()
    assert attempt.worker.address != first


def test_a_worker_that_fails_three_in_a_row_gets_no_more_if_there_is_another(
    schedule: Schedule,
) -> None:
    opened(schedule, A)
    for name in "xyz":
        [attempt] = give(schedule, name)
        schedule.fault(attempt, "disk full")
        schedule.ready.clear()
    assert schedule.workers[A].open  # the last one stays
    opened(schedule, A, B)
    [attempt] = [a for a in give(schedule, "u", "v") if a.worker.address == A]
    schedule.fault(attempt, "disk full")
    assert not schedule.workers[A].open
    assert "disk full" in schedule.workers[A].refusal


def test_what_succeeds_clears_a_workers_name(schedule: Schedule) -> None:
    opened(schedule, A, B)
    for name in "xyzuvw":
        for attempt in give(schedule, name):
            if name in "zw":
                schedule.finish(attempt)
            else:
                schedule.fault(attempt, "no")
        schedule.ready.clear()
    assert all(worker.open for worker in schedule.workers.values())


def test_the_first_result_counts(schedule: Schedule) -> None:
    opened(schedule, A, B)
    [slow] = give(schedule, "x")
    schedule.overdue(slow, 100.0)
    assert not slow.worker.usable
    [again] = schedule.place()
    assert again.worker is not slow.worker
    assert schedule.finish(again)
    assert not schedule.finish(slow)
    assert slow.worker.usable
    assert not schedule.waiting


def test_a_late_result_counts_if_it_comes_first(schedule: Schedule) -> None:
    opened(schedule, A)
    [slow] = give(schedule, "x")
    schedule.overdue(slow, 100.0)
    assert schedule.finish(slow)
    assert not schedule.ready
    assert not schedule.waiting


def test_an_idle_worker_takes_what_waits(schedule: Schedule) -> None:
    opened(schedule, A)
    give(schedule, "x", "y")
    opened(schedule, A, B)
    [attempt] = schedule.place()
    assert attempt.task.tag == "y"
    assert (on(schedule, A), on(schedule, B)) == ("x", "y")
    assert not list(schedule.place())


def test_a_lost_scheduler_is_nobodys_fault(schedule: Schedule) -> None:
    opened(schedule, A)
    give(schedule, *"xyz")
    schedule.scatter()
    assert sorted(task.tag for task in schedule.ready) == ["x", "y", "z"]
    assert all(not task.failures for task in schedule.ready)
    assert not schedule.attempts
    assert schedule.waiting


def test_memory_is_bounded(schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MOST_BYTES", 100)
    opened(schedule, A, threads=8)
    schedule.ready.append(Task("x", "x", b"." * 60))
    assert schedule.wants_more
    schedule.ready.append(Task("y", "y", b"." * 60))
    assert not schedule.wants_more
    list(schedule.place())
    assert not schedule.wants_more
