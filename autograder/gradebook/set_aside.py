"""The table of cells and scores that are set aside: kept, but not counted at present.

The table is in nbgrader's database, so that a score and the value set aside for it are written in
one transaction. nbgrader does not read it.
"""

from __future__ import annotations

import json
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, inspect, select

_TABLE = Table(
    "autograder_set_aside",
    MetaData(),
    Column("assignment_id", String(32), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("student_id", String(128), primary_key=True),  # "" for the cell itself
    Column("kept", Text, nullable=False),
)

Kept = dict[str, Any]


class SetAside:
    """The table of one gradebook; created at the first write."""

    def __init__(self, gradebook: Gradebook) -> None:
        self._gradebook = gradebook
        self._there = False

    def _is_there(self) -> bool:
        self._there = self._there or inspect(self._gradebook.db.connection()).has_table(_TABLE.name)
        return self._there

    def load(self, assignment: str, student: str | None = None) -> dict[tuple[str, str], Kept]:
        """Return the kept values of an assignment, by cell and student.

        Parameters
        ----------
        assignment
            Its id in the gradebook.
        student
            Only the values of this student; "" for those of the cells themselves.
        """
        if not self._is_there():
            return {}
        query = select(_TABLE).where(_TABLE.c.assignment_id == assignment)
        if student is not None:
            query = query.where(_TABLE.c.student_id == student)
        rows = self._gradebook.db.execute(query)
        return {(row.cell, row.student_id): json.loads(row.kept) for row in rows}

    def put(self, assignment: str, cell: str, student: str, kept: Kept | None) -> None:
        """Replace the kept value; None deletes it."""
        if not self._is_there():
            if kept is None:
                return
            _TABLE.create(self._gradebook.db.connection(), checkfirst=True)
        key = {"assignment_id": assignment, "cell": cell, "student_id": student}
        self._gradebook.db.execute(delete(_TABLE).filter_by(**key))
        if kept is not None:
            self._gradebook.db.execute(
                insert(_TABLE).values(**key, kept=json.dumps(kept, sort_keys=True))
            )
