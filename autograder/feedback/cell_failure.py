"""The reason why a student's cell failed, in words that reveal only the cell's own text.

A cell's own error message is not trusted: a function could store the arguments of a hidden test for
a later cell to show. A syntax error is found in the text, without running it. Of other errors, only
the messages are shown that Python has for names in this text.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

from autograder.topics import ipython_syntax

_LONGEST = 60_000
# Blank lines, which IPython removes, and magics: the code below keeps its line numbers.
_HEAD = re.compile(r"\A(?:[ \t]*(?:%%[^\n]*)?\n)+(?=([ \t]*))")
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
# Advice by category for characters that editors, web pages or keyboards put in place of Python's.
_INSTEAD = {
    "Zs": "type a blank in its place",
    "Cf": "it cannot be seen: delete it",
    "Pi": "type a straight quote in its place",
    "Pf": "type a straight quote in its place",
    "Pd": "type a hyphen in its place",
    "Sm": "type Python's own sign in its place",
}


def why(source: str, name: str, message: str) -> str:
    """Return the reason of a failure, or an empty string if it may not be shown.

    Parameters
    ----------
    source : str
        The cell's text.
    name, message : str
        The error's name and message, as the cell's process reported them.
    """
    if len(source) > _LONGEST:
        return ""
    source = _HEAD.sub(_comments, source)
    try:
        if name in _SYNTAX:
            error = ipython_syntax.fault(source, strict=False)
            return "" if error is None else _of_syntax(source, error)
        tree = ipython_syntax.tree(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    known = list(_sentences(tree))
    found = next((sentence for sentence in known if sentence == message), "")
    # After this message Python names a file of the machine.
    imports = next((s for s in known if message.startswith(f"{s} (")), "")
    return found or imports


def _comments(head: re.Match[str]) -> str:
    return head[0].count("\n") * f"{head[1]}#\n"


def _of_syntax(source: str, error: SyntaxError) -> str:
    """Return the message and the place of a syntax error."""
    lines = source.split("\n")
    if not error.lineno or error.lineno > len(lines):
        return error.msg
    line, read = lines[error.lineno - 1], (error.text or "").rstrip("\n")
    # IPython removes the common indentation of a cell.
    column = (error.offset or 0) + max(0, line.find(read))
    odd = _odd(line[column - 1]) if 0 < column <= len(line) else ""
    return f"{error.msg} (line {error.lineno}, column {column}){odd}"


def _odd(character: str) -> str:
    """Return the name of a character that looks like one of Python's, and what to do."""
    if character.isascii():
        return ""
    name = unicodedata.name(character, "")
    plain = unicodedata.normalize("NFKC", character)
    if plain.isascii() and plain.isprintable() and plain.strip():
        advice = f"type `{plain}` in its place"
    else:
        advice = _INSTEAD.get(unicodedata.category(character), "it is not valid in Python code")
    return f": U+{ord(character):04X}{f', {name},' if name else ''} stands there; {advice}"


def _sentences(tree: ast.Module) -> Iterator[str]:
    """Yield Python's possible messages for missing modules and names in the cell's text."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules[node.module] = node.module
            for alias in node.names:
                yield f"cannot import name {alias.name!r} from {node.module!r}"
    for dotted in modules.values():
        parts = dotted.split(".")
        for count in range(1, len(parts) + 1):
            missing = f"No module named {'.'.join(parts[:count])!r}"
            yield missing
            if count > 1:
                yield f"{missing}; {'.'.join(parts[: count - 1])!r} is not a package"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield f"name {node.id!r} is not defined"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = modules.get(node.value.id)
            if owner:
                yield f"module {owner!r} has no attribute {node.attr!r}"
