"""Copy a submission's files into its clean copy, within the caps, and compute their digest."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import of_machine
from autograder.submissions.clean_copy import (
    LARGEST_RECEIPT,
    RECEIPT,
    Caps,
    Disturbed,
    LeftOut,
    Taken,
    Why,
)

_LONGEST_S = 300.0
_PIECE = 1 << 20


class Copying:
    """One copy in progress: what is left of the caps, and the digest of the copied files.

    Attributes
    ----------
    settled
        Whether the next copy of the same files would be the same.
    """

    def __init__(self, taken: Taken, caps: Caps) -> None:
        self.taken, self.caps = taken, caps
        self.files_left, self.bytes_left = caps.files, caps.total_bytes
        self.ends = time.monotonic() + _LONGEST_S
        self.settled = True
        self.sums = hashlib.sha256()

    def end(self) -> None:
        """Store the digest of the whole copy."""
        for path, left in self.taken.left_out.items():
            self._sum(path, left.text)
        if self.settled:
            self.taken.digest = self.sums.hexdigest()

    def counts(self, path: str) -> bool:
        """Count a file or folder; return False if there are too many."""
        self.files_left -= 1
        if self.files_left < 0:
            self.leave(path, Why.MANY, f"is beyond the first {self.caps.files} files")
        return self.files_left >= 0

    def folder(self, path: str) -> None:
        """Make a folder in the copy."""
        with written():
            (self.taken.folder / path).mkdir()
        self.taken.folders.add(path)

    def copy(self, opened: int, status: os.stat_result, path: str, *, spared: bool) -> None:
        """Copy an open file, within the caps; its size may change meanwhile."""
        cap = self._cap(path, spared=spared)
        most = cap if spared else min(cap, self.bytes_left)
        pieces, done = hashlib.sha256(), 0
        try:
            if status.st_size <= most:
                with written(), (self.taken.folder / path).open("xb") as file:
                    while done <= most and (piece := self._piece(opened, most + 1 - done)):
                        done += len(piece)
                        pieces.update(piece)
                        file.write(piece)
        except _Broken as broken:
            (self.taken.folder / path).unlink(missing_ok=True)
            self.unreadable(path, broken.error)
            return
        if max(done, status.st_size) > most:
            (self.taken.folder / path).unlink(missing_ok=True)
            self._too_large(path, cap, most)
            return
        after = os.fstat(opened)
        if (after.st_size, after.st_mtime_ns) != (done, status.st_mtime_ns):
            self.settled = False
        self._note(path, done, pieces.hexdigest(), spared=spared)

    def again(self, path: str, goal: str) -> None:
        """Copy a file of the copy again, under another name."""
        size = self.taken.files[goal]
        if size > self.bytes_left:
            self._too_large(path, size + 1, self.bytes_left)
            return
        with written():
            shutil.copyfile(self.taken.folder / goal, self.taken.folder / path)
        self._note(path, size, goal, spared=False)

    def _note(self, path: str, size: int, what: str, *, spared: bool) -> None:
        self.bytes_left -= 0 if spared else size
        self.taken.files[path] = size
        self._sum(path, what)

    def _piece(self, opened: int, most: int) -> bytes:
        """Read the next bytes of a file; an error is one of reading, not of writing."""
        self.in_time()
        try:
            return os.read(opened, min(_PIECE, most))
        except OSError as error:
            raise _Broken(error) from error

    def in_time(self) -> None:
        """Raise `Disturbed` if the copy takes too long."""
        if time.monotonic() > self.ends:
            raise Disturbed(f"it could not be read within {_LONGEST_S:g} s")

    def _cap(self, path: str, *, spared: bool) -> int:
        if spared and path in RECEIPT:
            return LARGEST_RECEIPT
        return self.caps.notebook_bytes if path.endswith(".ipynb") else self.caps.file_bytes

    def _too_large(self, path: str, cap: int, most: int) -> None:
        if most == cap:
            self.leave(path, Why.LARGE, f"{Why.LARGE.value} {_size(cap)}")
        else:
            self.leave(path, Why.FULL, f"{Why.FULL.value} {_size(self.caps.total_bytes)}")

    def unreadable(self, path: str, error: OSError) -> None:
        """Leave out a file that cannot be read; one that became a link is not followed."""
        if of_machine(error):
            raise Disturbed(f"{path} could not be read ({error.strerror})") from error
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENOTDIR):
            self.leave(path, Why.NO_FILE)
        else:
            self.leave(path, Why.UNREADABLE, f"{Why.UNREADABLE.value}: {error.strerror}")
        self.settled = False

    def leave(self, path: str, why: Why, text: str = "") -> None:
        """Note a file or folder that is not in the copy."""
        self.taken.left_out[path] = LeftOut(why, text or why.value)

    def _sum(self, *texts: str) -> None:
        for text in texts:
            data = text.encode("utf-8", "surrogateescape")
            self.sums.update(b"%d:%b" % (len(data), data))


class _Broken(Exception):
    """Reading a file failed."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def written() -> Iterator[None]:
    """Raise `Disturbed` for an error of writing, but not for one of reading."""
    try:
        yield
    except OSError as error:
        raise Disturbed(f"it could not be copied ({error.strerror})") from error


def _size(number: int) -> str:
    """Return a number of bytes as text, in MB."""
    if number < 10_000:
        return f"{number} bytes"
    return f"{number / 1e6:g} MB" if number % (1 << 20) else f"{number >> 20} MB"
