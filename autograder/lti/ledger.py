"""The record of sent scores: a line for each accepted score, so that none is sent twice."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from io import FileIO
from pathlib import Path
from typing import Any

from autograder import lock
from autograder.errors import AutograderError


@dataclass(frozen=True)
class Sent:
    """A score that the platform accepted, or had already.

    Attributes
    ----------
    item, user
        The line item, and the platform's id of the student.
    final
        Whether the grade was final; the platform may not show another.
        timestamp
        The time sent with the score; ISO 8601.
    """

    item: str
    user: str
    student: str
    given: float
    maximum: float
    final: bool
    comment: str
    timestamp: str


class Ledger:
    """The scores that were sent, the last one for each line item and student."""

    def __init__(self, path: Path, file: FileIO | None, found: dict[tuple[str, str], Sent]) -> None:
        self.path = path
        self._file, self._found = file, found

    def last(self, item: str, user: str) -> Sent | None:
        """Return the last score sent for a line item and a student, or None."""
        return self._found.get((item, user))

    def add(self, sent: Sent) -> None:
        """Append a score to the file.

        Raises
        ------
        AutograderError
            If it cannot be written.
        """
        assert self._file is not None, "opened read-only"
        self._found[sent.item, sent.user] = sent
        try:
            line = json.dumps(asdict(sent), ensure_ascii=False).encode(errors="replace") + b"\n"
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as error:
            raise AutograderError(
                f"The LMS has the score of {sent.student} now, but {self.path} could not be "
                f"written ({error.strerror}). Free some disk space and run the same "
                "command again: no score is sent twice."
            ) from error


def load(path: Path) -> Ledger:
    """Return the record, read-only.

    Raises
    ------
    AutograderError
        If the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    except OSError as error:
        raise _unusable(path, error) from error
    return Ledger(path, None, _parsed(data))


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    """Open the record for writing, with a lock.

    Raises
    ------
    AutograderError
        If it cannot be opened, or another run has it open.
    """
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(lock.take(path))
            data = file.readall() or b""
            if data and not data.endswith(b"\n"):  # a run was stopped within a line
                file.write(b"\n")
        except BlockingIOError as error:
            raise AutograderError(
                f"Another run is sending grades ({path} is in use): wait until it has ended."
            ) from error
        except OSError as error:
            raise _unusable(path, error) from error
        yield Ledger(path, file, _parsed(data))


def _parsed(data: bytes) -> dict[tuple[str, str], Sent]:
    """Return the last score by (line item, user); lines that cannot be read are skipped.

    The platform's own results replace those.
    """
    found = {}
    for line in data.decode("utf-8", errors="replace").splitlines():
        if sent := _sent(line):
            found[sent.item, sent.user] = sent
    return found


def _sent(line: str) -> Sent | None:
    try:
        data: Any = json.loads(line)
        sent = Sent(**{entry.name: data[entry.name] for entry in fields(Sent)})
        usable = float(sent.given) >= 0 and float(sent.maximum) > 0
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    return sent if usable else None


def _unusable(path: Path, error: OSError) -> AutograderError:
    return AutograderError(
        f"{path}, the record of sent scores, cannot be used ({error.strerror}): fix that first; "
        "nothing was sent."
    )
