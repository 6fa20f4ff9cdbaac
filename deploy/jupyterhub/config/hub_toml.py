"""Read ``hub.toml``, the settings of a hub, with an error message for each wrong entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub_settings import Settings
from settings_file import check, read

_HINT = "see the example in deploy/jupyterhub/config/hub.toml"


def load(path: Path) -> Settings:
    """Read and check a ``hub.toml``.

    Raises
    ------
    SettingsError
        If it cannot be read, or entries are missing, unknown or wrong; names the file and them.
    """
    return parse(read(path), path.parent, f"{path}")


def parse(table: dict[str, Any], folder: Path, where: str = "") -> Settings:
    """Check the contents of a ``hub.toml``; it names files relative to ``folder``."""
    return check(table, Settings, where, hint=_HINT, folder=folder)
