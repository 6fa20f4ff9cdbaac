"""Parse file names in an LMS's archive of submissions: the student and the original name.

Moodle packs ``Full Name_12345_assignsubmission_file_/work.ipynb``, or the same as one name without
a folder; ``Participant_12345_…`` if grading is anonymous. Canvas packs
``lastnamefirstname_LATE_12345_67890_work-2.ipynb``: the person's number, the file's number, and the
attempt at the end of the name. A course that configures nbgrader's ``FileNameCollectorPlugin`` for
another platform has its ``named_regexp`` used first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from nbgrader.plugins.zipcollect import FileNameCollectorPlugin
from traitlets.config import Config

from autograder.course import student_names

_MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?",
    re.DOTALL,
)
_CANVAS = re.compile(
    r"(?P<who>[^/]+?)_(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL
)
_ATTEMPT = re.compile(r"(?P<stem>.+)-(?P<attempt>\d{1,3})")
_IMPORTED = (".py", ".ipynb")


@dataclass(frozen=True)
class Named:
    """A parsed file name.

    Attributes
    ----------
    platform
        "Moodle", "Canvas", or "nbgrader" for a course's own pattern.
    who
        The person's name in the file name, or their id if a course's own pattern has one.
        number
        The platform's number for the person (Canvas) or for their submission (Moodle).
        path
        The file's path within the submission.
        late
        Whether the platform marks the file as late.
        order
        (attempt, upload number); a later file has a greater one.
        time
        The time of submission, without a zone; None if the name has none.
    """

    platform: str
    who: str
    number: str
    path: PurePosixPath
    late: bool = False
    order: tuple[int, int] = (0, 0)
    time: datetime | None = None

    @property
    def person(self) -> tuple[str, str]:
        """The key of one person's files: name and number."""
        return self.who, self.number


class Names:
    """Parses names for one course and one topic."""

    def __init__(self, config: Config, topic: str) -> None:
        self.topic = topic
        self.own = FileNameCollectorPlugin(config=config)

    def read(self, name: str) -> Named | None:
        """Return a parsed path in an archive; None if it is of no known form."""
        if self.own.named_regexp:
            return self._own(name)
        parts = name.split("/")
        for place, part in enumerate(parts):
            rest = parts[place + 1 :]
            if found := _MOODLE.fullmatch(part):
                return _moodle(found, rest)
            if not rest and (found := _CANVAS.fullmatch(part)):
                return self._canvas(found)
        return None

    def _own(self, name: str) -> Named | None:
        found = re.match(self.own.named_regexp, name)
        about = found.groupdict() if found else {}
        if not about.get("student_id") or not about.get("file_id"):
            return None
        path = PurePosixPath(about["file_id"])
        if path.is_absolute() or ".." in path.parts:
            return None
        if not path.suffix:  # nbgrader's own example omits it
            path = path.with_suffix(PurePosixPath(name).suffix)
        return Named("nbgrader", about["student_id"], "", path, time=_time(about.get("timestamp")))

    def _canvas(self, found: re.Match[str]) -> Named:
        path, attempt = self._original(PurePosixPath(found["file"]))
        order = (attempt, int(found["upload"]))
        return Named("Canvas", found["who"], found["number"], path, bool(found["late"]), order)

    def _original(self, path: PurePosixPath) -> tuple[PurePosixPath, int]:
        """Return a file's original name, and the attempt that Canvas added to it (0 if none).

        Canvas added the number only if the student cannot have used the name with it: a notebook
        named after the topic, or a module, which could not be imported. "data-2024.csv" is a name.
        """
        found = _ATTEMPT.fullmatch(path.stem)
        if not found or path.suffix.casefold() not in _IMPORTED:
            return path, 0
        stem = found["stem"]
        module = path.suffix.casefold() == ".py" and stem.isidentifier()
        if module or student_names.look(stem) == student_names.look(self.topic):
            return path.with_name(stem + path.suffix), int(found["attempt"])
        return path, 0


def _moodle(found: re.Match[str], rest: list[str]) -> Named | None:
    """Return a parsed Moodle name; a text typed into the browser is a file too."""
    inner = [found["file"]] if found["file"] else []
    inner += rest
    if not inner:
        return None
    return Named("Moodle", found["who"], found["number"], PurePosixPath(*inner))


def _time(text: str | None) -> datetime | None:
    """Return the time in a name of Blackboard's form, as in nbgrader's example."""
    try:
        return datetime.strptime(text or "", "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None
