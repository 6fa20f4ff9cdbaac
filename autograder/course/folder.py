"""The course folder: its nbgrader configuration, its folders and its gradebook."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from sqlite3 import SQLITE_CORRUPT, SQLITE_NOTADB
from subprocess import SubprocessError
from typing import TYPE_CHECKING, Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder.course import configuration
from autograder.errors import AutograderError

if TYPE_CHECKING:
    from nbgrader.apps.api import NbGraderAPI

_DAMAGE = (SQLITE_CORRUPT, SQLITE_NOTADB)


@dataclass
class Course:
    """A course folder.

    Attributes
    ----------
    root
        The folder that nbgrader calls the course directory.
    config
        All of nbgrader's configuration for it, ready to be given to nbgrader's classes.
    solutions
        The folder with one folder for each topic.
    """

    root: Path
    config: Config
    solutions: Path

    @classmethod
    def find(
        cls,
        start: Path | None = None,
        root: Path | None = None,
        *,
        solutions: Path | None = None,
        db_url: str | None = None,
    ) -> Course:
        """Find a course folder and read its configuration as nbgrader does.

        Parameters
        ----------
        start
            Where to begin; the folder or the nearest one above it that holds
            ``nbgrader_config.py`` is taken. Default: the working directory.
        root
            The course folder itself, if known.
        solutions
            Where the topics are. Default: ``solutions`` in the course folder.
        db_url
            The gradebook's database, instead of the configured one.

        Raises
        ------
        AutograderError
            If there is no such folder, or its configuration cannot be read.
        """
        folder = configuration.folder(Path(start or Path.cwd()).resolve(), root)
        config = configuration.load(folder)
        if db_url:
            config.CourseDirectory.db_url = db_url
        course_root = Path(CourseDirectory(config=config).root)
        return cls(course_root, config, Path(solutions or course_root / "solutions").resolve())

    @cached_property
    def coursedir(self) -> CourseDirectory:
        """The folder as nbgrader sees it."""
        return CourseDirectory(config=self.config)

    @cached_property
    def api(self) -> NbGraderAPI:
        """The interface that nbgrader itself has to the course."""
        from nbgrader.apps.api import NbGraderAPI  # imports all of nbgrader's commands

        use_environment()
        return NbGraderAPI(coursedir=self.coursedir, config=self.config)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open nbgrader's gradebook, which is created if there is none.

        Raises
        ------
        AutograderError
            If the database cannot be opened.
        """
        use_environment()
        try:
            book = Gradebook(self.db_url, self.coursedir.course_id)
        except (SQLAlchemyError, ImportError, OSError, SubprocessError) as error:
            fault = damage(error, self.db_url) or _database_fault(self.db_url, error)
            raise AutograderError(fault) from error
        with book:
            yield book

    @property
    def has_gradebook(self) -> bool:
        """Whether there is a gradebook; an SQLite file is created when it is first opened."""
        url = make_url(self.db_url)
        return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()

    def students(self) -> list[str]:
        """Return the ids of the gradebook's students; empty if there is no gradebook yet."""
        if not self.has_gradebook:
            return []
        with self.gradebook() as book:
            return sorted(student.id for student in book.students)

    @property
    def db_url(self) -> str:
        """The URL of the gradebook's database, as SQLAlchemy writes it."""
        return self.coursedir.db_url

    @property
    def source_dir(self) -> Path:
        """The folder of the notebooks with solutions, built for nbgrader."""
        return self.root / self.coursedir.source_directory

    @property
    def release_dir(self) -> Path:
        """The folder of the released notebooks."""
        return self.root / self.coursedir.release_directory

    @property
    def submitted_dir(self) -> Path:
        """The folder of the submissions, as ``STUDENT/TOPIC/TOPIC.ipynb``."""
        return self.root / self.coursedir.submitted_directory

    @property
    def autograded_dir(self) -> Path:
        """The folder of the graded notebooks."""
        return self.root / self.coursedir.autograded_directory

    @property
    def feedback_dir(self) -> Path:
        """The folder of the students' feedback pages."""
        return self.root / self.coursedir.feedback_directory

    def topics(self) -> list[str]:
        """Return the names of the topics: the folders in `solutions` that hold Python files."""
        if not self.solutions.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self.solutions.iterdir()
            if folder.name[0] not in "._" and any(folder.glob("*.py"))
        )

    def topic_path(self, name: str) -> Path:
        """Return the path of a topic's text.

        Raises
        ------
        AutograderError
            If there is no such topic.
        """
        if name not in self.topics():
            known = ", ".join(self.topics()) or "none"
            raise AutograderError(
                f'There is no topic "{name}" in {self.solutions}: it has {known}.'
            )
        return self.solutions / name / f"{name}.py"


def use_environment() -> None:
    """Put the scripts of this environment on PATH.

    To create a gradebook, nbgrader runs the command ``alembic``, which is not on PATH if the
    environment is not activated.
    """
    scripts = sysconfig.get_path("scripts")
    path = os.environ.get("PATH", os.defpath)
    if scripts not in path.split(os.pathsep) or shutil.which("alembic") is None:
        os.environ["PATH"] = scripts + os.pathsep + path


def damage(error: BaseException, url: str = "") -> str:
    """Say what to do about a gradebook that SQLite reports as damaged; "" for other errors."""
    reason = getattr(error, "orig", None)
    # The low byte of an extended code is the primary code.
    if getattr(reason, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
        return ""
    return (
        f"The gradebook {url + ' ' if url else ''}is damaged ({reason}); nothing more was written "
        "to it. Put a backup in its place, or save what can be read with "
        "`sqlite3 gradebook.db .recover | sqlite3 recovered.db`. Without either, move it away and "
        "run `autograder release` and `autograder grade` again: this restores the scores of tests, "
        "but not the points given by hand."
    )


def _database_fault(url: str, error: Any) -> str:
    try:
        shown = make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        shown = url
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return (
        f"The gradebook {shown} cannot be opened ({reason}): check the address, that its folder "
        "or server is there, and that the database's driver is installed."
    )
