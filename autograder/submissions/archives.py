"""Unpack untrusted archives: only regular files, only inside the target folder, within caps.

Bytes are counted while they are written: the sizes that an archive claims are not trusted.
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
_NEVER = datetime(1980, 1, 1)  # for an invalid date in a zip
_CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
_TAR = (".tar", ".tar.gz", ".tgz")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAULTS = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # a password is required; NotImplementedError is a subclass
    struct.error,
    zlib.error,
    tarfile.TarError,
    zipfile.BadZipFile,
)


class Unpackable(AutograderError):
    """An archive cannot be unpacked; the message is the end of a sentence about it."""


@dataclass
class Room:
    """The number of files and bytes that may still be written."""

    files: int
    bytes: int


@dataclass(frozen=True)
class Member:
    """A regular file in an archive; ``changed`` is in the local time of its author, or None."""

    name: str
    changed: datetime | None
    info: zipfile.ZipInfo | tarfile.TarInfo


def is_archive(name: str) -> bool:
    """Return whether a file name is that of a supported archive."""
    return name.casefold().endswith((".zip", *_TAR))


class Archive:
    """An open archive: its regular files with safe names, and the names of skipped entries."""

    def __init__(self, path: Path, room: Room | None = None) -> None:
        """Open an archive.

        Parameters
        ----------
        room
            The caps. Default: none, for an archive of the instructor's.

        Raises
        ------
        Unpackable
            If it cannot be read, or has too many files.
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
        """Return the open archive."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the archive."""
        self._file.close()

    def members(self) -> Iterator[Member]:
        """Yield the regular files; add links, devices and unsafe names to ``skipped``."""
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
        """Write one file into a folder, replacing an earlier one of the same name.

        Raises
        ------
        Unpackable
            If it exceeds the caps, or cannot be read or written.
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
                raise Unpackable("uses an unsupported compression method: make an ordinary zip")
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
        The skipped entries: links, devices, and names that lead out of the folder.

    Raises
    ------
    Unpackable
        If it is not an archive, requires a password, or exceeds the caps.
    """
    with Archive(path, room) as archive:
        for member in archive.members():
            archive.write(member, target / member.name, room)
        return archive.skipped


def _decompressed(path: Path, most: int) -> IO[bytes]:
    """Return a tar archive uncompressed, counting its bytes: `tarfile` trusts its sizes."""
    plain = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    unpacked = path.open if path.name.casefold().endswith(".tar") else partial(gzip.open, path)
    with unpacked("rb") as source:
        while piece := source.read(_PIECE):
            if plain.tell() + len(piece) > most:
                raise Unpackable("is too large when it is unpacked")
            plain.write(piece)
    plain.seek(0)
    return plain


def _see_index(path: Path) -> None:
    """Check the size of a zip's list of files before `zipfile` reads all of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 2 * _END_BYTES))
        end = file.read()
    place = len(end) - _END_BYTES if end[-_END_BYTES:].startswith(_END) else end.rfind(_END)
    if place < 0 or len(end) < place + _END_BYTES:
        raise zipfile.BadZipFile("it is not a zip, or is truncated")
    if struct.unpack_from("<I", end, place + 12)[0] > _LARGEST_INDEX:
        raise zipfile.BadZipFile("its list of files is too long")
    if place >= 20 and end[place - 20 :].startswith(_END_64):
        raise zipfile.BadZipFile("it is a zip64 archive, for more than 4 GB")


def _name(info: zipfile.ZipInfo | tarfile.TarInfo) -> str:
    """Return a file's name, decoded from the encoding that the packer used."""
    if isinstance(info, tarfile.TarInfo):
        return info.name.removeprefix("./")
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        name = _unicode_field(info.extra) or _maybe_utf8(name)
    return name.replace("\\", "/").removeprefix("./")


def _maybe_utf8(name: str) -> str:
    """Return a name that `zipfile` decoded as code page 437; macOS writes UTF-8 without a flag."""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _unicode_field(extra: bytes) -> str | None:
    """Return the Unicode name that Info-ZIP and 7-Zip add as an extra field."""
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
    """Return the exception to raise for an error: an error of this machine stays as it is."""
    if of_machine(error):
        return error
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Unpackable(f"cannot be unpacked ({text.splitlines()[0].rstrip('.')})")
