"""Publish rich output, such as panels and figures, if a notebook can show it."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

#: MIME type of the facts about a figure: ``{"alt": its alternative text}``.
FIGURE_TYPE = "application/vnd.nnkit.figure+json"


def publish(data: dict[str, Any]) -> bool:
    """Publish an output in several forms (MIME type to content), if a notebook shows it.

    Returns
    -------
    bool
        False outside a notebook (a script, a terminal): the caller then prints plain text.
    """
    shell = get_ipython()
    # A terminal's shell has a prompt; a notebook's and an exam's have none.
    if shell is None or hasattr(shell, "pt_app"):
        return False
    shell.display_pub.publish(data)
    return True
