"""Variants of the reference solution, right and wrong, read from a topic's ``variants.py``."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from autograder.errors import AutograderError

Answer = TypeVar("Answer", bound=Callable)


@dataclass(frozen=True)
class Variant:
    """One variant.

    Attributes
    ----------
    name
        The function that it replaces.
    kind
        "right" or "wrong".
    source
        The function's text, without its decorator.
    loses
        For a wrong variant: the tests that it must lose, as ``NAME`` or ``NAME-PART``.
    diagnosis
        For a wrong variant: the name of the cause that the checks must give, or None.
    doc
        The first line of its docstring.
    line
        The line of the definition in ``variants.py``.
    """

    name: str
    kind: str
    source: str
    loses: tuple[str, ...]
    diagnosis: str | None
    doc: str
    line: int


def right(function: Answer) -> Answer:
    """Mark a function of ``variants.py`` as an answer that must earn all points."""
    return function


def wrong(*, loses: list[str], diagnosis: str | None = None) -> Callable[[Answer], Answer]:
    """Mark a function of ``variants.py`` as an answer that must lose points.

    Parameters
    ----------
    loses
        The tests that it must lose, and no others: ``NAME`` or ``NAME-PART``.
    diagnosis
        The name of the cause that the first of these tests must give.
    """
    del loses, diagnosis  # `load` reads them from the text
    return lambda function: function


def load(path: Path) -> list[Variant]:
    """Read the variants of a topic, in order, from ``solutions/TOPIC/variants.py``.

    The file is parsed, not run. Only the text of a function reaches a notebook, so its imports and
    helpers belong inside it.

    Raises
    ------
    AutograderError
        If the file is missing, or a definition in it lacks its decorator.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
        module = ast.parse(text)
    except OSError as error:
        raise AutograderError(f"{path}: cannot be read ({error.strerror}): create it.") from error
    except SyntaxError as error:
        raise AutograderError(f"{path}:{error.lineno}: {error.msg}: fix it.") from error
    found: list[Variant] = []
    faults: list[str] = []
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            try:
                found.append(_variant(node, text.splitlines()))
            except ValueError as error:
                faults.append(f"{path}:{node.lineno}: {node.name}: {error}.")
    if faults:
        raise AutograderError("\n".join(faults))
    return found


def _variant(node: ast.FunctionDef | ast.ClassDef, lines: list[str]) -> Variant:
    if len(node.decorator_list) != 1:
        raise ValueError("mark it with one of @right and @wrong(…); put helpers inside a variant")
    decorator = node.decorator_list[0]
    source = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    doc = (ast.get_docstring(node) or "").split("\n")[0]
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = getattr(called, "attr", getattr(called, "id", ""))
    if name == "right":
        return Variant(node.name, "right", source, (), None, doc, node.lineno)
    if name != "wrong" or called is decorator:
        raise ValueError('write @right or @wrong(loses=["…"], diagnosis="…") above it')
    loses, diagnosis = _arguments(decorator)
    return Variant(node.name, "wrong", source, loses, diagnosis, doc, node.lineno)


def _arguments(call: ast.Call) -> tuple[tuple[str, ...], str | None]:
    try:
        given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except ValueError:
        raise ValueError(
            "write loses and diagnosis as literals: the file is parsed, not run"
        ) from None
    loses, diagnosis = given.pop("loses", None), given.pop("diagnosis", None)
    if call.args or given:
        raise ValueError("@wrong takes loses=[…] and diagnosis=… only, by name")
    if not isinstance(loses, list | tuple) or not loses:
        raise ValueError('name the tests that it must lose: loses=["NAME"]')
    if not all(isinstance(test, str) for test in loses):
        raise ValueError("loses= is a list of tests' names")
    if not isinstance(diagnosis, str | None):
        raise ValueError('diagnosis= is a name, such as "sign"')
    return tuple(loses), diagnosis
