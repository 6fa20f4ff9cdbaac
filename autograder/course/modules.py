"""Import an instructor's own modules from the course folder, as nbgrader's commands do there.

Only the process that grades and writes the gradebook does this. The exam's processes have an
import path of their own, without the course folder.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The loaded modules of course folders, with their folder: another course in the same process may
# have a module of the same name.
_loaded: dict[str, Path] = {}
_guard = threading.RLock()


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """Put the folder of ``nbgrader_config.py`` at the end of Python's import path."""
    root = root.resolve()
    with _guard:
        for name in [name for name, home in _loaded.items() if home != root]:
            sys.modules.pop(name, None)
            del _loaded[name]
        entry = str(root)
        sys.path.append(entry)
        try:
            yield
        finally:
            # Remove the last entry: the caller may have the same folder on the path already.
            del sys.path[len(sys.path) - 1 - sys.path[::-1].index(entry)]
            _loaded.update(dict.fromkeys(_from(root), root))


def _from(root: Path) -> list[str]:
    """Return the loaded modules that are files directly in a folder."""
    return [
        name
        for name, module in list(sys.modules.items())
        if name != "__main__" and Path(getattr(module, "__file__", None) or "/-").parent == root
    ]
