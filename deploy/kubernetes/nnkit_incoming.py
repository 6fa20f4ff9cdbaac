"""Move submissions from each student's folder to the folder where nbgrader collects them.

On Kubernetes the same account runs in all pods: permissions do not separate them, only mounts do.
The volume of a course has

    outbound/            the released assignments, mounted read-only
    incoming/STUDENT/    mounted only in the pod of this student, as ``inbound``
    inbound/             mounted only in the grader's pod, as is everything else
    feedback/STUDENT/    mounted only in the pod of this student, as ``feedback``, read-only

The folder of a submission, which the hub chose, identifies its student; its name, which the student
chose, does not. After the move, the student cannot change the submission.

As a program, it checks every few seconds: ``python -m nnkit_incoming /srv/nnkit/exchange/COURSE``.
"""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import stat
import time
from itertools import islice
from pathlib import Path

from nbgrader.utils import parse_utc

INCOMING, INBOUND = "incoming", "inbound"
# Per student and check, so that a student with many submissions does not delay the others.
MOST = 50
_LATE = datetime.timedelta(minutes=10)


class Gatherer:
    """Moves the submissions of one course, and logs each problem once.

    Parameters
    ----------
    course
        The course's folder in the exchange.
    log
        For submissions that are not moved, with the reason.
    """

    def __init__(self, course: Path, log: logging.Logger) -> None:
        self.course = course
        self.log = log
        self._logged: set[str] = set()

    def gather(self) -> int:
        """Move all submissions; return their number.

        One that cannot be moved stays in its folder, is logged, and is tried again next time.
        """
        moved = 0
        for folder in self._entries(self.course / INCOMING):
            if not folder.is_dir(follow_symlinks=False):
                continue
            for entry in islice(self._entries(Path(folder.path)), MOST):
                moved += self._move(folder.name, entry)
        return moved

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """Return the entries of a folder, except hidden ones, which are still being copied."""
        try:
            with os.scandir(folder) as found:
                return sorted((e for e in found if not e.name.startswith(".")), key=_by_name)
        except FileNotFoundError:
            return []
        except OSError as error:
            self._log_once(f"{folder} cannot be read ({error.strerror}): is the volume there?")
            return []

    def _move(self, student: str, entry: os.DirEntry[str]) -> bool:
        try:
            wrong = self._wrong(student, entry)
            if wrong:
                self._log_once(f"{entry.path!r} is not taken: {wrong}. Look at it by hand.")
                return False
            late = _claims_to_be_earlier(entry)
            Path(entry.path).rename(self.course / INBOUND / entry.name)
        except FileNotFoundError:
            if not (self.course / INBOUND).is_dir():
                self._log_once(
                    f"{self.course / INBOUND} is not there: start the grader's pod again."
                )
            return False  # else another process, or the student, has moved it
        except OSError as error:
            self._log_once(
                f"{entry.path!r} cannot be taken ({error.strerror}); it stays where it is."
            )
            return False
        if late:
            self._log_once(f"{entry.name} was taken, but {late}. Look at it.")
        return True

    def _wrong(self, student: str, entry: os.DirEntry[str]) -> str | None:
        """Return why an entry is not a submission of a student, or None."""
        claimed, *rest = entry.name.rsplit("+", 3)
        if len(rest) < 3 or not all(rest) or not entry.name.isprintable():
            return "its name is not one that `nbgrader submit` gives"
        if claimed != student:
            return f"it claims to be {claimed}'s, but was handed in by {student}"
        if not stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
            return "it is not a folder"
        try:
            parse_utc(rest[1])
        except Exception:  # dateutil may raise any exception for an invalid time
            return "its name has no time"
        if (self.course / INBOUND / entry.name).exists():
            return "one of the same name was handed in before"
        return None

    def _log_once(self, text: str) -> None:
        if text not in self._logged:
            self._logged.add(text)
            self.log.warning("%s", text)


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _claims_to_be_earlier(entry: os.DirEntry[str]) -> str | None:
    """Return a remark on a name with a time well before the folder was created, or None.

    The file server sets the time of a folder's last change; a student can only make it later.
    """
    claimed = parse_utc(entry.name.rsplit("+", 3)[2])
    changed = entry.stat(follow_symlinks=False).st_ctime
    put = datetime.datetime.fromtimestamp(changed, datetime.UTC).replace(tzinfo=None)
    if put - claimed <= _LATE:
        return None
    return f"says that it is of {claimed:%Y-%m-%d %H:%M} UTC, and came at {put:%Y-%m-%d %H:%M} UTC"


def main() -> None:
    """Check repeatedly, until the pod is stopped."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("course", type=Path, help="the course's folder in the exchange")
    arguments.add_argument("--every", type=float, default=5.0, help="seconds between two checks")
    arguments.add_argument("--once", action="store_true", help="check once, then end")
    options = arguments.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    gatherer = Gatherer(options.course, logging.getLogger("nnkit_incoming"))
    while True:
        gatherer.gather()
        if options.once:
            return
        time.sleep(options.every)


if __name__ == "__main__":
    main()
