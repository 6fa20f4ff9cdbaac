"""The made-up class and its submissions. Nothing is random, so that grades never change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.course import Course
from autograder.demo.executed import with_outputs
from autograder.topics.solved_notebooks import submission
from autograder.topics.source_notebook import build_source
from autograder.topics.topic import parse
from autograder.topics.variants import Variant, load


@dataclass(frozen=True)
class Material:
    """A topic's notebooks and variants, from which submissions are made.

    Attributes
    ----------
    released
        The student's notebook.
    source
        The notebook with the reference solution.
    variants
        Other answers, right and wrong.
        ran
        The reference solution after a run in Jupyter, with its figures; students with all answers
        right hand these in too. None omits them.
    """

    released: NotebookNode
    source: NotebookNode
    variants: list[Variant] = field(default_factory=list)
    ran: NotebookNode | None = None

    @classmethod
    def read(cls, course: Course, name: str) -> Material:
        """Read a released topic of a course; it may have no ``variants.py``."""
        topic = parse(course.topic_path(name))
        released = nbformat.read(course.release_dir / name / f"{name}.ipynb", as_version=4)
        variants = topic.path.with_name("variants.py")
        return cls(released, build_source(topic), load(variants) if variants.is_file() else [])

    @property
    def tasks(self) -> list[str]:
        """The grade ids of the cells that students complete, in order."""
        metadata = [cell.metadata.get("nbgrader", {}) for cell in self.source.cells]
        return [found["grade_id"] for found in metadata if found.get("solution")]

    def of(self, kind: str) -> list[Variant]:
        """Return the right or the wrong variants."""
        return [variant for variant in self.variants if variant.kind == kind]


@dataclass(frozen=True)
class Student:
    """One made-up student.

    Attributes
    ----------
    habit
        Makes the student's notebook, or the text of a file, from the material.
    skips_last
        Whether the student does not hand in the last topic.
    words
        The answer to the written question, which a person grades; empty keeps the habit's answer.
    """

    name: str
    habit: Callable[[Material], NotebookNode | str]
    skips_last: bool = False
    words: str = ""

    def work(self, material: Material) -> str:
        """Return the text of the file that the student hands in."""
        made = self.habit(material)
        if isinstance(made, str):
            return made
        for cell in made.cells:
            about = cell.metadata.get("nbgrader", {})
            if self.words and cell.cell_type == "markdown" and about.get("grade"):
                cell.source = self.words
        return nbformat.writes(made) + "\n"


def reference(material: Material) -> NotebookNode:
    """Return a notebook with the reference solution."""
    return _shown(material, submission(material.released, material.source))


def _shown(material: Material, notebook: NotebookNode) -> NotebookNode:
    return with_outputs(notebook, material.ran) if material.ran else notebook


def untouched(material: Material) -> NotebookNode:
    """Return a notebook without any answer."""
    return submission(material.released, material.source, solved=())


def other_right(material: Material) -> NotebookNode:
    """Return right answers, written in another way if the topic has one."""
    by_name = {variant.name: variant for variant in reversed(material.of("right"))}
    replaced = submission(material.released, material.source, replace=by_name.values())
    return _shown(material, replaced)


def first_part(share: float) -> Callable[[Material], NotebookNode]:
    """Return the habit of solving only the first tasks; ``share`` is their fraction, 0 to 1."""

    def half_finished(material: Material) -> NotebookNode:
        count = max(1, round(share * len(material.tasks)))
        return submission(material.released, material.source, solved=material.tasks[:count])

    return half_finished


def mistaken(number: int, mistakes: int) -> Callable[[Material], NotebookNode]:
    """Return the habit of making some typical mistakes; ``number`` selects which.

    If the topic has no wrong variants, as many tasks are not solved instead.
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
    """Return right answers, with cells and prints of the student's own."""
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


_EXPERIMENT = """
def how_far_apart(first, second, steps=7):
    biggest, where = 0.0, None
    for k in range(steps):
        left, right = first * (1 + k / steps), second / (2 + k)
        gap = abs(left - right) ** 0.5
        if gap > biggest:
            biggest, where = gap, (k, left, right)
    return {"gap": biggest, "step": where and where[0], "ratio": biggest / (steps + 3)}


for a, b in [(3.5, 1.25), (0.75, 9.0), (12.0, 12.5)]:
    answer = how_far_apart(a, b)
    print(f"{a:>6} against {b:>6}: {answer['gap']:.3f} at step {answer['step']}")
"""
_NAMES = {
    "how_far_apart": "compare",
    "biggest": "most",
    "where": "place",
    "gap": "d",
    "answer": "r",
}


def experimenting(names: Mapping[str, str]) -> Callable[[Material], NotebookNode]:
    """Return the habit of adding an experiment, with these names in place of the original ones."""

    def with_experiment(material: Material) -> NotebookNode:
        notebook = reference(material)
        text = _EXPERIMENT.strip()
        for name, other in names.items():
            text = re.sub(rf"\b{name}\b", other, text)
        notebook.cells.append(nbformat.v4.new_code_cell(text, id="own-experiment"))
        return notebook

    return with_experiment


def broken(material: Material) -> str:
    """Return the text of a file whose upload was cut off."""
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
    experimenting({}),
    experimenting(_NAMES),  # the same with other names: the report shows both side by side
    mistaken(6, 1),
]

# Written answers by student; the others have the reference solution's answer, or none.
_WORDS = {
    3: "It follows from the chain rule: every factor that is small makes the product smaller.",
    4: "I tried it with other numbers, and it went the same way each time.",
    5: "Because nothing changes as long as the weights move only a little.",
    6: "Not sure. In the figure the curve is flat, so there is nothing to go by.",
    7: "The test said so, and when I plotted the values I saw why.",
    8: "See the notes: a sum over all paths, but each path only once.",
    11: "Two reasons: what is stored need not be computed again, and the sizes fit.",
    13: "One can see it in the last figure: left it learns, right it does not.",
    14: "Compare the two pictures. The first one gets there, the second never does.",
    15: "As far as I understand it, the slope tells where to go and how far.",
}
CLASS = [
    Student(f"student-{number:02}", habit, number == len(_HABITS), _WORDS.get(number, ""))
    for number, habit in enumerate(_HABITS, 1)
]
