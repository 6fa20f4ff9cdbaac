"""The formats of a file of grades: each module of this folder holds one, as ``FORMAT``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from autograder.exports.sheet import Request, Sheet


class Extra(Enum):
    """An option that only some formats have a use for."""

    COLUMNS = "column"
    FEEDBACK = "feedback"


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Attributes
    ----------
    name
        What ``--to`` takes; nbgrader's plug-in is called after it (``canvas``: `CanvasExporter`).
    title
        The program that reads the file, in messages.
    about
        One line for the help: what the file is for.
    file
        Its name in the course's folder ``exports``.
    build
        Makes the file's lines.
    needs_roster
        Whether it can be made only with the platform's list of students.
    accepts
        Options that it has a use for.
    shows_status
        Whether the file itself says which grades are provisional; any other is not written while
        grades are open, unless a person says so.
    byte_order_mark
        Whether the file begins with one: Excel has to be told that it is UTF-8.
    heads
        How many lines come before the first student's.
    """

    name: str
    title: str
    about: str
    file: str
    build: Callable[[Request], Sheet]
    needs_roster: bool = False
    accepts: frozenset[Extra] = frozenset()
    shows_status: bool = False
    byte_order_mark: bool = False
    heads: int = 1

    @property
    def exporter(self) -> str:
        """The name of its plug-in for ``nbgrader export``."""
        return f"{self.name.replace('-', ' ').title().replace(' ', '')}Exporter"


@functools.cache
def formats() -> dict[str, Format]:
    """Return all formats by name, those first that need no roster."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in _modules()]
    found: list[Format] = [module.FORMAT for module in modules]
    return {each.name: each for each in sorted(found, key=lambda f: (f.needs_roster, f.name))}


def _modules() -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(__path__)


def taking(extra: Extra) -> str:
    """Return the titles of the formats that have a use for an option: ``Canvas and Moodle``."""
    return " and ".join(each.title for each in formats().values() if extra in each.accepts)
