"""Move what students handed in from the folder of each to where nbgrader looks for it.

On Kubernetes the same account runs in every pod, so that permissions protect nothing: only what is
mounted does. A course has on its volume

    outbound/            what is released; mounted to be read
    incoming/STUDENT/    mounted in that student's pod alone, as its ``inbound``
    inbound/             mounted in the grader's pod alone, as is all the rest
    feedback/STUDENT/    mounted in that student's pod alone, as its ``feedback``, to be read

The owner of a submission is known by the folder that it is in, which the hub chose, and not by its
name, which the student chose. Once it is moved, its student cannot change it any more.

As a program, it looks every few seconds: ``python -m nnkit_incoming /srv/nnkit/exchange/COURSE``.
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
# Of one student at one look, so that a flood of one does not hold up the others.
MOST = 50
_LATE = datetime.timedelta(minutes=10)


class Gatherer:
    """Moves the submissions of one course, and logs once what is wrong with one.

    Parameters
    ----------
    course
        The course's folder in the exchange.
    log
        Where to log what is not moved, and why.
    """

    def __init__(self, course: Path, log: logging.Logger) -> None:
        self.course = course
        self.log = log
        self._said: set[str] = set()

    def gather(self) -> int:
        """Move all that has been handed in; return how many submissions.

        What cannot be moved stays where it is, is logged, and is tried again at the next look.
        """
        moved = 0
        for folder in self._entries(self.course / INCOMING):
            if not folder.is_dir(follow_symlinks=False):
                continue
            for entry in islice(self._entries(Path(folder.path)), MOST):
                moved += self._move(folder.name, entry)
        return moved

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """Return the entries of a folder without hidden ones, which are still being copied."""
        try:
            with os.scandir(folder) as found:
                return sorted((e for e in found if not e.name.startswith(".")), key=_by_name)
        except FileNotFoundError:
            return []
        except OSError as error:
            self._say(f"{folder} cannot be read ({error.strerror}): is the volume there?")
            return []

    def _move(self, student: str, entry: os.DirEntry[str]) -> bool:
        try:
            wrong = self._wrong(student, entry)
            if wrong:
                self._say(f"{entry.path!r} is not taken: {wrong}. Look at it by hand.")
                return False
            late = _claims_to_be_earlier(entry)
            Path(entry.path).rename(self.course / INBOUND / entry.name)
        except FileNotFoundError:
            if not (self.course / INBOUND).is_dir():
                self._say(f"{self.course / INBOUND} is not there: start the grader's pod again.")
            return False  # else it has just been taken by another, or taken back
        except OSError as error:
            self._say(f"{entry.path!r} cannot be taken ({error.strerror}); it stays where it is.")
            return False
        if late:
            self._say(f"{entry.name} was taken, but {late}. Look at it.")
        return True

    def _wrong(self, student: str, entry: os.DirEntry[str]) -> str | None:
        """Return why something is not a submission of a student's, or None."""
        claimed, *rest = entry.name.rsplit("+", 3)
        if len(rest) < 3 or not all(rest) or not entry.name.isprintable():
            return "its name is not one that `nbgrader submit` gives"
        if claimed != student:
            return f"it claims to be {claimed}'s, but was handed in by {student}"
        if not stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
            return "it is not a folder"
        try:
            parse_utc(rest[1])
        except Exception:  # dateutil may raise anything for a made-up time
            return "its name has no time"
        if (self.course / INBOUND / entry.name).exists():
            return "one of the same name was handed in before"
        return None

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.log.warning("%s", text)


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _claims_to_be_earlier(entry: os.DirEntry[str]) -> str | None:
    """Return what to say of a name with a time well before the folder was put there.

    When a folder was last changed is the file server's to say; a student can only make it later.
    """
    claimed = parse_utc(entry.name.rsplit("+", 3)[2])
    changed = entry.stat(follow_symlinks=False).st_ctime
    put = datetime.datetime.fromtimestamp(changed, datetime.UTC).replace(tzinfo=None)
    if put - claimed <= _LATE:
        return None
    return f"says that it is of {claimed:%Y-%m-%d %H:%M} UTC, and came at {put:%Y-%m-%d %H:%M} UTC"


def main() -> None:
    """Look again and again, until the pod is stopped."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("course", type=Path, help="the course's folder in the exchange")
    arguments.add_argument("--every", type=float, default=5.0, help="seconds between two looks")
    arguments.add_argument("--once", action="store_true", help="look once, and end")
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
