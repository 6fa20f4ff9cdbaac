"""nbgrader without its extensions of Jupyter's server, for a command that serves nothing.

``import nbgrader`` imports four extensions, and with them the server and every command of
nbgrader's: two thirds of the processor time of a small command.
"""

from __future__ import annotations

import sys
from types import ModuleType

_EXTENSIONS = ("assignment_list", "course_list", "formgrader", "validate_assignment")


def leave_out_server() -> None:
    """Let empty modules stand for the extensions in this process, where none is loaded yet."""
    for name in _EXTENSIONS:
        module = ModuleType(f"nbgrader.server_extensions.{name}", __doc__)
        module.load_jupyter_server_extension = None  # type: ignore[attr-defined]
        sys.modules.setdefault(module.__name__, module)
