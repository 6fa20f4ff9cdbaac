"""A feedback page in a real browser: nothing that a student wrote runs or loads there."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.course import Course
from autograder.feedback import clean, exporter
from autograder.feedback.pages import make_page
from tests.support import lab
from tests.support import toy_course as toy
from tests.support.hostile_notebook import hostile

pytestmark = [pytest.mark.slow, pytest.mark.browser]

POLICY = r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    made = toy.make(tmp_path / "course")
    toy.hand_in(made.submitted_dir, "mallory", hostile(made))
    toy.canned(made)
    return made


@pytest.fixture
def browser() -> Iterator:
    with lab.chromium() as opened:
        yield opened


def acts(page, path: Path) -> list[str]:
    """Open a page, click its links; return what ran and what was asked of the network."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(path.as_uri())
    for link in page.locator("a[href^='javascript']").all():
        link.evaluate("link => link.click()")
    page.wait_for_load_state("networkidle")
    ran = page.evaluate("window.owned || 0")
    elsewhere = [url for url in asked if not url.startswith(("file:", "data:"))]
    return [*(["script ran"] if ran else []), *elsewhere]


def without_policy(path: Path) -> Path:
    """Return a copy of a page without its Content-Security-Policy."""
    text, count = re.subn(
        r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", path.read_text()
    )
    assert count == 1
    copy = path.with_suffix(".open.html")
    copy.write_text(text, encoding="utf-8")
    return copy


def test_the_page_runs_and_loads_nothing(course, browser):
    page = make_page(course, toy.TOPIC, "mallory")
    assert acts(browser, page) == []
    assert browser.locator("h2, h1").count() >= 1
    # Not the policy alone keeps it out.
    assert acts(browser, without_policy(page)) == []


def test_without_sanitising_only_the_policy_holds(course, browser, monkeypatch):
    def unclean(text: str, **_: object) -> str:
        return text.replace("<meta", "<no")  # no policy keeps a reader from being sent elsewhere

    monkeypatch.setattr(clean.nh3, "clean", unclean)
    here = SimpleNamespace(call=lambda function, *arguments: function(*arguments))
    monkeypatch.setattr(exporter, "shared", lambda: here)  # another process would not be patched
    page = make_page(course, toy.TOPIC, "mallory")
    assert "script ran" not in acts(browser, page)
    assert "script ran" in acts(browser, without_policy(page))


def test_formulas_are_drawn_and_fit_a_phone(course, browser):
    answer = r"So $\frac{a}{b}$ and" + "\n\n$$" + r"\sum_{k=1}^n w_k x_k + " * 30 + "b$$\n"
    notebook = toy.solved(course, {**toy.RIGHT, "explain": answer})
    toy.hand_in(course.submitted_dir, "ana", notebook)
    toy.canned(course)
    browser.set_viewport_size({"width": 390, "height": 800})
    browser.goto(make_page(course, toy.TOPIC, "ana").as_uri())
    fraction = browser.locator("math").first.bounding_box()
    # The numerator stands above the denominator.
    over, under = (browser.locator("mfrac > *").nth(n).bounding_box() for n in (0, 1))
    assert over["y"] + over["height"] <= under["y"] + 1
    assert fraction["height"] > over["height"]
    # One can scroll to the end of the long one.
    assert browser.locator(".answer").evaluate("box => box.scrollWidth") > 390
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
    assert "$" not in browser.locator(".answer").inner_text()


def test_the_page_fits_a_phone(course, browser):
    page = make_page(course, toy.TOPIC, "mallory")
    browser.set_viewport_size({"width": 390, "height": 800})
    browser.goto(page.as_uri())
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
