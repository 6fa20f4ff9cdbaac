"""Unpack archives that others made: regular files alone, in place, and within caps.

What is written is counted while it is written, so that no size that an archive claims is believed.
"""

from __future__ import annotations

import gzip
import posixpath
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from autograder.errors import AutograderError, of_machine

_PIECE = 1 << 20
_LONGEST_PATH, _DEEPEST = 1_024, 20
_END, _END_64, _END_BYTES = b"PK\x05\x06", b"PK\x06\x07", 22
_LARGEST_INDEX = 4 << 20
_UTF8_FLAG, _NAME_FIELD = 0x800, 0x7075
_NEVER = datetime(1980, 1, 1)  # where a zip says nothing
_CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
_TAR = (".tar", ".tar.gz", ".tgz")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAULTS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # a password is wanted; NotImplementedError is one too
    struct.error,
    zlib.error,
    tarfile.TarError,
    zipfile.BadZipFile,
)


class Unpackable(AutograderError):
    """An archive that is not unpacked; the text says why, as the end of a sentence about it."""


@dataclass
class Room:
    """What may still be written."""

    files: int
    bytes: int


@dataclass(frozen=True)
class Member:
    """A regular file in an archive; ``changed`` is local to whoever packed it, or None."""

    name: str
    changed: datetime | None
    info: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(name: str) -> bool:
    """Say whether a file's name is that of an archive that can be unpacked."""
    return name.casefold().endswith((".zip", *_TAR))


class Archive:
    """An open archive: its regular files with safe names, and why others are not among them."""

    def __init__(self, path: Path, room: Room | None = None) -> None:
        """Open an archive.

        Parameters
        ----------
        room
            What may be unpacked. Default: anything, for a zip of the instructor's own.

        Raises
        ------
        Unpackable
            If it cannot be read, or holds too many files.
        """
        self.skipped: list[str] = []
        self._room = room
        try:
            if room is not None and path.name.casefold().endswith(_TAR):
                plain = _decompressed(path, room.bytes)
                self._file: zipfile.ZipFile | tarfile.TarFile = tarfile.open(  # noqa: SIM115
                    fileobj=plain
                )
            else:
                if room is not None:
                    _see_index(path)
                self._file = zipfile.ZipFile(path)
        except _FAULTS as error:
            raise _unpackable(error) from error

    def __enter__(self) -> Archive:
        """Keep it open for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._file.close()

    def members(self) -> Iterator[Member]:
        """Yield the regular files, and note in ``skipped`` what is none or leads elsewhere."""
        try:
            for count, info in enumerate(self._infos()):
                if self._room is not None and count >= self._room.files:
                    raise Unpackable(f"holds more than {self._room.files} files")
                name = _name(info)
                if _is_folder(info) or any(p in _CLUTTER or p[:2] == "._" for p in name.split("/")):
                    continue
                if not _is_file(info) or not _safe(name):
                    self.skipped.append(name)
                else:
                    yield Member(posixpath.normpath(name), _changed(info), info)
        except _FAULTS as error:
            raise _unpackable(error) from error

    def write(self, member: Member, target: Path, room: Room) -> None:
        """Write one file below a folder, in place of an earlier one of its name.

        Raises
        ------
        Unpackable
            If there is no room for it, or it cannot be read or written.
        """
        room.files -= 1
        if room.files < 0:
            raise Unpackable("holds too many files")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._open(member) as source, target.open("wb") as file:
                while piece := source.read(_PIECE):
                    room.bytes -= len(piece)
                    if room.bytes < 0:
                        raise Unpackable("is too large when it is unpacked")
                    file.write(piece)
        except _FAULTS as error:
            raise _unpackable(error) from error

    def _infos(self) -> Iterator[zipfile.ZipInfo | tarfile.TarInfo]:
        yield from self._file.infolist() if isinstance(self._file, zipfile.ZipFile) else self._file

    def _open(self, member: Member) -> IO[bytes]:
        if isinstance(self._file, zipfile.ZipFile):
            if member.info.compress_type not in _METHODS:
                raise Unpackable("is packed in a way that is not known here: make an ordinary zip")
            return self._file.open(member.info)
        opened = self._file.extractfile(member.info)
        if opened is None:
            raise Unpackable(f"holds no file {member.name}")
        return opened


def unpack(path: Path, target: Path, room: Room) -> list[str]:
    """Unpack a student's archive into a new folder.

    Returns
    -------
    list of str
        What was left out: links, devices, and names that lead out of the folder.

    Raises
    ------
    Unpackable
        If it is none, wants a password, or does not fit.
    """
    with Archive(path, room) as archive:
        for member in archive.members():
            archive.write(member, target / member.name, room)
        return archive.skipped


def _decompressed(path: Path, most: int) -> IO[bytes]:
    """Return a tar archive without its compression: `tarfile` believes the sizes in it."""
    plain = tempfile.TemporaryFile()  # noqa: SIM115  (it is the caller's)
    unpacked = path.open if path.name.casefold().endswith(".tar") else partial(gzip.open, path)
    with unpacked("rb") as source:
        while piece := source.read(_PIECE):
            if plain.tell() + len(piece) > most:
                raise Unpackable("is too large when it is unpacked")
            plain.write(piece)
    plain.seek(0)
    return plain


def _see_index(path: Path) -> None:
    """See that a zip's list of files is no bomb itself, before `zipfile` reads all of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 2 * _END_BYTES))
        end = file.read()
    place = len(end) - _END_BYTES if end[-_END_BYTES:].startswith(_END) else end.rfind(_END)
    if place < 0 or len(end) < place + _END_BYTES:
        raise zipfile.BadZipFile("it is no zip, or breaks off")
    if struct.unpack_from("<I", end, place + 12)[0] > _LARGEST_INDEX:
        raise zipfile.BadZipFile("its list of files is too long")
    if place >= 20 and end[place - 20 :].startswith(_END_64):
        raise zipfile.BadZipFile("it is of the kind for more than 4 GB")


def _name(info: zipfile.ZipInfo | tarfile.TarInfo) -> str:
    """Return a file's name, whatever its packer wrote it in."""
    if isinstance(info, tarfile.TarInfo):
        return info.name.removeprefix("./")
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        name = _unicode_field(info.extra) or _maybe_utf8(name)
    return name.replace("\\", "/").removeprefix("./")


def _maybe_utf8(name: str) -> str:
    """Return a name that `zipfile` took for code page 437; macOS writes UTF-8 and does not say."""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _unicode_field(extra: bytes) -> str | None:
    """Return the name in Unicode that Info-ZIP and 7-Zip add."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _NAME_FIELD and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return None


def _is_folder(info: zipfile.ZipInfo | tarfile.TarInfo) -> bool:
    if isinstance(info, tarfile.TarInfo):
        return info.isdir()
    return _name(info).endswith("/")


def _is_file(info: zipfile.ZipInfo | tarfile.TarInfo) -> bool:
    if isinstance(info, tarfile.TarInfo):
        return info.isreg()
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    return kind in (0, stat.S_IFREG)


def _safe(name: str) -> bool:
    parts = name.split("/")
    return (
        not name.startswith("/")
        and ".." not in parts
        and not (len(parts[0]) == 2 and parts[0][1] == ":")
        and posixpath.normpath(name) != "."
        and "\0" not in name
        and len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_PATH
        and len(parts) <= _DEEPEST
        and all(len(part.encode("utf-8", "surrogateescape")) <= 255 for part in parts)
    )


def _changed(info: zipfile.ZipInfo | tarfile.TarInfo) -> datetime | None:
    try:
        if isinstance(info, tarfile.TarInfo):
            return datetime.fromtimestamp(info.mtime) if info.mtime > 0 else None
        found = datetime(*info.date_time)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found != _NEVER else None


def _unpackable(error: Exception) -> Exception:
    """Return what to raise for an error: one of this machine's is no fault of the archive."""
    if of_machine(error):
        return error
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Unpackable(f"cannot be unpacked ({text.splitlines()[0].rstrip('.')})")
