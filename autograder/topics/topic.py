"""Parse a topic's text notebook (jupytext percent format) into cells."""

from __future__ import annotations

import functools
import hashlib
import math
import re
from collections.abc import Iterator
from pathlib import Path

from jupytext.cell_reader import DoublePercentScriptCellReader
from nbformat import NotebookNode

from autograder.errors import AutograderError
from autograder.topics import header, rules
from autograder.topics.cells import Problems, Topic, TopicCell

KEYS = ("given", "task", "test", "part", "points", "needs", "limit_s")
NAME = re.compile(r"[A-Za-z0-9_]+")
# Cell metadata that jupytext adds; not written by the author.
_JUPYTEXT = {"lines_to_next_cell", "lines_to_end_of_cell_marker", "cell_marker"}
# jupytext also treats `# cat …` or `# mv …` as a shell command and uncomments it, which would
# break ordinary comments. So its own handling is off, and only `# %magic` is a magic.
_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
_MAGIC = re.compile(r"^(\s*)# (%{1,2}[a-z]\w\w)", re.MULTILINE)
_ALMOST_HEADER = re.compile(
    rf"^\s*#\s*(?:%%+|%\s*)(?:(?:{'|'.join(KEYS)})\s*=|\[markdown\])", re.MULTILINE
)
_ID_LENGTH = 64  # nbformat's limit


def parse(path: Path) -> Topic:
    """Read a topic and check it.

    Parameters
    ----------
    path
        ``solutions/TOPIC/TOPIC.py``.

    Raises
    ------
    AutograderError
        With one line for each fault: file, line, cell, what is wrong and the remedy.
    """
    path = Path(path)
    return _parsed(path, _text(path))


@functools.lru_cache(maxsize=32)  # a release reads each topic several times, and changes none
def _parsed(path: Path, text: str) -> Topic:
    lines = text.splitlines()
    problems = Problems(path)
    try:
        about, start = header.read(lines)
    except ValueError as error:
        raise AutograderError(f"{path}:1: {error}.") from error
    raw_cells = _raw_cells(lines, start)
    cells = [cell for line, raw in raw_cells if (cell := _cell(raw, line, problems)) is not None]
    problems.check()
    topic = Topic(path.stem, path, cells, about)
    rules.check(topic, problems)
    problems.check()
    _name_cells(cells)
    return topic


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AutograderError(
            f"{path}: there is no such file. A topic is solutions/TOPIC/TOPIC.py: write it, or "
            "give the file the name of its folder."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise AutograderError(f"{path}: cannot be read as UTF-8 text: {error}.") from error


def _raw_cells(lines: list[str], position: int) -> Iterator[tuple[int, NotebookNode]]:
    """Yield each of jupytext's cells from a line on, with the line number of its header."""
    while position < len(lines):
        cell, used = DoublePercentScriptCellReader(_FORMAT, "python").read(lines[position:])
        # jupytext makes a cell of the blank lines before the first header.
        if any(line.strip() for line in lines[position : position + used]):
            cell.explicit = re.match(r"\s*#\s*%%", lines[position]) is not None
            yield position + 1, cell
        position += used


def _cell(raw: NotebookNode, line: int, problems: Problems) -> TopicCell | None:
    """Convert jupytext's cell to a `TopicCell`; None if its header is invalid."""
    before = len(problems.lines)
    header = {key: value for key, value in raw.metadata.items() if key not in _JUPYTEXT}
    if not raw.explicit:
        problems.add(line, "text before the first cell: begin it with a header, # %%")
    _check_keys(raw, header, line, problems)
    kinds = [key for key in ("given", "task", "test") if key in header]
    if len(kinds) > 1:
        problems.add(line, f"a cell is only one of {' and '.join(kinds)}: split it")
    for key in (*kinds, "part"):
        if key in header and not NAME.fullmatch(str(header[key])):
            problems.add(line, f'{key}="{header[key]}": use letters, digits and _ only')
    if len(problems.lines) > before:
        return None
    kind = kinds[0] if kinds else ("open" if raw.cell_type == "code" else "prose")
    name = str(header[kinds[0]]) if kinds else ""
    if kind == "task" and raw.cell_type == "markdown":
        kind = "question"
    source = raw.source.rstrip()
    stripped = source.lstrip("\n")
    if raw.cell_type == "code":
        stripped = _MAGIC.sub(r"\1\2", stripped)
    first = line + 1 + len(source) - len(source.lstrip("\n"))
    first += 1 if raw.metadata.get("cell_marker", "").startswith(('"', "'")) else 0
    cell = TopicCell(kind, raw.cell_type, stripped, line, first, name, str(header.get("part", "")))
    _take_points(cell, header, problems)
    _take_needs(cell, header, problems)
    _take_limit(cell, header, problems)
    return cell


def _check_keys(raw: NotebookNode, header: dict, line: int, problems: Problems) -> None:
    allowed = ", ".join(KEYS)
    for key, value in header.items():
        if key == "incorrectly_encoded_metadata":
            problems.add(line, f'the header "{value}" cannot be read: write key="text" or key=2')
        elif key == "title":
            problems.add(line, f'"{value}" in the header is no key="value" pair (keys: {allowed})')
        elif key == "cell_depth":
            problems.add(line, "a header begins with exactly two %: write # %%")
        elif key not in KEYS:
            problems.add(line, f'unknown header key "{key}": the keys are {allowed}')
    if raw.cell_type not in ("code", "markdown"):
        problems.add(line, f"a {raw.cell_type} cell: only code and [markdown] cells are understood")
    if raw.cell_type == "code" and (near := _ALMOST_HEADER.search(raw.source)):
        at = line + 1 + raw.source[: near.end()].count("\n")
        problems.add(at, "this looks like a cell header: write # %% and a space before the keys")


def _take_points(cell: TopicCell, header: dict, problems: Problems) -> None:
    points = header.get("points")
    if cell.kind not in ("test", "question"):
        if "points" in header:
            problems.add(cell.line, "points belong to its test: move them there", cell)
        return
    if not _above_0(points):
        text = "without points" if points is None else f"points={points!r} is not a number above 0"
        advice = "write points=2, for example, into the header"
        if points == 0:
            advice += f", and if it must not count: autograder void TOPIC {cell.name} --practice"
        problems.add(cell.line, f"{text}: {advice}", cell)
        return
    cell.points = points


def _take_limit(cell: TopicCell, header: dict, problems: Problems) -> None:
    if "limit_s" not in header:
        return
    cell.limit_s = seconds = header["limit_s"]
    if not _above_0(seconds):
        text = f"limit_s={seconds!r} is not a number above 0: write limit_s=300 for 300 s"
        problems.add(cell.line, text, cell)


def _above_0(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value > 0


def _take_needs(cell: TopicCell, header: dict, problems: Problems) -> None:
    if "needs" not in header:
        return
    cell.needs = tuple(str(header["needs"]).split())
    if cell.kind != "test":
        problems.add(cell.line, "only a test needs other tasks: move needs= to its test", cell)


def _name_cells(cells: list[TopicCell]) -> None:
    """Give each cell an id that does not change when cells are added elsewhere in the topic."""
    anchor, count = "at-start", 0
    for cell in cells:
        if cell.grade_id:
            anchor, count = cell.grade_id, 0
            cell.id = _shorten(anchor)
        else:
            count += 1
            cell.id = _shorten(f"{anchor}-then-{count}")


def _shorten(text: str) -> str:
    if len(text) <= _ID_LENGTH:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{text[: _ID_LENGTH - 13]}-{digest}"
