"""Import nbgrader and jupytext without their Jupyter server extensions, where no server is needed.

``import nbgrader`` imports four extensions, and with them the server and all of nbgrader's
commands: two thirds of the processor time of a small command. ``import jupytext`` tries to import
its contents managers, which import the server, and works without them.
"""

from __future__ import annotations

import sys
from types import ModuleType

_EXTENSIONS = ("assignment_list", "course_list", "formgrader", "validate_assignment")
_CONTENTS_MANAGERS = ("async_contentsmanager", "sync_contentsmanager")


def leave_out_server() -> None:
    """Put empty modules in place of the extensions that this process has not loaded yet."""
    for name in _EXTENSIONS:
        module = ModuleType(f"nbgrader.server_extensions.{name}", __doc__)
        module.load_jupyter_server_extension = None  # type: ignore[attr-defined]
        sys.modules.setdefault(module.__name__, module)
    for name in _CONTENTS_MANAGERS:
        # None makes Python say that there is no such module.
        sys.modules.setdefault(f"jupytext.{name}", None)  # type: ignore[arg-type]


def is_left_out() -> bool:
    """Return whether this process runs without the extensions: it runs no command of nbgrader's."""
    formgrader = sys.modules.get("nbgrader.server_extensions.formgrader")
    return formgrader is not None and not hasattr(formgrader, "__file__")
