"""Find written answers next to their cell, and copy them into it for the person who grades."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from autograder.gradebook.assignment import Plan, SourceCell
from autograder.remarks import Kind, Remark, together
from autograder.submissions.cell_matching import grade_id, rank, released
from autograder.topics import markers
from autograder.topics.cell_text import normal, parsed

_FEWEST_WORDS = 3  # in a comment or string that may be an answer
_WORD = re.compile(r"[^\W\d_]{2,}")
NOTE = "*(Found next to this cell, which was left as it was.)*"


def find_answers(notebook: NotebookNode, plan: Plan) -> list[Remark]:
    """Copy the text that a student wrote next to an unchanged answer cell into it.

    nbgrader gives 0 to an unchanged cell and does not show it for manual grading. With the text in
    it, the cell is graded by hand. Text counts up to the instructor's next cell.
    """
    names = []
    for name in plan.manual:
        source = plan.by_name[name]
        places = [i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name]
        if source.locked or not places:
            continue
        cell = notebook.cells[places[0]]
        untouched = released(cell, plan)
        if normal(cell.source) and not untouched:
            continue
        if untouched:
            # Exactly as released, so that nbgrader recognises it as unchanged.
            cell.source = source.source
        found = [c for c in _around(notebook, plan, places[0]) if _is_text(c, source)]
        if found or cell.get("attachments"):
            _put(cell, found, source)
        if found:
            names.append(name)
    return together(
        names,
        Kind.DIFFERENCE,
        "the answer '{name}' was found next to its cell; a person grades it",
        "{count} answers were found next to their cells; a person grades them ({names})",
    )


def _around(notebook: NotebookNode, plan: Plan, place: int) -> Iterator[NotebookNode]:
    """Yield the student's own cells above and below, in their order.

    Below the release's last cell are only cells that were added at the end.
    """
    known = {normal(c.text) for release in plan.releases for c in release.cells}
    low, high = place, place + 1
    while low > 0 and rank(notebook.cells[low - 1], plan) is None:
        low -= 1
    own = (None, len(plan.release.cells) - 1)
    while high < len(notebook.cells) and rank(notebook.cells[high], plan) in own:
        high += 1
    for cell in (*notebook.cells[low:place], *notebook.cells[place + 1 : high]):
        if rank(cell, plan) is None and normal(cell.source) not in known:
            yield cell


def _is_text(cell: NotebookNode, source: SourceCell) -> bool:
    """Return whether a cell may be an answer: prose, or code with words in it."""
    if not cell.source.strip():
        return bool(cell.get("attachments"))
    if cell.cell_type != "code" or source.cell_type == "code":
        return True
    return any(len(_WORD.findall(text)) >= _FEWEST_WORDS for text in _texts(cell.source))


def _texts(code: str) -> Iterable[str]:
    """Return the comments and strings in code; the whole text if it is not Python."""
    tree = parsed(code)
    if tree is None:
        return [code]
    try:
        tokens = tokenize.generate_tokens(io.StringIO(code).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    except (SyntaxError, tokenize.TokenError):  # a magic
        return [code]
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [" ".join(comments), *(text for text in texts if isinstance(text, str))]


def _put(cell: NotebookNode, found: list[NotebookNode], source: SourceCell) -> None:
    """Append texts and their attached pictures to an answer's cell."""
    if source.cell_type == "code":
        lines = "\n\n".join(each.source for each in found).split("\n")
        cell.source += "\n\n# Found next to this cell:\n" + "\n".join(f"# {line}" for line in lines)
        return
    parts = [NOTE, *(_quoted(each, cell) for each in found)] if found else []
    pictures = cell.get("attachments", {})
    parts += [f"![{n}](attachment:{n})" for n in pictures if not _shown(n, cell, parts)]
    text, stub = "\n\n".join(parts), cell.source
    if markers.TEXT_STUB in stub:
        cell.source = stub.replace(markers.TEXT_STUB, text)
    else:
        cell.source = f"{stub}\n\n{text}"


def _shown(name: str, cell: NotebookNode, parts: list[str]) -> bool:
    return any(f"attachment:{name}" in text for text in (cell.source, *parts))


def _quoted(found: NotebookNode, cell: NotebookNode) -> str:
    """Return a cell's text as Markdown; its attached pictures are copied under unique names."""
    if found.cell_type == "code":
        fence = "~" * max(3, *(len(run) + 1 for run in re.findall("~+", found.source)), 3)
        return f"{fence}python\n{found.source}\n{fence}"
    text = found.source
    for name, picture in found.get("attachments", {}).items():
        new, pictures = name, cell.setdefault("attachments", {})
        while new in pictures:
            new = f"x-{new}"
        pictures[new] = picture
        text = text.replace(f"attachment:{name}", f"attachment:{new}")
    return text
