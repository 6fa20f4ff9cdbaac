"""Build nbgrader's source notebook of a topic: metadata, solutions, hidden tests, no outputs."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.topics import markers
from autograder.topics.cells import Topic, TopicCell
from nnkit.checks.runs import digest

# Without versions, which would change the file whenever Python is updated.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}

_STANDING = """\
# Run all cells, then see here where you stand. Nothing in this cell counts for your grade.
from nnkit import checks

checks.standing(
    # Name, points, and a digest of the cell's text, by which a changed test is noticed.
    tests=[
{tests}    ],
    in_words=[
{in_words}    ],
)"""


def build_source(topic: Topic) -> NotebookNode:
    """Return the notebook from which nbgrader makes the student's notebook.

    The same topic always gives the same notebook: cell ids come from the grade ids, and nothing
    depends on the time or the machine.
    """
    return NotebookNode(
        nbformat=4,
        nbformat_minor=5,
        metadata=notebook_metadata(topic),
        cells=[_notebook_cell(cell) for cell in [*topic.cells, _standing_cell(topic)]],
    )


def notebook_metadata(topic: Topic) -> NotebookNode:
    """Return the metadata of a topic's notebook, with the time limit of the whole topic."""
    limit = {"autograder": {"limit_s": topic.limit_s}} if topic.limit_s else {}
    return nbformat.from_dict(NOTEBOOK_METADATA | limit)


def _standing_cell(topic: Topic) -> TopicCell:
    """Return the last cell, which shows the student all visible tests with their points.

    Its name contains hyphens, so that no cell of the author can have the same.
    """
    name = "where-you-stand"
    source = _STANDING.format(
        tests=_listed(topic.of("test"), markers.HIDDEN, None),
        in_words=_listed(topic.of("question"), markers.SOLUTION, markers.TEXT_STUB),
    )
    return TopicCell("given", "code", source, 0, 0, name, id=f"given-{name}")


def _listed(cells: list[TopicCell], region: str, stub: str | None) -> str:
    """Return name, points and digest of each cell, the text as nbgrader will release it."""
    rows = []
    for cell in cells:
        text = markers.replace(markers.replace(cell.source, markers.SCHEME), region, stub)
        rows.append(f'        ("{cell.key}", {cell.points:g}, "{digest(text)}"),\n')
    return "".join(rows)


def _notebook_cell(cell: TopicCell) -> NotebookNode:
    source = _nest_scheme(cell.source) if cell.kind == "question" else cell.source
    node: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "id": cell.id,
        "metadata": _metadata(cell),
        "source": source,
    }
    if cell.cell_type == "code":
        node |= {"execution_count": None, "outputs": []}
    return nbformat.from_dict(node)


def _metadata(cell: TopicCell) -> dict[str, Any]:
    """Return the cell's metadata.

    A test that fails must not stop "Run All Cells", which would skip the tests after it and the
    last cell. Jupyter's front ends have a tag for that.
    """
    tags = {"tags": ["raises-exception"]} if cell.kind == "test" else {}
    limit = {"autograder": {"limit_s": cell.limit_s}} if cell.limit_s else {}
    return {"nbgrader": _nbgrader(cell), **tags, **limit} if cell.grade_id else {}


def _nbgrader(cell: TopicCell) -> dict[str, Any]:
    """Return the cell's nbgrader metadata (its schema, version 3)."""
    graded = cell.kind in ("test", "question")
    metadata: dict[str, Any] = {
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.kind in ("given", "test"),
        "schema_version": 3,
        "solution": cell.kind in ("task", "question"),
        "task": False,
    }
    if graded:
        metadata["points"] = cell.points
    return metadata


def _nest_scheme(source: str) -> str:
    """Move the mark scheme into the solution.

    nbgrader accepts a mark scheme only in its task cells. It also stores the checksum of an
    unchanged answer before it removes mark schemes, and so would not recognise an unchanged answer
    as worth 0. A mark scheme inside the solution is removed with it.
    """
    schemes = [
        markers.body(source, region)
        for region in markers.regions(source)
        if region.kind == markers.SCHEME
    ]
    if not schemes:
        return source
    lines = markers.replace(source, markers.SCHEME).rstrip().split("\n")
    first = next(r for r in markers.regions("\n".join(lines)) if r.kind == markers.SOLUTION)
    inner = [f"### BEGIN {markers.SCHEME}", *schemes, f"### END {markers.SCHEME}"]
    return "\n".join([*lines[: first.end], "", *inner, *lines[first.end :]])


def to_text(notebook: NotebookNode) -> str:
    """Return the notebook as the text of an ``.ipynb`` file, always in the same layout."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"
