"""Recognise a topic's notebook by its cells, and find the student's own work in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan


@dataclass(frozen=True)
class Likeness:
    """The features by which a topic's notebook is recognised.

    Attributes
    ----------
    topic
        The topic's name.
    given
        The texts of the cells that students do not edit.
    stubs
        The texts of the cells that students fill in, by grade id.
    former
        All cell texts of earlier releases.
    """

    topic: str
    given: Mapping[str, str]
    stubs: Mapping[str, str]
    former: frozenset[str] = frozenset()

    @classmethod
    def of(cls, plan: Plan) -> Likeness:
        """Return the likeness of a topic in the gradebook."""
        released = {name: cell.text for name, cell in plan.release.by_name.items()}
        texts = {c.name: plain(released.get(c.name, c.source)) for c in plan.cells}
        given = {c.name: texts[c.name] for c in plan.cells if c.locked}
        stubs = {name: text for name, text in texts.items() if name not in given}
        former = frozenset(plain(cell.text) for each in plan.earlier for cell in each.cells)
        return cls(plan.topic, given, stubs, former)

    @classmethod
    def of_release(cls, topic: str, released: NotebookNode) -> Likeness:
        """Return the likeness of a released notebook."""
        given, stubs = {}, {}
        for cell in released.cells:
            about = cell.metadata.get("nbgrader", {})
            if name := about.get("grade_id"):
                (given if about.get("locked") else stubs)[name] = plain(cell.source)
        return cls(topic, given, stubs)

    def fits(self, notebook: NotebookNode) -> bool:
        """Return whether a notebook is this topic's: it has most grade ids or most given texts."""
        names = self.given.keys() | self.stubs.keys()
        if 2 * len(_ids(notebook) & names) > len(names):
            return True
        given, texts = set(self.given.values()), _texts(notebook)
        return 2 * len((given | self.former) & texts) > len(given)

    def work(self, notebook: NotebookNode) -> frozenset[str]:
        """Return the texts of a notebook that are not the topic's own: the student's work."""
        known = {*self.given.values(), *self.stubs.values(), *self.former, ""}
        return frozenset(_texts(notebook) - known)

    def answered(self, notebook: NotebookNode) -> int:
        """Return how many of the cells that students fill in differ from the release."""
        texts, present = _texts(notebook), _ids(notebook)
        missing = [n for n, stub in self.stubs.items() if stub not in texts]
        if present & self.stubs.keys():
            missing = [name for name in missing if name in present]
        return min(len(missing), len(self.work(notebook)))


def plain(text: str) -> str:
    """Return a cell's text with normal line ends, trailing blanks and Unicode form."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def _texts(notebook: NotebookNode) -> set[str]:
    return {plain(cell.source) for cell in notebook.cells}


def _ids(notebook: NotebookNode) -> set[str]:
    return set(_names(cell.metadata.get("nbgrader") for cell in notebook.cells))


def _names(about: Iterable[object]) -> Iterable[str]:
    for each in about:
        if isinstance(each, dict) and isinstance(name := each.get("grade_id"), str):
            yield name
