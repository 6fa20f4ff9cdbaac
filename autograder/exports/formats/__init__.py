"""The formats of an export: each module of this folder defines one, as ``FORMAT``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from autograder.exports.sheet import Request, Sheet


class Extra(Enum):
    """An option that only some formats accept."""

    COLUMNS = "column"
    FEEDBACK = "feedback"


@dataclass(frozen=True)
class Format:
    """A format of an export.

    Attributes
    ----------
    name
        The value of ``--to``; it also names nbgrader's plug-in (``canvas``: `CanvasExporter`).
        title
        The name of the program that reads the file, in messages.
        about
        One line for the help: the file's purpose.
        file
        The file's name in the course's folder ``exports``.
        build
        Builds the file's lines.
        needs_roster
        Whether the format needs the platform's list of students.
        accepts
        Options that the format accepts.
        shows_status
        Whether the file itself marks provisional grades. Any other file is written while grades are
        open only with ``--provisional``.
        byte_order_mark
        Whether the file begins with one, which tells Excel that it is UTF-8.
        heads
        The number of lines before the first student's.
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
        """The name of the plug-in for ``nbgrader export``."""
        return f"{self.name.replace('-', ' ').title().replace(' ', '')}Exporter"


@functools.cache
def formats() -> dict[str, Format]:
    """Return all formats by name; those that need no roster come first."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in _modules()]
    found: list[Format] = [module.FORMAT for module in modules]
    return {each.name: each for each in sorted(found, key=lambda f: (f.needs_roster, f.name))}


def _modules() -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(__path__)


def taking(extra: Extra) -> str:
    """Return the titles of the formats that accept an option: ``Canvas and Moodle``."""
    return " and ".join(each.title for each in formats().values() if extra in each.accepts)
