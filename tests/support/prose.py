"""Prose in the repository's files, and the retired words of the glossary that are in it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
TABLE = "## Retired words"


class Text(NamedTuple):
    """Some prose, and the line of each of its own lines."""

    text: str
    lines: list[int]


class Found(NamedTuple):
    """A retired word: its line, the word as it was written, and what to write instead."""

    line: int
    word: str
    instead: str


def retired() -> dict[str, str]:
    """Return the retired words, with what to write instead, from the glossary's table."""
    _, _, table = GLOSSARY.read_text("utf-8").partition(TABLE)
    rows = [line.strip("|\n ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {word: row[1] for row in rows[1:] for word in re.findall(r"`([^`]+)`", row[0])}


def find(texts: Iterable[Text], words: dict[str, str]) -> list[Found]:
    """Return the retired words in some prose, also across ends of lines."""
    parts = [re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words]
    pattern = re.compile(rf"(?<!\w)(?:({')|('.join(parts)}))(?!\w)", re.IGNORECASE)
    instead = list(words.values())
    return [
        Found(
            lines[text.count("\n", 0, match.start())],
            " ".join(match[0].split()),
            instead[(match.lastindex or 1) - 1],
        )
        for text, lines in texts
        for match in pattern.finditer(text)
    ]


def whole(text: str) -> Text:
    """Return a text, its lines numbered from 1."""
    return Text(text, [*range(1, text.count("\n") + 2)])


def of_file(path: Path) -> Iterator[Text]:
    """Yield the prose of a file: docstrings, comments and sentences of Python, else all of it."""
    source = path.read_text("utf-8")
    if path.suffix == ".py":
        # The sentences of a test are often samples.
        yield from of_python(source, literals="tests" not in path.relative_to(ROOT).parts)
        return
    if path == GLOSSARY:
        source = source.partition(TABLE)[0]
    yield whole(source)


def of_python(source: str, *, literals: bool = True) -> Iterator[Text]:
    """Yield docstrings, comments, and string literals of several words: one word is a name."""
    yield from _comments(source)
    strings = _Strings(source.splitlines(), literals)
    strings.visit(ast.parse(source))
    yield from strings.found


def _comments(source: str) -> Iterator[Text]:
    """Yield comments; those on lines that follow each other are one text."""
    block = Text("", [])
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, text = token.start[0], token.string.lstrip("#! ")
        if block.lines and line != block.lines[-1] + 1:
            yield block
            block = Text("", [])
        block = Text(f"{block.text}\n{text}" if block.lines else text, [*block.lines, line])
    if block.lines:
        yield block


class _Strings(ast.NodeVisitor):
    """Collects docstrings and, with ``literals``, all strings that hold more than a name."""

    def __init__(self, lines: list[str], literals: bool) -> None:
        self.lines = lines
        self.literals = literals
        self.found: list[Text] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Take a docstring."""
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            self._take(node.value, node.value.value)
        else:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take a string."""
        if self.literals and isinstance(node.value, str):
            self._take(node, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Take an f-string as one sentence; what its braces hold is code."""
        parts = [p.value if isinstance(p, ast.Constant) else "{}" for p in node.values]
        if self.literals:
            self._take(node, "".join(map(str, parts)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part)

    def _take(self, node: ast.expr, text: str) -> None:
        if len(text.split()) < 2:
            return
        first, last = node.lineno, node.end_lineno or node.lineno
        if text.count("\n") == last - first:  # a docstring
            self.found.append(Text(text, [*range(first, last + 1)]))
            return
        # The literal's own ends of lines are not those of the source: each word has its line.
        words, lines, row = text.split(), [], first
        for word in words:
            part = word.split("{}")[0]
            row = next((r for r in range(row, last + 1) if part in self.lines[r - 1]), row)
            lines.append(row)
        self.found.append(Text("\n".join(words), lines))
