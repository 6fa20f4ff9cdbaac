"""A topic and its cells, and the faults found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AutograderError
from autograder.topics.header import Header


@dataclass
class TopicCell:
    """One cell of a topic.

    ``kind`` is one of "given", "task", "test", "question" (with a written answer), "open" (code)
    and "prose". ``needs`` names the other tasks that a test depends on. ``limit_s`` is the
    processor time that the author allows the cell, in seconds; None leaves it to the course.
    ``line`` is the line of the header in the file, ``first_line`` that of the source.
    """

    kind: str
    cell_type: str
    source: str
    line: int
    first_line: int
    name: str = ""
    part: str = ""
    points: float | None = None
    id: str = ""
    needs: tuple[str, ...] = ()
    limit_s: float | None = None

    @property
    def key(self) -> str:
        """A test's key in grade records: ``NAME`` or ``NAME-PART``."""
        return f"{self.name}-{self.part}" if self.part else self.name

    @property
    def grade_id(self) -> str:
        """The id that nbgrader knows the cell by; empty for prose and open cells."""
        if self.kind in ("given", "test"):
            return f"{self.kind}-{self.key}"
        return self.name

    @property
    def label(self) -> str:
        """The cell as messages to the author name it."""
        if not self.name:
            return f"{self.kind} cell"
        word = "task" if self.kind == "question" else self.kind
        part = f' part="{self.part}"' if self.part else ""
        return f'cell {word}="{self.name}"{part}'


@dataclass
class Topic:
    """A topic: its name, the file it was read from, its cells, and its header."""

    name: str
    path: Path
    cells: list[TopicCell]
    header: Header = field(default_factory=Header)

    @property
    def title(self) -> str:
        """The heading of the first text, such as "5 Backpropagation"; else the name."""
        first = self.of("prose")[:1]
        heading = first[0].source.partition("\n")[0] if first else ""
        return heading.removeprefix("# ") if heading.startswith("# ") else self.name

    @property
    def limit_s(self) -> float | None:
        """The limit of every cell without one of its own: that of the title, the first cell."""
        return self.cells[0].limit_s if self.cells and self.cells[0].kind == "prose" else None

    def of(self, *kinds: str) -> list[TopicCell]:
        """Return the cells of some kinds, in order."""
        return [cell for cell in self.cells if cell.kind in kinds]


@dataclass
class Problems:
    """Faults of one file, collected so that an author sees them all at once."""

    path: Path
    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, text: str, cell: TopicCell | None = None) -> None:
        """Note a fault at a line, in a cell."""
        self.lines.append((line, f"{cell.label}: {text}" if cell else text))

    def check(self) -> None:
        """Raise all that was noted as one `AutograderError`."""
        if self.lines:
            faults = sorted(dict.fromkeys(self.lines))
            raise AutograderError("\n".join(f"{self.path}:{n}: {text}." for n, text in faults))
