"""A student's progress, as the last cell of a notebook shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle

from nnkit.checks import panel, runs, written

Listed = Sequence[tuple[str, float, str]]


def standing(tests: Listed, in_words: Listed = ()) -> None:
    """Show one panel of all visible tests with their points, and the next step.

    It runs nothing and counts for no grade: it summarises the last run of each cell in this
    kernel, and is updated by later runs. While a notebook is graded it shows nothing.

    Parameters
    ----------
    tests : sequence of (name, points, digest)
        In the notebook's order. The digest is that of the released text (`runs.digest`): it
        identifies the test in any place and in any file.
    in_words : sequence of (name, points, digest)
        The questions that a person grades.
    """
    shell = get_ipython()
    if shell is None:
        print("Open this in Jupyter to see where you stand: the panel sums up a notebook's cells.")
        return
    log = runs.log(shell)
    if log is None:  # an exam's shell, or nbgrader's kernel
        return
    shown = _Shown(log, tests, _questions(in_words, log))
    if hasattr(shell, "pt_app"):
        print(panel.as_text(shown.standing()))
        return
    shown.show()
    log.follow = shown.show


def _questions(in_words: Listed, log: runs.Log) -> list[panel.Question]:
    digests = {name: text for name, _, text in in_words}
    seen = written.answered(digests, log.shell.user_ns)
    return [panel.Question(name, points, seen[name]) for name, points, _ in in_words]


@dataclass
class _Shown:
    """A panel in the notebook; it is updated in place."""

    log: runs.Log
    tests: Listed
    questions: list[panel.Question]
    text: str = ""
    handle: DisplayHandle = field(default_factory=DisplayHandle)

    def standing(self) -> panel.Standing:
        tests = [
            panel.Test(name, points, *self.log.state(name, d)) for name, points, d in self.tests
        ]
        return panel.Standing(tests, self.questions)

    def show(self) -> None:
        now = self.standing()
        text = panel.as_text(now)
        if text == self.text:
            return
        put: Any = self.handle.update if self.text else self.handle.display
        put({"text/plain": text, "text/html": panel.as_html(now)}, raw=True)
        self.text = text
