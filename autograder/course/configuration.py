"""nbgrader's configuration of a course folder, found and read as nbgrader does."""

from __future__ import annotations

from pathlib import Path

from jupyter_core.application import JupyterApp
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Application, Config

from autograder.course.modules import importable
from autograder.errors import AutograderError

CONFIG_FILE = "nbgrader_config.py"


# Sections that nbgrader has renamed since.
_OUTDATED = {
    *("NbGraderConfig", "BasicConfig", "BaseNbGraderApp", "BaseApp", "NbGrader"),
    *("TransferApp", "BaseNbConvertApp"),
}


class _ConfigLoader(JupyterApp):
    """Reads nbgrader's configuration without importing nbgrader's commands, which is slow.

    nbgrader reads the configuration of the working directory. This class reads the course
    folder's, so that a command does the same in any working directory.
    """

    config_file_name = "nbgrader_config"
    raise_config_file_errors = True

    def read(self, folder: Path) -> Config:
        """Load the configuration of the machine, the environment, the user and the course."""
        self.load_config_file(suppress_errors=False)
        root = self.config.get("CourseDirectory", {}).get("root", str(folder))
        Application.load_config_file(self, CONFIG_FILE, path=root)
        config = _renamed(self.config.copy())
        config.CourseDirectory.setdefault("root", str(folder))
        CourseDirectory(config=config)  # raises TraitError for invalid values
        return config


def _renamed(config: Config) -> Config:
    """Return a configuration with nbgrader's present names in place of old ones."""
    if _OUTDATED & config.keys() or "course_id" in config.get("Exchange", {}):
        from nbgrader.apps.baseapp import NbGrader

        return NbGrader(config=config).config.copy()
    return config


def folder(start: Path, root: Path | None = None) -> Path:
    """Return ``root``, or the nearest course folder from ``start`` upwards.

    Raises
    ------
    AutograderError
        If there is no course folder.
    """
    candidates = [Path(root).resolve()] if root is not None else [start, *start.parents]
    for candidate in candidates:
        if (candidate / CONFIG_FILE).is_file():
            return candidate
    where = f"in {candidates[0]}" if root is not None else f"in {start} or any folder above it"
    raise AutograderError(
        f"There is no {CONFIG_FILE} {where}: go to the course folder, or name it with --course."
    )


def load(folder: Path) -> Config:
    """Read all of nbgrader's configuration that applies to a course folder.

    Raises
    ------
    AutograderError
        If a configuration file is invalid.
    """
    try:
        with importable(folder):
            return _ConfigLoader().read(folder)
    except TraitError as error:
        raise AutograderError(f"{folder / CONFIG_FILE} has an invalid value: {error}") from error
    except Exception as error:  # a configuration file may raise anything
        raise AutograderError(
            f"{folder / CONFIG_FILE}, or a Jupyter configuration read with it, cannot be loaded "
            f"({type(error).__name__}: {error}): fix it."
        ) from error
