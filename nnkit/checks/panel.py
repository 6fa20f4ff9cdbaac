"""The panel of a notebook's last cell: every test, its points, and what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from nnkit.checks.runs import State

HIDDEN = (
    "When your work is graded, hidden tests with other inputs judge it too: a task that passes "
    "here can still lose its points there."
)
_NONE_RAN = (
    "Run all cells (in JupyterLab: Run, then Run All Cells); this panel then shows how each test "
    "went."
)
_SURE = (
    "restart the kernel and run all cells once more to be sure, save the notebook, and hand it in."
)
# Mark and colour of each state; the text next to them names the state.
_LOOKS = {
    State.PASSED: ("✓", "#0b6e4f"),
    State.FAILED: ("✗", "#a3312b"),
    State.UNWRITTEN: ("○", "#595959"),
    State.NOT_RUN: ("○", "#595959"),
    State.STALE: ("↻", "#7a4a00"),
    State.EDITED: ("!", "#7a4a00"),
}
_WORDS = ("✎", "#1f4e79")


@dataclass(frozen=True)
class Test:
    """One visible test: its points, its state, and the reason if that is known.

    ``why`` of a test that is `State.UNWRITTEN` is the name of the function to be written.
    """

    __test__ = False  # the name is the course's; pytest must not collect it

    name: str
    points: float
    state: State
    why: str = ""

    @property
    def score(self) -> float:
        """The points that it earns now."""
        return self.points if self.state is State.PASSED else 0.0

    @property
    def task(self) -> str:
        """The task that it judges."""
        return self.name.partition("-")[0]

    @property
    def reason(self) -> str:
        """The text below its state."""
        if self.state is not State.UNWRITTEN:
            return self.why
        return f"It needs `{self.why}`." if self.why not in ("", self.task) else ""


@dataclass(frozen=True)
class Question:
    """A written question; ``answered`` is None if the answer cannot be read."""

    name: str
    points: float
    answered: bool | None = None

    @property
    def text(self) -> str:
        """The sentence about it."""
        seen = {
            True: "an answer is written",
            False: "no answer in the notebook as last saved",
            None: "check that you have answered it",
        }
        return f"{seen[self.answered]}; a person grades it"


@dataclass
class Standing:
    """A student's progress: the tests in the notebook's order, and the written questions."""

    tests: list[Test]
    questions: list[Question] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The points so far."""
        score = sum(test.score for test in self.tests)
        return f"Where you stand: {score:g} of {sum(t.points for t in self.tests):g} points"

    @property
    def subtitle(self) -> str:
        """What these points are of, and the points that a person gives."""
        by_person = sum(question.points for question in self.questions)
        more = f"; {_points(by_person)} more for written answers" if by_person else ""
        return f"in the visible tests{more}."

    def next_step(self) -> str:
        """Return the next step, in one sentence."""
        if self.tests and all(test.state is State.NOT_RUN for test in self.tests):
            return _NONE_RAN
        for test in self.tests:
            if test.state is State.EDITED:
                return (
                    f"Undo what was changed in the test of `{test.name}`, or copy that cell from a "
                    "fresh notebook, and run it; your work is graded by the test as released."
                )
        stale = [f"`{test.name}`" for test in self.tests if test.state is State.STALE]
        if stale:
            tests = "test" if len(stale) == 1 else "tests"
            return f"Run the {tests} of {_listed(stale)} again, or all cells."
        for test in self.tests:
            if test.state is not State.PASSED:
                return _next_of(test)
        return self._words()

    def _words(self) -> str:
        """Return what to do once all tests pass."""
        named = {
            seen: [f"`{q.name}`" for q in self.questions if q.answered is seen]
            for seen in (False, None)
        }
        if named[False]:
            written = _listed(named[False])
            return f"Write an answer to {written}, save the notebook, and run this again."
        if named[None]:
            return f"Check that you have answered {_listed(named[None])}; then {_SURE}"
        return _SURE[0].upper() + _SURE[1:]


def _next_of(test: Test) -> str:
    if test.state is State.UNWRITTEN:
        tested = "its test" if test.why in ("", test.task) else f"the test of `{test.task}`"
        return f"Write `{test.why or test.task}`, then run its cell and {tested}."
    if test.state is State.FAILED:
        return f"Fix `{test.task}`, then run its cell and its test again."
    return f"Go on with `{test.task}`: run its cell and its test, or run all cells."


def _points(number: float) -> str:
    return f"{number:g} point" if number == 1 else f"{number:g} points"


def _listed(names: list[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def as_text(standing: Standing) -> str:
    """Panel as plain text."""
    lines = [f"{standing.title} {standing.subtitle}", ""]
    width = max((len(row.name) for row in [*standing.tests, *standing.questions]), default=0)
    for test in standing.tests:
        score = f"{test.score:g} of {test.points:g}"
        why = f": {test.reason}" if test.reason else ""
        lines.append(
            f"{_LOOKS[test.state][0]} {test.name:{width}}  {score:8} {test.state.value}{why}"
        )
    for question in standing.questions:
        score = f"– of {question.points:g}"
        lines.append(f"{_WORDS[0]} {question.name:{width}}  {score:8} {question.text}")
    return "\n".join([*lines, "", HIDDEN, "", f"Next: {standing.next_step()}"])


def as_html(standing: Standing) -> str:
    """Panel as HTML, self-contained; every text of the student's is escaped."""
    rows = [_test_row(test) for test in standing.tests]
    rows += [_question_row(question) for question in standing.questions]
    return (
        '<div role="region" aria-label="Where you stand" style="border:1px solid #8c8c8c;'
        "border-radius:4px;background:#fff;color:#222;padding:10px 14px;margin:2px 0;"
        'max-width:760px;font-family:sans-serif;font-size:14px;line-height:1.4">'
        f'<div role="heading" aria-level="2" style="font-size:17px;font-weight:bold">'
        f"{standing.title}</div>"
        f'<div style="margin-bottom:8px">{escape(standing.subtitle)}</div>'
        f'<div role="list">{"".join(rows)}</div>'
        f'<div style="border-top:1px solid #d9d9d9;padding-top:8px">{HIDDEN}</div>'
        f'<div style="margin-top:8px;padding:6px 10px;background:#eaf2fa;'
        f'border-left:4px solid {_WORDS[1]}"><b>Next:</b> {_with_names(standing.next_step())}</div>'
        "</div>"
    )


def _test_row(test: Test) -> str:
    why = f"<div>{_with_names(test.reason)}</div>" if test.reason else ""
    return _row(
        *_LOOKS[test.state], test.name, test.state.value, why, f"{test.score:g} of {test.points:g}"
    )


def _question_row(question: Question) -> str:
    return _row(*_WORDS, question.name, question.text, "", f"– of {question.points:g}")


def _row(mark: str, colour: str, name: str, state: str, why: str, points: str) -> str:
    return (
        '<div role="listitem" style="display:flex;gap:8px;padding:5px 0;'
        'border-top:1px solid #d9d9d9">'
        f'<div aria-hidden="true" style="color:{colour};font-weight:bold;width:16px">{mark}</div>'
        '<div style="flex:1;min-width:0;overflow-wrap:anywhere">'
        f'<b>{escape(name)}</b> <span style="color:{colour}">{escape(state)}</span>{why}</div> '
        f'<div style="white-space:nowrap">{points}</div></div>'
    )


def _with_names(text: str) -> str:
    """Escape a sentence, and format the names in it as code."""
    return re.sub(r"`([^`]+)`", r"<b>\1</b>", escape(text))
