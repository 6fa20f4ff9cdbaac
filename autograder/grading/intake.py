"""Take a submission's files in: one clean copy, from which everything else reads.

What was handed in may be anything: pipes, devices, links, a thousand folders in each other, files
that change meanwhile. So each folder and file is opened from the folder that holds it, already
open, without following a link and without waiting; only regular files are read, within caps, and
nothing here calls itself.
"""

from __future__ import annotations

import enum
import errno
import fnmatch
import hashlib
import os
import posixpath
import re
import shutil
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from autograder.errors import AutograderError, of_machine

MOST_FILES, DEEPEST = 5_000, 20
# A notebook without its outputs is some 100 kB; this much, with outputs, is read in seconds.
LARGEST_NOTEBOOK = 256 << 20
# `nbgrader submit` leaves both beside a notebook; a page's name in the exchange is made of them.
RECEIPT = ("timestamp.txt", "submission_secret.txt")
# Jupyter keeps an earlier state of each notebook there; it counts where nothing else is left.
CHECKPOINTS = ".ipynb_checkpoints"

LARGEST_RECEIPT = 4_096
_MOST_NAMES = 50_000
_LONGEST_PATH = 1_024
_LONGEST_S = 300.0
_MOST_HOPS = 40
_PIECE = 1 << 20
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = _READ | os.O_DIRECTORY


class Disturbed(AutograderError):
    """No copy could be made: a fault of this machine, and not of the submission."""


class Why(enum.Enum):
    """Why something is not in the copy, as the end of a sentence about it."""

    OUTSIDE = "is a link that leads out of the submission"
    NO_FILE = "is not a file"
    LOOP = "cannot be read: it is a link to itself"
    UNREADABLE = "cannot be read"
    FOREIGN = "belongs to another account"
    LARGE = "is larger than"
    FULL = "does not fit: the submission is larger than"
    MANY = "is beyond the first"
    DEEP = "lies too deep, or its path is too long"
    ENVIRONMENT = "is a Python environment, which is of use on its own machine only"


@dataclass(frozen=True)
class LeftOut:
    """One thing that is not in the copy; ``text`` is the reason with its number or error."""

    why: Why
    text: str


@dataclass(frozen=True)
class Caps:
    """What is copied.

    Attributes
    ----------
    file_bytes, notebook_bytes, total_bytes
        The most for a file, a notebook, and all files together.
    files
        The most files and folders.
    ignore, include
        Patterns of names: of what is passed over in silence, and of the files that are taken.
    owner
        Only files of this account, where one is given.
    checkpoints
        Whether Jupyter's own earlier states of a notebook are taken although they are ignored.
    """

    file_bytes: int
    total_bytes: int
    notebook_bytes: int = LARGEST_NOTEBOOK
    files: int = MOST_FILES
    ignore: Sequence[str] = ()
    include: Sequence[str] = ("*",)
    owner: int | None = None
    checkpoints: bool = False

    @classmethod
    def usual(cls, ignore: Sequence[str] = (), include: Sequence[str] = ("*",)) -> Caps:
        """Return what nbgrader's own configuration allows where a course says nothing."""
        return replace(cls.of(CourseDirectory()), ignore=tuple(ignore), include=tuple(include))

    @classmethod
    def of(cls, folders: CourseDirectory) -> Caps:
        """Return what a course's configuration allows."""
        return cls(
            file_bytes=1000 * folders.max_file_size,
            total_bytes=1000 * folders.max_dir_size,
            ignore=tuple(folders.ignore),
            checkpoints=True,
        )


@dataclass
class Taken:
    """A submission as it was taken in.

    Attributes
    ----------
    folder
        The clean copy: folders and regular files, and nothing that the student can change.
    files
        The bytes of each file, by its path in the submission, the top folder's first.
    folders
        The paths of the folders.
    left_out
        What is there and not in the copy, by its path.
    digest
        Changes when anything of this changes; None where the next try may find another thing.
    caps
        What was copied, at most; as much is unpacked of an archive.
    """

    folder: Path
    files: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    digest: str | None = None
    caps: Caps = field(default_factory=Caps.usual)

    def notebooks(self) -> list[str]:
        """Return the names of the top folder's notebooks, sorted."""
        return sorted(name for name in self.files if "/" not in name and name.endswith(".ipynb"))

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove all files from the copy but some; the lists stay as they are."""
        keep = set(names)
        for name in self.files:
            if name not in keep:
                (self.folder / name).unlink(missing_ok=True)
        for name in sorted(self.folders, key=len, reverse=True):
            if not any((self.folder / name).iterdir()):
                (self.folder / name).rmdir()


def take(source: int, target: Path, caps: Caps, first: Sequence[str] = ()) -> Taken:
    """Copy an open folder into a new one.

    Parameters
    ----------
    source
        The descriptor of the submission's folder.
    target
        Where the copy is made; its parent need not be there.
    first
        Names in the top folder that are taken before all others and count for no cap but their
        own: the notebook, and what says when it was handed in.

    Raises
    ------
    Disturbed
        If the copy cannot be written, or takes minutes, or the machine has no memory or no open
        file left. What cannot be read of the source for another reason is left out instead.
    """
    with _written():
        target.mkdir(parents=True)
    intake = _Intake(source, caps, first, Taken(target, caps=caps))
    intake.run()
    return intake.taken


def beside(folder: Path, ignore: Sequence[str]) -> list[Path]:
    """Return the names of the files that nbgrader copies along with a folder's notebooks.

    The folder is the course's own. nbgrader's ``find_all_files`` reads each folder again for every
    file in it, so that its time grows with the square of their number.
    """
    ignored, found = any_of([*ignore, "*.ipynb"]), []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not ignored(name)]
        found += [Path(place, name).relative_to(folder) for name in names if not ignored(name)]
    return found


def read_small(folder: Path, name: str, most: int) -> bytes | None:
    """Return the first bytes of a regular file; None where there is none that can be read."""
    try:
        holder = os.open(folder, _FOLDER)
        try:
            opened = os.open(name, _READ, dir_fd=holder)
        finally:
            os.close(holder)
        try:
            if stat.S_ISREG(os.fstat(opened).st_mode):
                return os.read(opened, most)
        finally:
            os.close(opened)
    except OSError:
        return None
    return None


class _Intake:
    """One copy in the making: what is left of the caps, and the folders still to be read."""

    def __init__(self, source: int, caps: Caps, first: Sequence[str], taken: Taken) -> None:
        self.source, self.caps, self.first, self.taken = source, caps, first, taken
        self.files_left, self.bytes_left = caps.files, caps.total_bytes
        self.names_left = _MOST_NAMES
        self.ends = time.monotonic() + _LONGEST_S
        self.waiting: deque[str] = deque([""])
        self.links: dict[str, str] = {}
        self.settled = True
        self.broken: OSError | None = None
        self.sums = hashlib.sha256()
        self.ignored = any_of(caps.ignore)
        self.included = any_of(caps.include)

    def run(self) -> None:
        """Read one folder after the other, the upper ones first, and then the links."""
        while self.waiting:
            place = self.waiting.popleft()
            try:
                folder = self._open_folder(place)
            except OSError as error:
                self._unreadable(place or ".", error)
                continue
            try:
                self._read_folder(folder, place)
            finally:
                os.close(folder)
        for path in self.links:
            self._follow(path)
        for path, left in self.taken.left_out.items():
            self._sum(path, left.text)
        if self.settled:
            self.taken.digest = self.sums.hexdigest()

    def _open_folder(self, place: str) -> int:
        """Open a folder of the submission step by step, so that no step is a link."""
        folder = os.dup(self.source)
        for part in filter(None, place.split("/")):
            try:
                inner = os.open(part, _FOLDER, dir_fd=folder)
            finally:
                os.close(folder)
            folder = inner
        return folder

    def _read_folder(self, folder: int, place: str) -> None:
        """Take a folder's files and note its folders."""
        names = self._names(folder, place)
        if place and "pyvenv.cfg" in names:
            self._leave(place, Why.ENVIRONMENT)
            return
        if place:
            with _written():
                (self.taken.folder / place).mkdir()
            self.taken.folders.add(place)
        for name in names:
            self._in_time()
            path = posixpath.join(place, name)
            spared = not place and name in self.first
            if spared or self._wanted(place, name):
                self._take(folder, name, path, spared=spared)

    def _wanted(self, place: str, name: str) -> bool:
        """Say whether a name is not ignored, or is that of an earlier state of a notebook."""
        if self.caps.checkpoints and posixpath.basename(place) == CHECKPOINTS:
            return name.endswith("-checkpoint.ipynb")
        return not self.ignored(name) or (self.caps.checkpoints and name == CHECKPOINTS)

    def _names(self, folder: int, place: str) -> list[str]:
        """Return a folder's names: those that come first, notebooks, and the others."""
        found = set()
        with os.scandir(folder) as entries:
            for entry in entries:
                self.names_left -= 1
                if self.names_left < 0:
                    self._leave(place or ".", Why.MANY, f"holds more than {_MOST_NAMES} files")
                    break
                found.add(entry.name)
        first = [] if place else [name for name in self.first if _is_there(name, folder)]
        found.difference_update(first)
        return first + sorted(found, key=lambda name: (not name.endswith(".ipynb"), name))

    def _take(self, folder: int, name: str, path: str, *, spared: bool) -> None:
        """Take one entry of an open folder, whatever it is."""
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                self.links[path] = os.readlink(name, dir_fd=folder)
            elif not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
                self._leave(path, Why.NO_FILE)
            elif len(os.fsencode(path)) > _LONGEST_PATH or path.count("/") >= DEEPEST:
                self._leave(path, Why.DEEP)
            elif stat.S_ISDIR(status.st_mode):
                if self._counts(path):
                    self.waiting.append(path)
            elif (spared or self.included(name)) and (spared or self._counts(path)):
                self._open_file(folder, name, path, spared=spared)
        except OSError as error:
            self._unreadable(path, error)

    def _counts(self, path: str) -> bool:
        """Count a file or folder, unless there are too many."""
        self.files_left -= 1
        if self.files_left < 0:
            self._leave(path, Why.MANY, f"is beyond the first {self.caps.files} files")
        return self.files_left >= 0

    def _open_file(self, folder: int, name: str, path: str, *, spared: bool) -> None:
        opened = os.open(name, _READ, dir_fd=folder)
        try:
            status = os.fstat(opened)
            if not stat.S_ISREG(status.st_mode):
                self._leave(path, Why.NO_FILE)
            elif self.caps.owner not in (None, status.st_uid):
                self._leave(path, Why.FOREIGN)
            else:
                self._copy(opened, status, path, spared=spared)
        finally:
            os.close(opened)

    def _copy(self, opened: int, status: os.stat_result, path: str, *, spared: bool) -> None:
        """Copy an open file, which may grow or shrink meanwhile, within what is left."""
        cap = self._cap(path, spared=spared)
        most = cap if spared else min(cap, self.bytes_left)
        pieces, done, self.broken = hashlib.sha256(), 0, None
        if status.st_size <= most:
            with _written(), (self.taken.folder / path).open("xb") as file:
                while done <= most and (piece := self._piece(opened, most + 1 - done)):
                    done += len(piece)
                    pieces.update(piece)
                    file.write(piece)
        if self.broken or max(done, status.st_size) > most:
            (self.taken.folder / path).unlink(missing_ok=True)
            if self.broken:
                self._unreadable(path, self.broken)
            else:
                self._too_large(path, cap, most)
            return
        after = os.fstat(opened)
        if (after.st_size, after.st_mtime_ns) != (done, status.st_mtime_ns):
            self.settled = False
        self.bytes_left -= 0 if spared else done
        self.taken.files[path] = done
        self._sum(path, pieces.hexdigest())

    def _piece(self, opened: int, most: int) -> bytes:
        """Read on in a file; note why where that is not possible."""
        self._in_time()
        try:
            return os.read(opened, min(_PIECE, most))
        except OSError as error:
            self.broken = error
            return b""

    def _in_time(self) -> None:
        if time.monotonic() > self.ends:
            raise Disturbed(f"it could not be read within {_LONGEST_S:g} s")

    def _cap(self, path: str, *, spared: bool) -> int:
        if spared and path in RECEIPT:
            return LARGEST_RECEIPT
        return self.caps.notebook_bytes if path.endswith(".ipynb") else self.caps.file_bytes

    def _too_large(self, path: str, cap: int, most: int) -> None:
        if most == cap:
            self._leave(path, Why.LARGE, f"{Why.LARGE.value} {_size(cap)}")
        else:
            self._leave(path, Why.FULL, f"{Why.FULL.value} {_size(self.caps.total_bytes)}")

    def _follow(self, path: str) -> None:
        """Copy, from the copy, the file of the submission that a link in it means."""
        goal = self._goal(path)
        if isinstance(goal, Why):
            self._leave(path, goal)
        elif self._counts(path):
            size = self.taken.files[goal]
            if size > self.bytes_left:
                self._too_large(path, size + 1, self.bytes_left)
                return
            with _written():
                shutil.copyfile(self.taken.folder / goal, self.taken.folder / path)
            self.bytes_left -= size
            self.taken.files[path] = size
            self._sum(path, goal)

    def _goal(self, path: str) -> str | Why:
        """Return the file that a link means by its text alone, or why it is none."""
        for _ in range(_MOST_HOPS):
            text = self.links[path]
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
            if path.startswith(("/", "../")) or path == "..":
                return Why.OUTSIDE
            if path not in self.links:
                return path if path in self.taken.files else Why.NO_FILE
        return Why.LOOP

    def _unreadable(self, path: str, error: OSError) -> None:
        """Leave out what cannot be read now; what became a link meanwhile is never followed."""
        if of_machine(error):
            raise Disturbed(f"{path} could not be read ({error.strerror})") from error
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENOTDIR):
            self._leave(path, Why.NO_FILE)
        else:
            self._leave(path, Why.UNREADABLE, f"{Why.UNREADABLE.value}: {error.strerror}")
        self.settled = False

    def _leave(self, path: str, why: Why, text: str = "") -> None:
        self.taken.left_out[path] = LeftOut(why, text or why.value)

    def _sum(self, *texts: str) -> None:
        for text in texts:
            data = text.encode("utf-8", "surrogateescape")
            self.sums.update(b"%d:%b" % (len(data), data))


@contextmanager
def _written() -> Iterator[None]:
    """Tell what cannot be written here from what cannot be read there."""
    try:
        yield
    except OSError as error:
        raise Disturbed(f"it could not be copied ({error.strerror})") from error


def any_of(patterns: Iterable[str]) -> Callable[[str], object]:
    """Return what says whether a name matches any of some patterns."""
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)").match


def _is_there(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _size(number: int) -> str:
    """Return a number of bytes as a person reads it."""
    if number < 10_000:
        return f"{number} bytes"
    return f"{number / 1e6:g} MB" if number % (1 << 20) else f"{number >> 20} MB"
