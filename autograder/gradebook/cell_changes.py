"""Add, remove and rename the cells of a topic that has grades; no grade given by hand is lost.

nbgrader itself refuses such changes. Here the gradebook's cells are changed before nbgrader saves
them. A renamed cell keeps its grades. The grades of a removed cell are set aside, and restored if
the cell is added again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)

from autograder.gradebook import voids
from autograder.gradebook.set_aside import SetAside

_KINDS = ("grade", "solution", "task", "source")


@dataclass
class Changes:
    """Changes of cells; ``by_hand`` counts the grades by hand that are set aside, by cell."""

    renamed: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    by_hand: dict[str, int] = field(default_factory=dict)

    def told(self) -> list[str]:
        """Return a sentence for each change."""
        said = [
            f"{was} is now called {now} and keeps its grades" for was, now in self.renamed.items()
        ]
        for name in self.removed:
            count = self.by_hand.get(name, 0)
            hand = f", {count} given by hand among them," if count else ""
            said.append(f"{name} is removed; its grades{hand} are kept, and restored with it")
        return said + [f"{name} is new: grade again" for name in self.added]


def changer(say: Callable[[str], None]) -> Callable[..., tuple[NotebookNode, dict[str, Any]]]:
    """Return a step of nbgrader's release that runs right before ``SaveCells``.

    Parameters
    ----------
    say
        Called with a sentence for each change.
    """

    def change_cells(
        nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            try:
                notebook = gradebook.find_notebook(about["notebook"], about["assignment"])
            except MissingEntry:
                return nb, resources
            if notebook.submissions:
                for text in change(gradebook, notebook, nb).told():
                    say(text)
                gradebook.db.commit()
        return nb, resources

    return change_cells


def planned(notebook: Notebook, new: NotebookNode) -> Changes:
    """Return the changes from the gradebook's cells to those of a notebook.

    A cell counts as renamed if one removed and one added cell have the same text.
    """
    old, fresh = _recorded(notebook), _kinds(new)
    gone = [name for name in old if old[name] != fresh.get(name)]
    come = [name for name in fresh if fresh[name] != old.get(name)]
    before = {cell.name: (old[cell.name], cell.source) for cell in notebook.source_cells}
    after = {
        _name(cell): (fresh[_name(cell)], cell.source) for cell in new.cells if _name(cell) in fresh
    }
    changes = Changes()
    for name in gone:
        same = [other for other in come if after[other] == before.get(name)]
        twins = [other for other in gone if before.get(other) == before.get(name)]
        if len(same) == len(twins) == 1:
            changes.renamed[name] = same[0]
    changes.removed = [name for name in gone if name not in changes.renamed]
    changes.added = [name for name in come if name not in changes.renamed.values()]
    return changes


def change(gradebook: Gradebook, notebook: Notebook, new: NotebookNode) -> Changes:
    """Change the gradebook's cells to those of a notebook; nothing is committed."""
    changes = planned(notebook, new)
    aside = SetAside(gradebook)
    assignment = str(notebook.assignment_id)
    for was, now in changes.renamed.items():
        _rename(gradebook, notebook, was, now)
        for (cell, student), kept in aside.load(assignment).items():
            if cell == was:
                aside.put(assignment, was, student, None)
                aside.put(assignment, now, student, kept)
            elif kept.get("now") == was:
                aside.put(assignment, cell, "", {"now": now})
        aside.put(assignment, was, "", {"now": now})
    for name in changes.removed:
        changes.by_hand[name] = _remove(gradebook, notebook, name, aside)
    kinds = _kinds(new)
    cells = {_name(cell): cell for cell in new.cells}
    for name in changes.added:
        _add(gradebook, notebook, name, kinds[name], cells[name])
    for name in [*changes.added, *changes.renamed.values()]:
        if "now" in aside.load(assignment, "").get((name, ""), {}):
            aside.put(assignment, name, "", None)  # the cell exists again
    gradebook.db.flush()
    return changes


def add_records(gradebook: Gradebook, topic: str, student: str) -> None:
    """Add the records of a submission for cells that were added after it was graded.

    Grades by hand of a removed cell with the same name are restored.
    """
    submission = gradebook.find_submission(topic, student)
    aside = SetAside(gradebook)
    assignment = str(submission.assignment_id)
    for mine in submission.notebooks:
        graded = {
            cell.id: cell.name for cell in [*mine.notebook.grade_cells, *mine.notebook.task_cells]
        }
        words = {
            cell.id: cell.name
            for cell in [*mine.notebook.solution_cells, *mine.notebook.task_cells]
        }
        lacking = graded.keys() - {grade.cell_id for grade in mine.grades}
        wordless = words.keys() - {comment.cell_id for comment in mine.comments}
        if not lacking and not wordless:
            continue
        kept = aside.load(assignment, student)
        for cell in lacking:
            was = kept.get((graded[cell], student), {})
            gradebook.db.add(
                Grade(
                    cell_id=cell,
                    notebook_id=mine.id,
                    manual_score=was.get("manual"),
                    extra_credit=was.get("extra"),
                    needs_manual_grade=was.get("needs", False),
                )
            )
            aside.put(assignment, graded[cell], student, None)
        for cell in wordless:
            said = kept.get((words[cell], student), {}).get("comment")
            gradebook.db.add(Comment(cell_id=cell, notebook_id=mine.id, manual_comment=said))
            if cell not in graded:
                aside.put(assignment, words[cell], student, None)
    gradebook.db.flush()


def _recorded(notebook: Notebook) -> dict[str, frozenset[str]]:
    """Return the kinds of the gradebook's cells, by name."""
    found: dict[str, set[str]] = {}
    for kind in _KINDS:
        for cell in getattr(notebook, f"{kind}_cells"):
            found.setdefault(cell.name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _kinds(new: NotebookNode) -> dict[str, frozenset[str]]:
    """Return the kinds that nbgrader will save for a notebook's cells, by name."""
    found = {}
    for cell in new.cells:
        kinds = [kind for kind in _KINDS[:3] if getattr(utils, f"is_{kind}")(cell)]
        if kinds or utils.is_locked(cell):
            found[_name(cell)] = frozenset([*kinds, "source"])
    return found


def _name(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _all(notebook: Notebook, name: str) -> list[Any]:
    """Return the gradebook's records of a cell, including its text."""
    kinds = [getattr(notebook, f"{kind}_cells") for kind in _KINDS]
    return [cell for cells in kinds for cell in cells if cell.name == name]


def _rename(gradebook: Gradebook, notebook: Notebook, was: str, now: str) -> None:
    for cell in _all(notebook, was):
        cell.name = now
    gradebook.db.flush()


def _remove(gradebook: Gradebook, notebook: Notebook, name: str, aside: SetAside) -> int:
    """Remove a cell; return the number of grades by hand that were set aside."""
    db, assignment = gradebook.db, str(notebook.assignment_id)
    records = _all(notebook, name)
    kept = aside.load(assignment)
    decided = kept.get((name, ""), {})
    mine: dict[str, dict[str, Any]] = {}
    for kind in (Grade, Comment):
        for row, student in _rows(db, kind, [cell.id for cell in records]):
            saved = mine.setdefault(student, dict(kept.get((name, student), {})))
            if isinstance(row, Comment):
                saved["comment"] = row.manual_comment
            elif "auto" not in saved:
                saved |= voids.values(row)
            db.delete(row)
    for student, saved in mine.items():
        aside.put(assignment, name, student, saved)
    if mine:
        aside.put(assignment, name, "", {"now": ""})
    elif decided:
        aside.put(assignment, name, "", None)
    db.flush()
    for cell in records:
        db.delete(cell)
    db.flush()
    db.expire(notebook)
    return sum(any(s.get(key) is not None for key in ("manual", "extra")) for s in mine.values())


def _rows(db: Any, kind: type, cells: list[str]) -> list[Any]:
    return (
        db.query(kind, SubmittedAssignment.student_id)
        .join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(kind.cell_id.in_(cells))
        .all()
    )


def _add(
    gradebook: Gradebook, notebook: Notebook, name: str, kinds: frozenset[str], cell: NotebookNode
) -> None:
    """Add an empty record of a cell; ``SaveCells`` fills it."""
    place = (name, notebook.name, notebook.assignment.name)
    graded = {"max_score": 0.0, "cell_type": cell.cell_type}
    if "grade" in kinds:
        gradebook.add_grade_cell(*place, **graded)
    if "solution" in kinds:
        gradebook.add_solution_cell(*place)
    if "task" in kinds:
        gradebook.add_task_cell(*place, **graded)
    gradebook.add_source_cell(*place, cell_type=cell.cell_type)
