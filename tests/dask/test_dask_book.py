"""The bookkeeping of a cluster's run: who has what, who is to blame, and when to give up."""

import pytest

from autograder.dask import book as books
from autograder.dask.book import Book, Copy, Piece

A, B = "tcp://a:1", "tcp://b:1"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> Book:
    return Book(100.0, clock)


def opened(book: Book, *addresses: str, threads: int = 1) -> None:
    for lane in book.meet(dict.fromkeys(addresses, threads)):
        lane.open = True


def give(book: Book, *names: str) -> list[Copy]:
    book.ready.extend(Piece(name, name, b"") for name in names)
    return list(book.place())


def on(book: Book, address: str) -> str:
    return "".join(copy.piece.tag for copy in book.lanes[address].copies)


def test_one_more_than_a_worker_can_examine_waits_with_it(book: Book) -> None:
    opened(book, A, B)
    give(book, *"vwxyz")
    assert len(on(book, A)) == len(on(book, B)) == 2
    assert [piece.tag for piece in book.ready] == ["z"]
    assert sum(copy.began is not None for copy in book.copies.values()) == 2


def test_nothing_goes_to_a_worker_that_was_not_asked_in(book: Book) -> None:
    book.meet({A: 1})
    assert give(book, "x") == []
    assert book.hungry  # a few are made ready all the same
    book.ready.extend(Piece(name, name, b"") for name in "yz")
    assert not book.hungry


def test_only_what_a_worker_was_at_is_blamed_for_its_end(book: Book) -> None:
    opened(book, A)
    give(book, "x", "y")
    book.meet({B: 1})
    waiting = {piece.tag: piece for piece in book.ready}
    assert len(waiting["x"].failures) == 1
    assert A in waiting["x"].failures[0]
    assert waiting["x"].alone
    assert waiting["y"].failures == []
    assert not waiting["y"].alone
    assert sorted(copy.piece.tag for copy in book.given_up) == ["x", "y"]


def test_a_suspect_gets_a_worker_for_itself_and_is_not_starved(book: Book) -> None:
    opened(book, A, B)
    first = give(book, *"uvwx")
    suspect = Piece("s", "s", b"", alone=True)
    book.ready.appendleft(suspect)
    book.ready.extend(Piece(name, name, b"") for name in "yz")
    for copy in first:
        book.finish(copy)
        placed = [copy.piece.tag for copy in book.place()]
        if "s" in placed:
            break
    lane = next(lane for lane in book.lanes.values() if "s" in on(book, lane.address))
    assert on(book, lane.address) == "s"


def test_three_failures_set_a_piece_aside_with_every_reason(book: Book) -> None:
    opened(book, A, B)
    for number in range(books.ATTEMPTS):
        [copy] = give(book) or give(book, "x")
        book.fault(copy, f"reason {number}")
    assert not book.waiting
    [(piece, reason)] = book.outcomes
    assert piece.tag == "x"
    assert all(f"reason {number}" in reason for number in range(3))
    assert f"tried {books.ATTEMPTS} times" in reason


def test_a_failure_is_tried_where_it_has_not_failed(book: Book) -> None:
    opened(book, A, B)
    [copy] = give(book, "x")
    first = copy.lane.address
    book.fault(copy, "no")
    [copy] = book.place()
    assert copy.lane.address != first


def test_a_worker_that_fails_three_in_a_row_gets_no_more_if_there_is_another(book: Book) -> None:
    opened(book, A)
    for name in "xyz":
        [copy] = give(book, name)[:1]
        book.fault(copy, "disk full")
        book.ready.clear()
        book.copies.clear()
    assert book.lanes[A].open  # the last one stays
    opened(book, A, B)
    [copy] = [c for c in give(book, "u", "v") if c.lane.address == A]
    book.fault(copy, "disk full")
    assert not book.lanes[A].open
    assert "disk full" in book.lanes[A].refusal


def test_what_succeeds_clears_a_workers_name(book: Book) -> None:
    opened(book, A, B)
    for name in "xyzuvw":
        copies = give(book, name)
        for copy in copies:
            (book.finish if name in "zw" else book.fault)(*[copy, "no"][: 1 if name in "zw" else 2])
        book.ready.clear()
    assert all(lane.open for lane in book.lanes.values())


def test_the_first_result_counts(book: Book, clock: Clock) -> None:
    opened(book, A, B)
    [slow] = give(book, "x")
    clock.now = 101.0
    assert book.overdue() == [slow]
    assert not book.lanes[slow.lane.address].usable
    [again] = book.place()
    assert again.lane is not slow.lane
    assert book.finish(again)
    assert not book.finish(slow)
    assert book.lanes[slow.lane.address].usable
    assert not book.waiting


def test_a_late_result_counts_if_it_comes_first(book: Book, clock: Clock) -> None:
    opened(book, A)
    [slow] = give(book, "x")
    clock.now = 101.0
    book.overdue()
    assert book.finish(slow)
    assert not book.ready
    assert not book.waiting


def test_what_waits_behind_a_worker_that_stands_still_goes_elsewhere(
    book: Book, clock: Clock
) -> None:
    opened(book, A)
    give(book, "x", "y")
    clock.now = 101.0
    book.overdue()
    assert {piece.tag: len(piece.failures) for piece in book.ready} == {"x": 1, "y": 0}
    assert [copy.piece.tag for copy in book.given_up] == ["y"]


def test_an_exam_that_waits_has_not_begun(book: Book, clock: Clock) -> None:
    opened(book, A)
    first, second = give(book, "x", "y")
    clock.now = 90.0
    book.finish(first)
    clock.now = 180.0
    assert book.overdue() == []
    clock.now = 191.0
    assert book.overdue() == [second]


def test_an_idle_worker_takes_what_waits_at_another(book: Book) -> None:
    opened(book, A)
    give(book, "x", "y")
    opened(book, A, B)
    before, after_ = book.move()
    assert before.piece.tag == after_.piece.tag == "y"
    assert (on(book, A), on(book, B)) == ("x", "y")
    assert book.move() is None


def test_a_lost_scheduler_is_nobodys_fault(book: Book) -> None:
    opened(book, A)
    give(book, *"xyz")
    book.scatter()
    assert sorted(piece.tag for piece in book.ready) == ["x", "y", "z"]
    assert all(not piece.failures for piece in book.ready)
    assert not book.copies
    assert book.waiting


def test_memory_is_bounded(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "MOST_BYTES", 100)
    opened(book, A, threads=8)
    book.ready.append(Piece("x", "x", b"." * 60))
    assert book.hungry
    book.ready.append(Piece("y", "y", b"." * 60))
    assert not book.hungry
    list(book.place())
    assert not book.hungry
