"""Print an exam's trace: for each cell, the examiner's requests and the candidate's answers."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from autograder import terminal
from autograder.exam.messages import Begin, CellBegun, CellEnded, Role, Traced
from autograder.exam.notebook.outputs import Output

_MOST = 300  # characters of one message
_ROLES = {
    Role.GIVEN: "given cell",
    Role.TEST: "test",
    Role.STUDENT: "student's cell",
    Role.LOST: "test, left out",
}


class TracePrinter:
    """Prints an examiner's reports; control characters in a student's text are removed.

    A nested request, made by a test's function that student code called, is printed below the
    request around it, indented.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._waiting: list[Traced] = []

    def __call__(self, message: Any) -> None:
        """Handle one message; messages that are not part of the conversation are ignored."""
        match message:
            case CellBegun(index, role, name):
                title = f"cell {index + 1}: {_ROLES[Role(role)]} {terminal.clean(name)}"
                self._print(Text(title.rstrip(), style="bold"))
            case Traced():
                self._take(message)
            case CellEnded(_, outputs, seconds):
                self._flush()
                self._print(_ended(outputs, seconds))

    def _take(self, entry: Traced) -> None:
        """Keep an entry until the request around it is reported."""
        place = len(self._waiting)
        while place and self._waiting[place - 1].depth > entry.depth:
            place -= 1
        self._waiting.insert(place, entry)
        if entry.depth == 0:
            self._flush()

    def _flush(self) -> None:
        for entry in self._waiting:
            if entry.failed or entry.what != Begin.word:
                self._print(_line(entry))
        self._waiting.clear()

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)


def _line(entry: Traced) -> Text:
    line = Text(f"{entry.seconds:9.3f} s  {'  ' * entry.depth}")
    line.append(f"{terminal.clean(entry.what):<10}", style="cyan")
    line.append(f" {terminal.clean(entry.asked)} ")
    line.append("✗ " if entry.failed else "→ ", style="red" if entry.failed else "dim")
    line.append(terminal.clean(entry.answer))
    if entry.printed.strip():
        line.append(f"  printed: {terminal.clean(entry.printed)}", style="dim")
    return line


def _ended(outputs: list[Output], seconds: float) -> Text:
    """Return the line that shows how a cell ended."""
    error = next((output for output in outputs if output["output_type"] == "error"), None)
    if error is None:
        return Text(f"{seconds:9.3f} s  ended without an error", style="green")
    text = f"{error['ename']}: {error['evalue']}"[:_MOST]
    return Text(f"{seconds:9.3f} s  ended with {terminal.clean(text)}", style="red")
