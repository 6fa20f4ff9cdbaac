"""nbgrader's configuration of a course folder, found and read as nbgrader does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from traitlets.config import Config

from autograder.course_modules import importable
from autograder.errors import AutograderError

CONFIG_FILE = "nbgrader_config.py"


class _ConfigLoader(NbGrader):
    """The part of nbgrader's commands that reads configuration.

    nbgrader also reads the configuration of the folder that it happens to run in. Here the course
    folder is the one that counts, so that a command means the same wherever it is typed.
    """

    load_cwd_config = False
    raise_config_file_errors = True

    def init_syspath(self) -> None:
        """Leave ``sys.path`` alone."""

    def migrate_config(self) -> None:
        """Leave the user's old settings, which Jupyter would otherwise copy, alone."""

    def load_config_file(self, **_: Any) -> None:
        """Load what is configured for the machine, the environment and the user."""
        super(NbGrader, self).load_config_file(suppress_errors=False)


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
    app = _ConfigLoader()
    try:
        with importable(folder):
            app.initialize([], root=str(folder))
    except SystemExit as error:  # traitlets reports a wrong value so
        raise AutograderError(
            f"{folder / CONFIG_FILE} holds a value that nbgrader does not take: see the line above."
        ) from error
    except Exception as error:  # a configuration file may raise anything
        raise AutograderError(
            f"{folder / CONFIG_FILE}, or a Jupyter configuration read with it, cannot be loaded "
            f"({type(error).__name__}: {error}): mend it."
        ) from error
    config = app.config.copy()
    config.CourseDirectory.root = app.coursedir.root
    return config
