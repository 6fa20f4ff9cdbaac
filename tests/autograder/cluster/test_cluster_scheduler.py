"""The bookkeeping of a cluster's run: who has what, who is to blame, and when to give up."""

import pytest

from autograder.cluster import scheduler
from autograder.cluster.scheduler import Attempt, Schedule, Task

A, B = "tcp://a:1", "tcp://b:1"


@pytest.fixture
def book() -> Schedule:
    return Schedule()


def opened(book: Schedule, *addresses: str, threads: int = 1) -> None:
    for worker in book.meet(dict.fromkeys(addresses, threads)):
        worker.open = True


def give(book: Schedule, *names: str) -> list[Attempt]:
    book.ready.extend(Task(name, name, b"") for name in names)
    return list(book.place())


def on(book: Schedule, address: str) -> str:
    return "".join(attempt.task.tag for attempt in book.workers[address].attempts)


def test_a_worker_gets_as_many_as_it_has_threads(book: Schedule) -> None:
    opened(book, A)
    opened(book, A, B, threads=2)
    give(book, *"vwxyz")
    assert (len(on(book, A)), len(on(book, B))) == (1, 2)
    assert [task.tag for task in book.ready] == ["y", "z"]


def test_nothing_goes_to_a_worker_that_was_not_asked_in(book: Schedule) -> None:
    book.meet({A: 1})
    assert give(book, "x") == []
    assert book.hungry  # a few are made ready all the same
    book.ready.extend(Task(name, name, b"") for name in "yz")
    assert not book.hungry


def test_only_what_a_worker_was_at_is_blamed_for_its_end(book: Schedule) -> None:
    opened(book, A)
    give(book, "x", "y")
    book.meet({B: 1})
    waiting = {task.tag: task for task in book.ready}
    assert len(waiting["x"].failures) == 1
    assert A in waiting["x"].failures[0]
    assert waiting["x"].alone
    assert waiting["y"].failures == []
    assert not waiting["y"].alone
    assert [attempt.task.tag for attempt in book.given_up] == ["x"]


def test_a_suspect_gets_a_worker_for_itself_and_is_not_starved(book: Schedule) -> None:
    opened(book, A, B, threads=2)
    first = give(book, *"uvwx")
    suspect = Task("s", "s", b"", alone=True)
    book.ready.appendleft(suspect)
    book.ready.extend(Task(name, name, b"") for name in "yz")
    for attempt in first:
        book.finish(attempt)
        placed = [attempt.task.tag for attempt in book.place()]
        if "s" in placed:
            break
    worker = next(one for one in book.workers.values() if "s" in on(book, one.address))
    assert on(book, worker.address) == "s"


def test_three_failures_set_a_task_aside_with_every_reason(book: Schedule) -> None:
    opened(book, A, B)
    for number in range(scheduler.ATTEMPTS):
        [attempt] = give(book) or give(book, "x")
        book.fault(attempt, f"reason {number}")
    assert not book.waiting
    [(task, reason)] = book.outcomes
    assert task.tag == "x"
    assert all(f"reason {number}" in reason for number in range(3))
    assert f"tried {scheduler.ATTEMPTS} times" in reason


def test_a_failure_is_tried_where_it_has_not_failed(book: Schedule) -> None:
    opened(book, A, B)
    [attempt] = give(book, "x")
    first = attempt.worker.address
    book.fault(attempt, "no")
    [attempt] = book.place()
    assert attempt.worker.address != first


def test_a_worker_that_fails_three_in_a_row_gets_no_more_if_there_is_another(
    book: Schedule,
) -> None:
    opened(book, A)
    for name in "xyz":
        [attempt] = give(book, name)
        book.fault(attempt, "disk full")
        book.ready.clear()
    assert book.workers[A].open  # the last one stays
    opened(book, A, B)
    [attempt] = [a for a in give(book, "u", "v") if a.worker.address == A]
    book.fault(attempt, "disk full")
    assert not book.workers[A].open
    assert "disk full" in book.workers[A].refusal


def test_what_succeeds_clears_a_workers_name(book: Schedule) -> None:
    opened(book, A, B)
    for name in "xyzuvw":
        for attempt in give(book, name):
            if name in "zw":
                book.finish(attempt)
            else:
                book.fault(attempt, "no")
        book.ready.clear()
    assert all(worker.open for worker in book.workers.values())


def test_the_first_result_counts(book: Schedule) -> None:
    opened(book, A, B)
    [slow] = give(book, "x")
    book.overdue(slow, 100.0)
    assert not slow.worker.usable
    [again] = book.place()
    assert again.worker is not slow.worker
    assert book.finish(again)
    assert not book.finish(slow)
    assert slow.worker.usable
    assert not book.waiting


def test_a_late_result_counts_if_it_comes_first(book: Schedule) -> None:
    opened(book, A)
    [slow] = give(book, "x")
    book.overdue(slow, 100.0)
    assert book.finish(slow)
    assert not book.ready
    assert not book.waiting


def test_an_idle_worker_takes_what_waits(book: Schedule) -> None:
    opened(book, A)
    give(book, "x", "y")
    opened(book, A, B)
    [attempt] = book.place()
    assert attempt.task.tag == "y"
    assert (on(book, A), on(book, B)) == ("x", "y")
    assert not list(book.place())


def test_a_lost_scheduler_is_nobodys_fault(book: Schedule) -> None:
    opened(book, A)
    give(book, *"xyz")
    book.scatter()
    assert sorted(task.tag for task in book.ready) == ["x", "y", "z"]
    assert all(not task.failures for task in book.ready)
    assert not book.attempts
    assert book.waiting


def test_memory_is_bounded(book: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "MOST_BYTES", 100)
    opened(book, A, threads=8)
    book.ready.append(Task("x", "x", b"." * 60))
    assert book.hungry
    book.ready.append(Task("y", "y", b"." * 60))
    assert not book.hungry
    list(book.place())
    assert not book.hungry
