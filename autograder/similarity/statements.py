"""Parse any cell into statements: magics are unwrapped, lines that do not parse are listed.

Python's parser accepts a cell as a whole or not at all, and it fails on deep nesting. So a cell
that it rejects is parsed without its magics, then without the lines that are too deep or that the
parser reports, then block by block. Text is read by one regular expression without backtracking.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Walking a deeper tree overflows the stack. Only a line of this many tokens can be deep.
MOST_DEPTH, DEEP_TOKENS = 300, 100
# The most lines of a block, and of a cell, that are left out because the parser reports them.
FAULTS_IN_BLOCK, FAULTS_IN_CELL = 8, 100
# In a cell that is too long to be compared, longer parts are shortened: they are not handwritten.
LONG_BLANK, LONG_WORD, LONG_STRING = 100, 200, 10_000

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*+)|(?P<blank>(?:[ \t\f]|\\\n)++)|(?P<newlines>\n++)
    |(?P<string>(?:\b[rbuf]{1,2})?(?:
        '{3}(?:[^'\\]|\\.|'(?!''))*+'{3} | "{3}(?:[^"\\]|\\.|"(?!""))*+"{3}
        | '(?:[^'\\\n]|\\.)*+' | "(?:[^"\\\n]|\\.)*+"))
    |(?P<word>\w++)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<sign>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# Keywords that begin a statement and cannot be inside brackets.
_BEGINS = re.compile(
    r"[ \t]*+(?:def|class|import|return|try|while|with|raise|pass|break|continue|global|del)\b"
)
_ELIF = re.compile(r"([ \t]*+)elif\b")
_CELL_MAGIC = re.compile(r"[ \t]*+%%(\w++|!)")
# Magics whose cell is in another language, and defines no names that a test could use.
_OTHERS = {"!", "bash", "cmd", "html", "javascript", "js", "latex", "markdown", "perl"}
_OTHERS |= {"ruby", "script", "sh", "svg", "system", "sx"}
# Magics followed by a statement, and lines that are not a statement.
_TIMED = re.compile(r"([ \t]*+)%(?:time|timeit|prun|memit|mprun|lprun)\b((?:[ \t]++-\S++)*+)")
_MAGIC = re.compile(r"([ \t]*+)(?:[%!?]|[\w.]++[ \t]*+=[ \t]*+[%!]|[%\w.*]++\?{1,2}[ \t]*+$)")
_GOES_ON = re.compile(r"[\s)\]}#]|(?:else|elif|except|finally)\b|$")


@dataclass(frozen=True)
class Parsed:
    """A cell's syntax tree, and the numbers of the lines that could not be parsed, from 0."""

    tree: ast.Module
    left_out: tuple[int, ...] = ()


def parse(source: str) -> Parsed:
    """Parse as much of a cell as possible; line numbers in the tree are those of the cell."""
    lines = source.split("\n")
    _unwrap_cell(lines)
    tree = _tree(lines)
    if isinstance(tree, ast.Module):
        return Parsed(tree)
    _unwrap_lines(lines)
    left_out: set[int] = set()
    if not isinstance(_tree(lines), ast.Module | SyntaxError):
        _flatten(lines, left_out)
    tree = _without_faults(lines, left_out, FAULTS_IN_BLOCK)
    return Parsed(tree or _by_blocks(lines, left_out), tuple(sorted(left_out)))


def squeeze(source: str) -> str:
    """Return a cell without comments, and with long blanks, words and strings shortened."""
    kept = []
    for found in TOKEN.finditer(source):
        kind, text = found.lastgroup, found[0]
        if kind == "newlines":
            text = text[:2]
        elif kind == "blank" and len(text) > LONG_BLANK:
            text = " "
        elif kind == "string" and len(text) > LONG_STRING:
            text = "''"
        kept.append("" if kind == "comment" else text[:LONG_WORD] if kind == "word" else text)
    return "".join(kept)


def _tree(lines: Sequence[str]) -> ast.Module | Exception:
    """Return the tree, or an exception if parsing fails or the tree is too deep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error
    return RecursionError() if _depth(tree) > MOST_DEPTH else tree


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _unwrap_cell(lines: list[str]) -> None:
    """Remove the cell magics at the top of a cell; keep the lines below them."""
    for number, line in enumerate(lines):
        if magic := _CELL_MAGIC.match(line):
            lines[number] = ""
            if magic[1] in _OTHERS:
                lines[:] = [""] * len(lines)
        elif line.strip():
            return


def _unwrap_lines(lines: list[str]) -> None:
    for number, line in enumerate(lines):
        if timed := _TIMED.match(line):
            lines[number] = f"{timed[1]}{line[timed.end() :].strip() or 'pass'}"
        elif magic := _MAGIC.match(line):
            lines[number] = f"{magic[1]}pass"


def _flatten(lines: list[str], left_out: set[int]) -> None:
    """Reduce a cell's depth: replace each ``elif`` by ``if``, and remove long lines."""
    lines[:] = [_ELIF.sub(r"\1if", line, count=1) for line in lines]
    for span, tokens in _logical("\n".join(lines)):
        if tokens > DEEP_TOKENS:
            _leave_out(lines, span, left_out)


def _logical(source: str) -> Iterator[tuple[range, int]]:
    """Yield the lines of each logical line, and its number of tokens."""
    first = line = tokens = depth = 0
    for found in TOKEN.finditer(source):
        kind = found.lastgroup
        line += found[0].count("\n")
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind == "newlines" and (not depth or _BEGINS.match(source, found.end())):
            yield range(first, line), tokens
            first, tokens, depth = line, 0, 0
        elif kind not in ("comment", "blank", "newlines"):
            tokens += 1
    yield range(first, line + 1), tokens


def _leave_out(lines: list[str], span: Sequence[int], left_out: set[int]) -> None:
    """Replace some lines by ``pass``."""
    line = lines[span[0]]
    indent = line[: len(line) - len(line.lstrip())]
    left_out.update(number for number in span if lines[number].strip() not in ("", "pass"))
    for number in span:
        lines[number] = ""
    lines[span[0]] = f"{indent}pass" if line.strip() != "pass" else ""


def _without_faults(lines: list[str], left_out: set[int], most: int) -> ast.Module | None:
    """Parse without the lines that the parser reports; None if there are more than ``most``."""
    for _ in range(most):
        tree = _tree(lines)
        if isinstance(tree, ast.Module):
            return tree
        number = (getattr(tree, "lineno", None) or 0) - 1
        if not 0 <= number < len(lines) or not lines[number].strip():
            return None
        _leave_out(lines, [number], left_out)
    return None


def _by_blocks(lines: list[str], left_out: set[int]) -> ast.Module:
    """Parse each statement that begins at the margin separately."""
    whole = ast.Module([], [])
    starts = [n for n, line in enumerate(lines) if not _GOES_ON.match(line)]
    tries = FAULTS_IN_CELL
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block, faults = lines[start:end], set[int]()
        tree = _without_faults(block, faults, min(FAULTS_IN_BLOCK, tries))
        if tree is None:
            left_out.update(n for n in range(start, end) if lines[n].strip())
        else:
            whole.body += ast.increment_lineno(tree, start).body
            left_out.update(start + number for number in faults)
        tries = max(1, tries - len(faults))
    return whole
