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
    """What reads nbgrader's configuration, without nbgrader's commands, which take long to import.

    nbgrader also reads the configuration of the folder that it happens to run in. Here the course
    folder is the one that counts, so that a command means the same wherever it is typed.
    """

    config_file_name = "nbgrader_config"
    raise_config_file_errors = True

    def read(self, folder: Path) -> Config:
        """Load what is configured for the machine, the environment, the user and the course."""
        self.load_config_file(suppress_errors=False)
        root = self.config.get("CourseDirectory", {}).get("root", str(folder))
        Application.load_config_file(self, CONFIG_FILE, path=root)
        config = _renamed(self.config.copy())
        config.CourseDirectory.setdefault("root", str(folder))
        CourseDirectory(config=config)  # finds values that cannot be
        return config


def _renamed(config: Config) -> Config:
    """Return a configuration with today's names, where it has older ones."""
    if _OUTDATED & config.keys() or "course_id" in config.get("Exchange", {}):
        from nbgrader.apps.baseapp import NbGrader

        return NbGrader(config=config).config.copy()
    return config


def folder(start: Path, root: Path | None = None) -> Path:
    """Return ``root``, or the nearest folder from ``start`` upwards that is a course folder.

    Raises
    ------
    AutograderError
        If there is none.
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
    """Read all of nbgrader's configuration that applies in a course folder.

    Raises
    ------
    AutograderError
        If a configuration file is faulty.
    """
    try:
        with importable(folder):
            return _ConfigLoader().read(folder)
    except TraitError as error:
        raise AutograderError(
            f"{folder / CONFIG_FILE} holds a value that nbgrader does not take: {error}"
        ) from error
    except Exception as error:  # a configuration file may raise anything
        raise AutograderError(
            f"{folder / CONFIG_FILE}, or a Jupyter configuration read with it, cannot be loaded "
            f"({type(error).__name__}: {error}): fix it."
        ) from error
