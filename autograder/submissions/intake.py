"""Make the clean copy of a submission's files, which all other modules read.

A submission may have pipes, devices, links, a thousand nested folders, and files that change
meanwhile. So each file and folder is opened relative to the descriptor of its parent folder,
without following links and without blocking. Only regular files are read, within caps, and no
function is recursive.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from autograder.submissions.clean_copy import CHECKPOINTS, DEEPEST, Caps, Taken, Why, any_of
from autograder.submissions.copying import Copying, written
from autograder.submissions.safe_open import is_there, open_file, open_folder

_MOST_NAMES = 50_000
_LONGEST_PATH = 1_024
_MOST_HOPS = 40


def take(source: int, target: Path, caps: Caps, first: Sequence[str] = ()) -> Taken:
    """Copy an open folder into a new one.

    Parameters
    ----------
    source
        The descriptor of the submission's folder.
    target
        The folder of the copy; its parent is created if necessary.
    first
        Names in the top folder that are copied before all others and count only for their own cap:
        the notebook and the files with the submission time.

    Raises
    ------
    Disturbed
        If the copy cannot be written or takes minutes, or the machine has no memory or no file
        descriptor left. A file that cannot be read for another reason is left out instead.
    """
    with written():
        target.mkdir(parents=True)
    intake = _Intake(source, caps, first, Taken(target, caps=caps))
    intake.run()
    return intake.taken


class _Intake:
    """The traversal of a submission: the folders still to be read, and the links found."""

    def __init__(self, source: int, caps: Caps, first: Sequence[str], taken: Taken) -> None:
        self.source, self.caps, self.first, self.taken = source, caps, first, taken
        self.copying = Copying(taken, caps)
        self.names_left = _MOST_NAMES
        self.waiting: deque[str] = deque([""])
        self.links: dict[str, str] = {}
        self.ignored = any_of(caps.ignore)
        self.included = any_of(caps.include)

    def run(self) -> None:
        """Read the folders, breadth first, and then the links."""
        while self.waiting:
            place = self.waiting.popleft()
            try:
                folder = open_folder(self.source, place)
            except OSError as error:
                self.copying.unreadable(place or ".", error)
                continue
            try:
                self._read_folder(folder, place)
            finally:
                os.close(folder)
        for path in self.links:
            self._follow(path)
        self.copying.end()

    def _read_folder(self, folder: int, place: str) -> None:
        """Copy a folder's files and queue its folders."""
        names = self._names(folder, place)
        if place and "pyvenv.cfg" in names:
            self.copying.leave(place, Why.ENVIRONMENT)
            return
        if place:
            self.copying.folder(place)
        for name in names:
            self.copying.in_time()
            path = posixpath.join(place, name)
            spared = not place and name in self.first
            if spared or self._wanted(place, name):
                self._take(folder, name, path, spared=spared)

    def _wanted(self, place: str, name: str) -> bool:
        """Return whether a name is not ignored, or belongs to a checkpoint of a notebook."""
        if self.caps.checkpoints and posixpath.basename(place) == CHECKPOINTS:
            return name.endswith("-checkpoint.ipynb")
        return not self.ignored(name) or (self.caps.checkpoints and name == CHECKPOINTS)

    def _names(self, folder: int, place: str) -> list[str]:
        """Return a folder's names in order: those of ``first``, notebooks, the others."""
        found = set()
        with os.scandir(folder) as entries:
            for entry in entries:
                self.names_left -= 1
                if self.names_left < 0:
                    self.copying.leave(
                        place or ".", Why.MANY, f"holds more than {_MOST_NAMES} files"
                    )
                    break
                found.add(entry.name)
        first = [] if place else [name for name in self.first if is_there(name, folder)]
        found.difference_update(first)
        return first + sorted(found, key=lambda name: (not name.endswith(".ipynb"), name))

    def _take(self, folder: int, name: str, path: str, *, spared: bool) -> None:
        """Copy one entry of an open folder, of any type."""
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                self.links[path] = os.readlink(name, dir_fd=folder)
            elif not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
                self.copying.leave(path, Why.NO_FILE)
            elif len(os.fsencode(path)) > _LONGEST_PATH or path.count("/") >= DEEPEST:
                self.copying.leave(path, Why.DEEP)
            elif stat.S_ISDIR(status.st_mode):
                if self.copying.counts(path):
                    self.waiting.append(path)
            elif (spared or self.included(name)) and (spared or self.copying.counts(path)):
                self._open_file(folder, name, path, spared=spared)
        except OSError as error:
            self.copying.unreadable(path, error)

    def _open_file(self, folder: int, name: str, path: str, *, spared: bool) -> None:
        opened = open_file(name, folder)
        try:
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode):
                self.copying.leave(path, Why.NO_FILE)
            elif self.caps.owner not in (None, status.st_uid):
                self.copying.leave(path, Why.FOREIGN)
            else:
                self.copying.copy(opened, status, path, spared=spared)
        finally:
            os.close(opened)

    def _follow(self, path: str) -> None:
        """Replace a link by a copy of its target, taken from the copy."""
        goal = self._goal(path)
        if isinstance(goal, Why):
            self.copying.leave(path, goal)
        elif self.copying.counts(path):
            self.copying.again(path, goal)

    def _goal(self, path: str) -> str | Why:
        """Return the target of a link, by its text alone, or why it has none."""
        for _ in range(_MOST_HOPS):
            text = self.links[path]
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
            if path.startswith(("/", "../")) or path == "..":
                return Why.OUTSIDE
            if path not in self.links:
                return path if path in self.taken.files else Why.NO_FILE
        return Why.LOOP
