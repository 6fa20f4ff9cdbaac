"""Know a topic's notebook by its cells, and what of it is a student's own work."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan


@dataclass(frozen=True)
class Likeness:
    """What a topic's notebook is known by.

    Attributes
    ----------
    topic
        The topic's name.
    given
        The texts of cells that stay as they were released.
    stubs
        The texts that students replace, by grade id.
    former
        All texts of earlier releases.
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
        """Return the likeness of a notebook as students got it."""
        given, stubs = {}, {}
        for cell in released.cells:
            about = cell.metadata.get("nbgrader", {})
            if name := about.get("grade_id"):
                (given if about.get("locked") else stubs)[name] = plain(cell.source)
        return cls(topic, given, stubs)

    def fits(self, notebook: NotebookNode) -> bool:
        """Say whether a notebook is this topic's: by most grade ids, or most given texts."""
        names = self.given.keys() | self.stubs.keys()
        if 2 * len(_ids(notebook) & names) > len(names):
            return True
        given, texts = set(self.given.values()), _texts(notebook)
        return 2 * len((given | self.former) & texts) > len(given)

    def work(self, notebook: NotebookNode) -> frozenset[str]:
        """Return a notebook's texts that are not the topic's own; a copy with more holds more."""
        known = {*self.given.values(), *self.stubs.values(), *self.former, ""}
        return frozenset(_texts(notebook) - known)

    def answered(self, notebook: NotebookNode) -> int:
        """Return how many of the cells that students fill in are not as they were released."""
        texts, present = _texts(notebook), _ids(notebook)
        missing = [n for n, stub in self.stubs.items() if stub not in texts]
        if present & self.stubs.keys():
            missing = [name for name in missing if name in present]
        return min(len(missing), len(self.work(notebook)))


def plain(text: str) -> str:
    """Return a cell's text without what editors change: line ends, trailing blanks, composition."""
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
