"""Read a submission: find the one notebook in the clean copy that counts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan
from autograder.remarks import Kind, Remark
from autograder.submissions import layout, notebook_file, wrong_file
from autograder.submissions.clean_copy import RECEIPT, Taken, Why
from autograder.submissions.likeness import Likeness
from autograder.submissions.notebook_file import Unreadable
from autograder.submissions.places import Place, Search, move_up

__all__ = ["Read", "Unreadable", "fault", "read"]

_MOST_NAMED = 10
_MOST_FAULTS = 3


@dataclass
class Read:
    """A notebook in format 4.5 without outputs, and remarks on how it was found and repaired."""

    notebook: NotebookNode
    remarks: list[Remark] = field(default_factory=list)


@dataclass
class _Found:
    """A notebook that was found, with the student's own work in it."""

    place: Place
    notebook: NotebookNode
    remarks: list[Remark]
    own: frozenset[str]
    answered: int
    fits: bool


def read(taken: Taken, topic: Plan | Likeness) -> Read:
    """Return the notebook of a submission's clean copy.

    The copy is rearranged: the notebook becomes ``TOPIC.ipynb`` in its top folder, and other files
    are where the notebook expects them.

    Raises
    ------
    Unreadable
        If there is no notebook, or more than one may count.
    """
    like = Likeness.of(topic) if isinstance(topic, Plan) else topic
    with tempfile.TemporaryDirectory(prefix=".search-", dir=taken.folder.parent) as scratch:
        reader = _Reader(taken, like, Search(taken, like.topic, Path(scratch)))
        chosen = reader.choose()
        remarks = [*reader.about(chosen), *chosen.remarks, *reader.others(chosen)]
        _settle(taken, chosen.place, f"{like.topic}.ipynb")
    return Read(chosen.notebook, remarks)


def fault(taken: Taken, name: str) -> Unreadable | None:
    """Return why a file of a submission cannot be read as a notebook, or None."""
    if left := taken.left_out.get(name):
        kind = Kind.TAMPERED if left.why is Why.OUTSIDE else Kind.UNGRADED
        return Unreadable(f"{name} {left.text}", kind=kind)
    if name in taken.folders:
        return Unreadable(f"{name} is not a file")
    if name not in taken.files:
        return Unreadable(f"no {name} in the folder")
    return None if taken.files[name] else Unreadable(f"{name} is empty")


class _Reader:
    """Reads the files that may be the notebook, and decides which one counts."""

    def __init__(self, taken: Taken, like: Likeness, search: Search) -> None:
        self.taken, self.like, self.search = taken, like, search
        self.name = f"{like.topic}.ipynb"
        self.unread = fault(taken, self.name)
        self.faults: dict[str, Unreadable] = {}
        self.strangers: list[str] = []
        self.rivals: list[_Found] = []

    def choose(self) -> _Found:
        """Return the notebook that counts.

        The file with the right name counts, unless another has all its work and more. Without such
        a file, the one with all the work of the others counts. The search ends at the first tier
        with a notebook in which a task is answered.
        """
        found: list[_Found] = []
        named: _Found | None = None
        for places in self.search.tiers():
            for each in self._load(places):
                if each.place.shown == self.name:
                    named = each
                if each.fits:
                    found.append(each)
                elif not each.place.script:
                    self.strangers.append(each.place.shown)
            if any(each.answered for each in found):
                break
        if not found and named is not None:
            return named
        most = [a for a in found if not any(a.own < b.own for b in found)]
        self.rivals = _distinct(most)
        if named in most or len(self.rivals) == 1:
            return named if named is not None and named in most else self.rivals[0]
        raise self._refusal()

    def _load(self, places: Iterable[Place]) -> Iterator[_Found]:
        """Yield the files that can be read; note the faults of the others."""
        for place in places:
            fault = self.unread if place.shown == self.name else fault_of(place)
            try:
                if fault is not None:
                    raise fault
                loaded = notebook_file.load(place.path, layout.shown(place.shown))
            except Unreadable as error:
                self.faults[place.shown] = error
                continue
            notebook = loaded.notebook
            yield _Found(
                place,
                notebook,
                loaded.remarks,
                self.like.work(notebook),
                self.like.answered(notebook),
                self.like.fits(notebook),
            )

    def about(self, chosen: _Found) -> list[Remark]:
        """Return a remark if the notebook is not the expected file."""
        if chosen.place.shown == self.name:
            return []
        text = f"{self.name} was taken from {layout.shown(chosen.place.shown)}"
        if self.name in self.faults:
            text += f", since {self.faults[self.name].fault}"
        elif self.unread is None and self.name not in self.strangers:
            text += f", which holds all that {self.name} does, and more"
        elif self.name in self.strangers:
            text += f", since {self.name} is not this topic's notebook"
        return [Remark(text, Kind.REPAIRED)]

    def others(self, chosen: _Found) -> list[Remark]:
        """Return remarks on other notebooks, and on archives that were not unpacked."""
        rivals = [each for each in self.rivals if each.own != chosen.own]
        tasks = {each.place.shown: self._tasks(each) for each in rivals}
        told = {chosen.place.shown, self.name}
        names = [n for n in dict.fromkeys([*tasks, *self.taken.notebooks()]) if n not in told]
        shown = [layout.shown(name) + tasks.get(name, "") for name in names[:_MOST_NAMED]]
        said = [Remark(f"another notebook was not graded: {each}", Kind.OTHER) for each in shown]
        if len(names) > _MOST_NAMED:
            text = f"{len(names) - _MOST_NAMED} more notebooks were not graded"
            said.append(Remark(text, Kind.OTHER))
        if not chosen.answered:
            said += [
                Remark(f"{layout.shown(name)} {why}", Kind.OTHER)
                for name, why in self.search.said.items()
            ]
        return said

    def _tasks(self, found: _Found) -> str:
        return f" ({found.answered} of {len(self.like.stubs)} tasks answered)"

    def _refusal(self) -> Unreadable:
        """Return the reason why no notebook counts, with what was found and what to do."""
        stranger = Unreadable(f"{self.name} is not this topic's")
        own = self.faults.pop(self.name, None) or self.unread or stranger
        return Unreadable(own.why + self._more(), kind=own.kind)

    def _more(self) -> str:
        """Return what was found instead of the notebook, and what to do."""
        if self.rivals:
            names = " and ".join(
                layout.shown(each.place.shown) + self._tasks(each)
                for each in self.rivals[:_MOST_NAMED]
            )
            return (
                f", and it is not clear which of these counts: {names}. Hand in one of them, named "
                f"{self.name}"
            )
        parts = [
            *(each.why for each in self.faults.values()),
            *(f"{layout.shown(name)} {why}" for name, why in self.search.said.items()),
        ]
        if self.strangers:
            names = ", ".join(map(layout.shown, self.strangers[:_MOST_NAMED]))
            more = ", …" * (len(self.strangers) > _MOST_NAMED)
            parts.append(f"it holds {names}{more}, which is not this topic's")
        there = any(
            self.name in where
            for where in (self.taken.files, self.taken.folders, self.taken.left_out)
        )
        if not parts and there:
            return ""
        parts = parts or [self._instead()]
        more = "; …" * (len(parts) > _MOST_FAULTS)
        return f" ({'; '.join(parts[:_MOST_FAULTS])}{more})"

    def _instead(self) -> str:
        """Return the names of the files in a submission without a notebook, and their types."""
        names = [name for name in self.taken.files if name not in RECEIPT]
        if not names:
            return "it holds no notebook"
        shown = []
        for name in names[:_MOST_FAULTS]:
            with (self.taken.folder / name).open("rb") as file:
                what = wrong_file.program(file.read(4096))
            shown.append(layout.shown(name) + (f", {what}" if what else ""))
        more = "; …" * (len(names) > _MOST_FAULTS)
        return f"it holds no notebook, but {'; '.join(shown)}{more}"


def fault_of(place: Place) -> Unreadable | None:
    """Return why a file that was found cannot be read as a notebook, or None."""
    return (
        None if place.path.stat().st_size else Unreadable(f"{layout.shown(place.shown)} is empty")
    )


def _distinct(found: list[_Found]) -> list[_Found]:
    """Return one of each group with the same work."""
    return list({each.own: each for each in reversed(found)}.values())[::-1]


def _settle(taken: Taken, place: Place, name: str) -> None:
    """Move the notebook and the files next to it to their expected places."""
    goal = taken.folder / name
    if place.path == goal:
        return
    kept = taken.folder.parent / f".{taken.folder.name}.read"
    shutil.copyfile(place.path, kept)
    move_up(taken, place)
    if goal.is_dir():
        shutil.rmtree(goal)
        taken.files = {f: n for f, n in taken.files.items() if not f.startswith(f"{name}/")}
        taken.folders = {f for f in taken.folders if f != name and not f.startswith(f"{name}/")}
    kept.replace(goal)
    taken.files[name] = goal.stat().st_size
