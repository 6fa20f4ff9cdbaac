"""nbgrader's exchange where each pod mounts only its own part: see nnkit_incoming.py.

In a student's pod, the parts are mounted at the paths of nbgrader's folders; only submitting must
become atomic. The grader collects from each student's folder, and releases feedback to it.
"""

from __future__ import annotations

import glob
import shutil
import time
from pathlib import Path

import nnkit_exchange
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nnkit_incoming import Gatherer

# Hidden, so that the grader ignores it.
_COMING = ".coming"
_WHOLE = 0o770
_FORGOTTEN_S = 3600.0


class Submit(nnkit_exchange.Submit):
    """Copy the work into a hidden folder, then move it to the grader in one step."""

    def copy_files(self) -> None:
        """Submit the work.

        Raises
        ------
        ExchangeError
            If it fails; the message says whether the work is handed in.
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
            # Also where only the copy into the student's cache failed.
            if copied.is_dir() and copied.stat().st_mode & 0o777 == _WHOLE:
                copied.rename(inbound / copied.name)


class Collect(nnkit_exchange.Collect):
    """Move the submissions from the students' folders, then collect as usual."""

    def init_src(self) -> None:
        """Find the submissions to collect."""
        if self.coursedir.course_id:
            Gatherer(Path(self.root, self.coursedir.course_id), self.log).gather()
        super().init_src()


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Release each student's pages into the folder that this student's pod mounts."""

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
    """Remove incomplete copies, for example of a pod that was stopped."""
    for old in aside.iterdir():
        if time.time() - old.lstat().st_ctime > _FORGOTTEN_S:
            shutil.rmtree(old, ignore_errors=True)
