"""The files that a candidate may read: this interpreter, nnkit and its data."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.exam.sandbox.errors import SandboxError

# Parts of the system that programs and figures need. /usr/local/share is left out on purpose:
# nbgrader keeps its exchange, with all students' work, there or in /srv.
_SYSTEM = (
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/share/terminfo",
    "/usr/share/zoneinfo",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
)
# Only these parts of an environment: etc/ and share/ may hold a server's configuration and tokens,
# and the folder itself may be the course directory.
_ENVIRONMENT = ("bin", "lib", "lib32", "lib64", "pyvenv.cfg")


@dataclass(frozen=True)
class View:
    """The files that a candidate may read; no others exist for it.

    Attributes
    ----------
    readable : tuple of Path
        Absolute paths of files and folders, bound read-only at the same path. Folders above them
        exist too, but are otherwise empty.
    files : Path or None
        Folder whose contents are copied into the scratch directory: the side files of the
        candidate's own assignment. Notebooks, and all but plain files, are left out.
    fonts : Path or None
        Matplotlib's list of fonts. Making a new one takes seconds.
    """

    readable: tuple[Path, ...]
    files: Path | None = None
    fonts: Path | None = None

    def exposes(self, path: Path) -> Path | None:
        """Return the readable path by which a candidate would see `path`, or None if hidden."""
        path = path.resolve()
        for readable in self.readable:
            place = readable.resolve()
            if path == place or place in path.parents:
                return readable
        return None


def default_view(files: Path | None = None) -> View:
    """Return the view that this interpreter needs to run notebooks of the course.

    Parameters
    ----------
    files : Path or None
        Folder with the side files of the candidate's own assignment.

    Raises
    ------
    SandboxError
        If nnkit is not installed in this interpreter.
    """
    wanted = [Path(path) for path in _SYSTEM]
    wanted += [Path(p) / part for p in (sys.prefix, sys.base_prefix) for part in _ENVIRONMENT]
    wanted += _interpreter() + _package("nnkit")
    present = [path.absolute() for path in wanted if os.access(path, os.R_OK)]
    return View(_without_nested(present), files, _font_list())


def _interpreter() -> list[Path]:
    """Return the real executable: .venv/bin/python may be a link to a link to it."""
    return [Path(sys.executable).resolve()]


def _package(name: str) -> list[Path]:
    """Return a package's folder and the targets of links in it (its data in a checkout)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SandboxError(f"the package {name} is not installed in {sys.prefix}; run make")
    folders = [Path(place) for place in spec.submodule_search_locations]
    links = [path for folder in folders for path in folder.rglob("*") if path.is_symlink()]
    return folders + [link.resolve() for link in links]


def _without_nested(paths: list[Path]) -> tuple[Path, ...]:
    """Sort paths and remove those below another; a link does not cover its target."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not any(above in path.parents for above in kept if not above.is_symlink()):
            kept.append(path)
    return tuple(kept)


def _font_list() -> Path | None:
    """Return matplotlib's newest list of fonts from its cache; None without one."""
    home = os.path.expanduser("~")  # noqa: PTH111, Path.home() fails for a user without a home
    cache = Path(os.environ.get("XDG_CACHE_HOME") or f"{home}/.cache") / "matplotlib"
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        cache = Path(matplotlib.get_cachedir())
    elif os.environ.get("MPLCONFIGDIR"):
        cache = Path(os.environ["MPLCONFIGDIR"])
    lists = sorted(cache.glob("fontlist-v*.json"), key=lambda path: path.stat().st_mtime)
    return lists[-1] if lists else None
