"""Read ``hub.toml``, what a site decides about its hub, and say clearly what is wrong with it."""

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
        If it cannot be read, or entries are missing, unknown or wrong; it names file and entries.
    """
    return parse(read(path), path.parent, f"{path}")


def parse(table: dict[str, Any], folder: Path, where: str = "") -> Settings:
    """Check what a ``hub.toml`` holds; ``folder`` is where the files are that it names."""
    return check(table, Settings, where, hint=_HINT, folder=folder)
