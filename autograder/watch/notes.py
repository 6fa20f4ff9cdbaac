"""The record of graded submissions: after a restart nothing is lost or repeated."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autograder import lock
from autograder.atomic_file import write_whole
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.watch.exchange import HandIn, Pair

FOLDER = ".on-submit"
_FILE, _LOCK = "graded.json", "lock"


@dataclass
class Note:
    """The record of one student's work on one topic.

    Attributes
    ----------
    done
        The name of the newest submission that was processed.
        begun
        The name of the submission that was begun last; if it is not ``done``, it was interrupted.
        exam
        When the last exam ended, in seconds since 1970.
    """

    done: str = ""
    begun: str = ""
    exam: float = 0.0


@dataclass
class Notes:
    """The notes of a course, in memory; `keep` writes them to the disk."""

    path: Path
    of: dict[Pair, Note] = field(default_factory=dict)
    broken: str | None = None

    @classmethod
    def read(cls, folder: Path) -> Notes:
        """Read a course's notes; a file that cannot be read is renamed.

        Nothing is lost with it: the gradebook has the grades.

        Raises
        ------
        AutograderError
            If the folder cannot be used.
        """
        path = folder / _FILE
        try:
            data = json.loads(path.read_bytes())
            known = {
                (student, topic): Note(*note)
                for topic, students in data["topics"].items()
                for student, note in students.items()
            }
            return cls(path, known)
        except FileNotFoundError:
            return cls(path)
        except OSError as error:
            raise AutograderError(
                f"The notes of what was graded on submit cannot be read at {path} "
                f"({error.strerror}): let the grader's account read and write there."
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError):
            aside = path.with_suffix(".broken")
            path.replace(aside)
            return cls(
                path,
                broken=f"The notes of what was graded on submit could not be read; they are at "
                f"{aside} now. Earlier grades stay as they are.",
            )

    def about(self, pair: Pair) -> Note:
        """Return the note on a student's work on a topic."""
        return self.of.get(pair) or Note()

    def begin(self, handed_in: list[HandIn]) -> None:
        """Record that some submissions are being processed.

        Raises
        ------
        AutograderError
            If the notes cannot be written; then the submissions must not be begun.
        """
        for each in handed_in:
            self.of.setdefault(each.pair, Note()).begun = each.name
        self.keep()

    def end(self, handed_in: HandIn, exam: float | None = None) -> None:
        """Record that a submission was processed, and when its exam ended if it had one."""
        note = self.of.setdefault(handed_in.pair, Note())
        note.done = note.begun = handed_in.name
        note.exam = note.exam if exam is None else exam

    def keep(self) -> None:
        """Write the notes atomically.

        Raises
        ------
        AutograderError
            If they cannot be written.
        """
        topics: dict[str, dict[str, list[str | float]]] = {}
        for (student, topic), note in self.of.items():
            topics.setdefault(topic, {})[student] = [note.done, note.begun, note.exam]
        text = json.dumps({"version": 1, "topics": topics}, ensure_ascii=False)
        try:
            write_whole(self.path, text.encode(), "The notes")
        except AutograderError as error:
            reason = getattr(error.__cause__, "strerror", None) or str(error)
            raise AutograderError(
                f"The notes of what was graded on submit could not be written to {self.path} "
                f"({reason}): free some disk space, and let the grader's account write there. "
                "Nothing is lost, and grading goes on then."
            ) from error


def folder_of(course: Course) -> Path:
    """Return the service's own folder in a course."""
    return course.root / FOLDER


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Lock the course, so that only this process grades it on submit.

    Raises
    ------
    AutograderError
        If another process holds the lock, or the folder cannot be used.
    """
    folder = folder_of(course)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock.take(folder / _LOCK)
    except BlockingIOError:
        other = (folder / _LOCK).read_text(encoding="ascii", errors="replace").strip() or "?"
        raise AutograderError(
            f"This course is watched already, by process {other}: stop that process first, or "
            "leave this one stopped."
        ) from None
    except OSError as error:
        raise AutograderError(
            f"{folder} cannot be used ({error.strerror}): grading on submit keeps its notes "
            "there. Run it as the account that owns the course folder."
        ) from error
    with held:
        held.truncate(0)
        held.write(str(os.getpid()).encode())
        yield
