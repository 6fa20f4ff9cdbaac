"""Python code as tokens, without its names, layout and comments.

The tokens are written from the syntax tree, operators first. All names that a student chose become
the same token; names of modules, of their contents, of builtins and of the released notebook stay.
Comments, docstrings, annotations, imports and prints are left out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from keyword import kwlist

from autograder.similarity.names import FUNCTIONS, Names, all_bound, bound
from autograder.similarity.statements import TOKEN, Parsed, parse
from autograder.similarity.texts import texts
from autograder.similarity.token_writer import BUILTINS, NAME, STRING, Tokens, write

# The levels of code within strings that are read.
_MOST_WITHIN = 3
_MOST_UNPARSED = 1_000
_KEYWORDS = frozenset(kwlist)


def pieces(parsed: Parsed, names: Names) -> Iterator[Tokens]:
    """Yield the pieces of a cell: its code, and the code in its strings."""
    yield from _code(parsed.tree, names)
    yield from _within(parsed.tree, names)


def _code(module: ast.Module, names: Names) -> Iterator[Tokens]:
    """Yield the functions and methods of a cell one by one, and its other statements as one."""
    loose: list[ast.stmt] = []
    for node in _opened(module.body, loose):
        yield from write([node], names, bound(node))
    yield from write(loose, names, all_bound(loose) - names.given)


def _opened(body: list[ast.stmt], loose: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield functions, including methods; put all other statements into ``loose``."""
    for node in body:
        if isinstance(node, FUNCTIONS):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _opened(node.body, loose)
        else:
            loose.append(node)


def _within(module: ast.Module, names: Names, level: int = 0) -> Iterator[Tokens]:
    """Yield the pieces of code in strings, as for `exec`; prose does not parse."""
    for node, text in texts(module):
        inner = parse(text) if level < _MOST_WITHIN else None
        if inner is None or inner.left_out:
            continue
        last = (node.end_lineno or node.lineno) - 1
        for each in (*_code(inner.tree, names), *_within(inner.tree, names, level + 1)):
            lines = tuple(min(node.lineno - 1 + line, last) for line in each.lines)
            yield Tokens(each.tokens, lines, each.thoughts)


def unparsed(source: str, left_out: Iterable[int], names: Names) -> Iterator[Tokens]:
    """Yield the beginning of the lines that could not be parsed, as tokens of the text."""
    found: list[tuple[str, int]] = []
    line, lines = 0, frozenset(left_out)
    for each in TOKEN.finditer(source):
        kind, text = each.lastgroup, each[0]
        if line in lines and kind not in ("comment", "blank", "newlines"):
            known = kind != "word" or text in _KEYWORDS or text in names.given
            known = known or text in BUILTINS or text in names.modules or text[0].isdigit()
            found.append((STRING if kind == "string" else text if known else NAME, line))
        line += text.count("\n")
    if found:
        tokens, numbers = zip(*found[:_MOST_UNPARSED], strict=True)
        yield Tokens(tokens, numbers, numbers)
