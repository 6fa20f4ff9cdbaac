"""The class report in a real browser: on a desk, on a phone and on paper; nothing runs in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import similarity
from autograder.report import report
from autograder.similarity import Comparison, Excerpt, Match, Pair
from tests.support import lab
from tests.support import toy_course as toy

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "<img src=x onerror=document.title=1>"
LONG = "x = " + "very_long_name_without_a_break" * 8
WIDTHS = {"desk": 1280, "phone": 390, "small phone": 320}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report with something of everything in it."""
    course = toy.make(tmp_path_factory.mktemp("report") / "course")
    for student in ("ana", "ben", HOSTILE, "a-student-with-a-long-name-" * 4):
        toy.hand_in(course.submitted_dir, student, toy.solved(course, toy.RIGHT))
    toy.hand_in(course.submitted_dir, "cut", "{")
    toy.hand_in(course.submitted_dir, "edited", toy.solved(course, {"test-half": "pass"}))
    toy.canned(course)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "of_class", lambda *_: Comparison([pair()], {}))
        path, _ = report(course, [toy.TOPIC])
    return path.as_uri()


def pair() -> Pair:
    """Return two students who share a long line."""
    first, second = (Excerpt("double", "code", text, (0,)) for text in (LONG, f"{HOSTILE}\n{LONG}"))
    return Pair("ana", HOSTILE, 0.9, 60.0, (Match(first, second, 60.0),))


@pytest.fixture(scope="module", params=WIDTHS)
def page(request: pytest.FixtureRequest, address: str) -> Iterator:
    """Open the report; nothing in it may be refused by its policy, or fail."""
    said: list[str] = []
    with lab.chromium(width=WIDTHS[request.param]) as opened:
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on("request", lambda sent: said.append(sent.url) if not local(sent.url) else None)
        opened.goto(address)
        yield opened
    assert said == []


def local(url: str) -> bool:
    return url.startswith(("file:", "data:"))


def test_it_fits_and_runs_nothing(page) -> None:
    wide = "[...document.querySelectorAll('body *')].filter(e => !e.closest('.unseen') && " \
        "e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)"  # fmt: skip
    assert page.evaluate(wide) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.title() == "Class report: toy"
    assert page.evaluate("document.scripts.length") == 0
    images = "[...document.images].map(i => i.complete && i.naturalWidth > 0 && i.alt.length > 40)"
    assert page.evaluate(images) == [True] * 3
    assert HOSTILE in page.locator("main").inner_text()


def test_no_letter_is_too_small_and_no_picture_too_wide(page) -> None:
    smallest = "Math.min(...[...document.querySelectorAll('main *')].filter(e => e.innerText)" \
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"  # fmt: skip
    assert page.evaluate(smallest) >= 12
    # The pictures' letters are of 10 to 11 points in a picture of 331 points.
    assert page.locator("figure img").first.bounding_box()["width"] >= 0.6 * 331 * 96 / 72


def test_pairs_stand_side_by_side_where_there_is_room(page) -> None:
    first, second = (page.locator(".sides > div").nth(n).bounding_box() for n in (0, 1))
    beside = first["y"] == second["y"] and first["x"] + first["width"] <= second["x"]
    below = first["x"] == second["x"] and first["y"] + first["height"] <= second["y"]
    assert (beside, below) == (
        (True, False) if page.viewport_size["width"] > 1000 else (False, True)
    )
    marked = "getComputedStyle(document.querySelector('mark')).borderLeftWidth"
    assert page.evaluate(marked) == "4px"  # marked by more than a colour


def test_it_prints(page, tmp_path: Path) -> None:
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").read_bytes().count(b"/Type /Page\n") >= 2
    page.emulate_media(media="print")
    assert page.locator("figure").first.is_visible()


def test_links_open_what_they_name(page) -> None:
    page.locator("summary", has_text="graded submissions").click()
    row = page.locator("table.everyone tr", has_text="ana")
    address = row.locator("a").get_attribute("href")
    assert address == "../autograded/ana/toy/toy.ipynb"
    page.locator(".steps a").first.click()
    assert page.evaluate("document.querySelector(location.hash) !== null")
