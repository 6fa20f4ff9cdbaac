"""Any cell's text as statements: magics unwrapped, what does not parse named.

Python's parser takes a cell whole or not at all, and it gives up on depth. So a cell that it does
not take is parsed without its magics, then without the lines that are too deep or that the parser
stumbles over, then block by block. Text is read by one expression that never goes back.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Whoever walks a deeper tree runs out of stack. Only a line of so many tokens can be deep.
MOST_DEPTH, DEEP_TOKENS = 300, 100
# So many lines of a block, and of a cell, are left out because the parser stumbles over them.
FAULTS_IN_BLOCK, FAULTS_IN_CELL = 8, 100
# What is longer is emptied where a cell is too long to be compared: nobody writes that by hand.
LONG_BLANK, LONG_WORD, LONG_STRING = 100, 200, 10_000

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*+)|(?P<blank>(?:[ \t\f]|\\\n)++)|(?P<newlines>\n++)
    |(?P<string>(?:\b[rbuf]{1,2})?(?:
        '{3}(?:[^'\\]|\\.|'(?!''))*+'{3} | "{3}(?:[^"\\]|\\.|"(?!""))*+"{3}
        | '(?:[^'\\\n]|\\.)*+' | "(?:[^"\\\n]|\\.)*+"))
    |(?P<word>\w++)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<sign>.)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# What begins a statement, and stands within no bracket.
_BEGINS = re.compile(
    r"[ \t]*+(?:def|class|import|return|try|while|with|raise|pass|break|continue|global|del)\b"
)
_ELIF = re.compile(r"([ \t]*+)elif\b")
_CELL_MAGIC = re.compile(r"[ \t]*+%%(\w++|!)")
# Those whose cell is in another language, and defines nothing that a test could ask for.
_OTHERS = {"!", "bash", "cmd", "html", "javascript", "js", "latex", "markdown", "perl"}
_OTHERS |= {"ruby", "script", "sh", "svg", "system", "sx"}
# Magics whose rest is a statement, and lines that are no statement at all.
_TIMED = re.compile(r"([ \t]*+)%(?:time|timeit|prun|memit|mprun|lprun)\b((?:[ \t]++-\S++)*+)")
_MAGIC = re.compile(r"([ \t]*+)(?:[%!?]|[\w.]++[ \t]*+=[ \t]*+[%!]|[%\w.*]++\?{1,2}[ \t]*+$)")
_GOES_ON = re.compile(r"[\s)\]}#]|(?:else|elif|except|finally)\b|$")


@dataclass(frozen=True)
class Parsed:
    """A cell's syntax tree, and the numbers of the lines that could not be parsed, from 0."""

    tree: ast.Module
    left_out: tuple[int, ...] = ()


def parse(source: str) -> Parsed:
    """Parse what can be parsed of a cell; the lines of the tree are those of the cell."""
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
    """Return a cell without what only makes it long: comments, blanks, and texts of any length."""
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
    """Return the tree, or why there is none that can be walked."""
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
    """Take the cell magics away that stand before all else; what is below them stays."""
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
    """Make a cell shallow: each ``elif`` an ``if``, and nothing in place of long lines."""
    lines[:] = [_ELIF.sub(r"\1if", line, count=1) for line in lines]
    for span, tokens in _logical("\n".join(lines)):
        if tokens > DEEP_TOKENS:
            _leave_out(lines, span, left_out)


def _logical(source: str) -> Iterator[tuple[range, int]]:
    """Yield the lines that belong together, and how many tokens they have."""
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
    """Put ``pass`` in place of some lines."""
    line = lines[span[0]]
    indent = line[: len(line) - len(line.lstrip())]
    left_out.update(number for number in span if lines[number].strip() not in ("", "pass"))
    for number in span:
        lines[number] = ""
    lines[span[0]] = f"{indent}pass" if line.strip() != "pass" else ""


def _without_faults(lines: list[str], left_out: set[int], most: int) -> ast.Module | None:
    """Parse without the lines that the parser stumbles over, if these are few."""
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
    """Parse each statement that begins at the margin by itself."""
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
