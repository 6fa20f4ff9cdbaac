"""The made-up class: who hands in what. No chance is involved, so that grades never change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.demo.ran import with_outputs
from autograder.variants import Variant, submission


@dataclass(frozen=True)
class Material:
    """A topic as the class meets it.

    Attributes
    ----------
    released
        The student's notebook.
    source
        The notebook with the reference solution.
    variants
        Other answers, right and wrong.
    ran
        The reference solution as Jupyter leaves it, with its figures; who has all right hands in
        these too. None leaves them out.
    """

    released: NotebookNode
    source: NotebookNode
    variants: list[Variant] = field(default_factory=list)
    ran: NotebookNode | None = None

    @property
    def tasks(self) -> list[str]:
        """The grade ids of the cells to complete, in order."""
        metadata = [cell.metadata.get("nbgrader", {}) for cell in self.source.cells]
        return [found["grade_id"] for found in metadata if found.get("solution")]

    def of(self, kind: str) -> list[Variant]:
        """Return the right or the wrong variants."""
        return [variant for variant in self.variants if variant.kind == kind]


@dataclass(frozen=True)
class Student:
    """One made-up student: a name, a habit, and whether the last topic is left out."""

    name: str
    habit: Callable[[Material], NotebookNode | str]
    skips_last: bool = False

    def work(self, material: Material) -> str:
        """Return the text of the file that the student hands in."""
        made = self.habit(material)
        return made if isinstance(made, str) else nbformat.writes(made) + "\n"


def reference(material: Material) -> NotebookNode:
    """Everything as in the reference solution."""
    return _shown(material, submission(material.released, material.source))


def _shown(material: Material, notebook: NotebookNode) -> NotebookNode:
    return with_outputs(notebook, material.ran) if material.ran else notebook


def untouched(material: Material) -> NotebookNode:
    """Nothing done."""
    return submission(material.released, material.source, solved=())


def other_right(material: Material) -> NotebookNode:
    """Everything right, but written in another way where the topic knows one."""
    by_name = {variant.name: variant for variant in reversed(material.of("right"))}
    replaced = submission(material.released, material.source, replace=by_name.values())
    return _shown(material, replaced)


def first_part(share: float) -> Callable[[Material], NotebookNode]:
    """Return the habit of solving only the first tasks."""

    def half_finished(material: Material) -> NotebookNode:
        count = max(1, round(share * len(material.tasks)))
        return submission(material.released, material.source, solved=material.tasks[:count])

    return half_finished


def mistaken(number: int, mistakes: int) -> Callable[[Material], NotebookNode]:
    """Return the habit of making some of the typical mistakes, a different choice for each number.

    Where the topic has no wrong variants, as many tasks are left undone instead.
    """

    def with_mistakes(material: Material) -> NotebookNode:
        wrong = material.of("wrong")
        if not wrong:
            done = [t for i, t in enumerate(material.tasks) if (i + number) % 5 >= mistakes]
            return submission(material.released, material.source, solved=done)
        place = number * 7 % len(wrong)
        by_name: dict[str, Variant] = {}
        for variant in wrong[place:] + wrong[:place]:
            by_name.setdefault(variant.name, variant)
        apart = list(by_name.values())[:: max(1, len(by_name) // mistakes)]
        return submission(material.released, material.source, replace=apart[:mistakes])

    return with_mistakes


def talkative(material: Material) -> NotebookNode:
    """Everything right, with cells and prints of the student's own."""
    notebook = reference(material)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            number = len(cells)
            cell.source += "\n\nprint('I got this far')"
            own = nbformat.v4.new_code_cell("for k in range(3):\n    print('trying', k)")
            note = nbformat.v4.new_markdown_cell("*My notes: this took me a while.*")
            own.id, note.id = f"own-{number}", f"note-{number}"
            cells += [note, cell, own]
        else:
            cells.append(cell)
    notebook.cells = cells
    return notebook


def broken(material: Material) -> str:
    """Return a file whose upload broke off in the middle."""
    text = nbformat.writes(reference(material))
    return text[: len(text) * 2 // 3]


_HABITS: list[Callable[[Material], NotebookNode | str]] = [
    reference,
    untouched,
    other_right,
    mistaken(1, 1),
    mistaken(2, 1),
    mistaken(3, 2),
    mistaken(4, 2),
    mistaken(5, 2),
    first_part(1 / 2),
    first_part(1 / 4),
    talkative,
    broken,
    mistaken(6, 1),
]

CLASS = [
    Student(f"student-{number:02}", habit, skips_last=number == len(_HABITS))
    for number, habit in enumerate(_HABITS, 1)
]
