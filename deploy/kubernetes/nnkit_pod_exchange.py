"""nbgrader's exchange where each pod mounts only its own part: see nnkit_incoming.py.

The student's side finds nbgrader's own folders, since its parts are mounted at their places; it
only has to hand in all at once. The grader's side takes what is in each student's folder, and puts
feedback there.
"""

from __future__ import annotations

import glob
import shutil
import time
from pathlib import Path

import nnkit_exchange
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nnkit_incoming import Gatherer

# Hidden, so that the grader leaves alone what is in it.
_COMING = ".coming"
_WHOLE = 0o770
_FORGOTTEN_S = 3600.0


class Submit(nnkit_exchange.Submit):
    """Copy the work aside; then all of it appears at once, to be taken by the grader."""

    def copy_files(self) -> None:
        """Hand in.

        Raises
        ------
        ExchangeError
            If there is no room; says whether the work was handed in.
        """
        inbound = Path(self.inbound_path)
        aside = inbound / _COMING
        try:
            aside.mkdir(exist_ok=True)
            _remove_forgotten(aside)
        except OSError as error:
            self._fail_cleanly(aside / self.assignment_filename, error)
        copied = aside / self.assignment_filename
        self.inbound_path = str(aside)
        try:
            super().copy_files()
        finally:
            # Also where only the student's own list found no room.
            if copied.is_dir() and copied.stat().st_mode & 0o777 == _WHOLE:
                copied.rename(inbound / copied.name)


class Collect(nnkit_exchange.Collect):
    """Take what is in each student's folder; then collect as usual."""

    def init_src(self) -> None:
        """Find the submissions to collect."""
        if self.coursedir.course_id:
            Gatherer(Path(self.root, self.coursedir.course_id), self.log).gather()
        super().init_src()


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Put each student's pages into the folder that this student's pod mounts."""

    def copy_files(self) -> None:
        """Release the pages, student by student."""
        pages = Path(self.dest_path)
        for folder in sorted(glob.glob(self.src_path)):  # noqa: PTH207  (the pattern is absolute)
            # nbgrader's folders are feedback/STUDENT/TOPIC.
            place = pages / Path(folder).parent.name
            place.mkdir(mode=0o755, exist_ok=True)
            self.src_path, self.dest_path = glob.escape(folder), str(place)
            super().copy_files()


def _remove_forgotten(aside: Path) -> None:
    """Remove copies that were cut off, by a pod that was stopped for example."""
    for old in aside.iterdir():
        if time.time() - old.lstat().st_ctime > _FORGOTTEN_S:
            shutil.rmtree(old, ignore_errors=True)
