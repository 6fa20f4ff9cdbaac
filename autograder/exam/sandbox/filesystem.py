"""The candidate's file system: an empty root with only the view bound into it, read-only."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.exam.limits import Limits
from autograder.exam.sandbox import linux, sidefiles
from autograder.exam.sandbox.allow_list import View
from autograder.exam.sandbox.environment import TEMPORARY

SCRATCH = Path("/scratch")
# The former root while the new one is made. It is removed afterwards.
_FORMER = Path("/.former")
# No /dev/zero: mapped as shared, it is memory that no limit counts.
_DEVICES = ("null", "full", "random", "urandom")
_DEVICE_LINKS = {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
_OCTAL = re.compile(r"\\([0-7]{3})")
_SAFE = linux.NO_SUID | linux.NO_DEV
# Files that TensorFlow and others read if the namespace cannot have its own /proc.
_PUBLIC_PROC = ("cpuinfo", "meminfo", "stat", "version")


def build(view: View, limits: Limits) -> bool:
    """Make the new root and enter it; return whether it has its own ``/proc``.

    The caller needs all capabilities in a mount namespace of its own, and must afterwards call
    `seal` before anything else runs.

    Parameters
    ----------
    view : View
        The files that are bound into the new root.
    limits : Limits
        Sizes of the writable file systems.
    """
    entries = [_Entry(path, path.resolve(), _link(path)) for path in view.readable]
    # A submission that is a link to another folder must not make that folder visible.
    files = view.files.resolve() if view.files and not view.files.is_symlink() else None
    fonts = view.fonts.resolve() if view.fonts else None
    _enter_empty_root()
    # First, since readable paths may be below them: for example, a course in a folder of /tmp.
    for place in (SCRATCH, TEMPORARY):
        _make_writable(place, limits)
    _offer(entries)
    _make_devices(limits)
    proc = _make_proc()
    _make_accounts()
    if files:
        sidefiles.copy(_former(files), SCRATCH, limits.scratch_bytes // 2)
    if fonts:
        _copy_fonts(_former(fonts), TEMPORARY / "matplotlib")
    return proc


def give_to(uid: int, gid: int) -> None:
    """Give the candidate's user a name, and make it the owner of its writable files.

    ``getpass`` and IPython look up the name.
    """
    Path("/etc/passwd").write_text(f"candidate:x:{uid}:{gid}::{SCRATCH}:/bin/sh\n")
    Path("/etc/group").write_text(f"candidate:x:{gid}:\n")
    for top in (SCRATCH, TEMPORARY / "matplotlib"):
        for folder, _, files in os.walk(top):
            for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118
                os.chown(path, uid, gid, follow_symlinks=False)


def seal() -> None:
    """Forget the former root and make the new one read-only."""
    linux.unmount(_FORMER)
    _FORMER.rmdir()
    linux.mount(None, "/", flags=linux.REMOUNT | linux.BIND | linux.READ_ONLY | _SAFE)
    os.chdir(SCRATCH)


def _former(path: Path) -> Path:
    return _FORMER / path.relative_to("/")


def _enter_empty_root() -> None:
    """Make a new tmpfs the root, and mount the former root in a folder of it.

    The tmpfs needs a folder to be mounted on. The mount is visible in this namespace only, and
    the files that it covers are reached through the former root.
    """
    linux.mount(None, "/", flags=linux.RECURSIVE | linux.PRIVATE)
    base = TEMPORARY
    linux.mount("tmpfs", base, "tmpfs", _SAFE, "size=4m,nr_inodes=4096,mode=755")
    former = base / _FORMER.name
    former.mkdir()
    linux.pivot_root(base, former)
    os.chdir("/")
    os.umask(0o022)


@dataclass(frozen=True)
class _Entry:
    """A readable path, its resolved path, and its target if it is a symbolic link."""

    path: Path
    source: Path
    link: str | None


def _link(path: Path) -> str | None:
    return str(path.readlink()) if path.is_symlink() else None


def _offer(entries: list[_Entry]) -> None:
    """Bind the entries, then make links such as ``/bin`` and bind their targets."""
    for entry in entries:
        if entry.link is None:
            _bind(entry.source, entry.path)
    for entry in entries:
        if entry.link is not None:
            entry.path.parent.mkdir(parents=True, exist_ok=True)
            entry.path.symlink_to(entry.link)
        if entry.source != entry.path:
            _bind(entry.source, entry.source)


def _bind(source: Path, path: Path) -> None:
    """Bind a file or folder of the former root at `path`, unless that path exists."""
    if path.exists():
        return
    origin = _former(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    if origin.is_dir():
        path.mkdir()
    else:
        path.touch()
    linux.mount(origin, path, flags=linux.BIND | linux.RECURSIVE)
    _make_read_only(path)


def _make_read_only(path: Path) -> None:
    """Make a bound folder and all mounts below it read-only; before Linux 5.12, one by one."""
    try:
        linux.seal(path)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        for place in _mounts_below(path):
            kept = os.statvfs(place).f_flag & linux.NO_EXEC  # a flag that must not be removed
            flags = linux.REMOUNT | linux.BIND | linux.READ_ONLY | _SAFE | kept
            linux.mount(None, place, flags=flags)


def _mounts_below(path: Path) -> list[str]:
    mounts = (_former(Path("/proc/self/mountinfo"))).read_text().splitlines()
    # A blank in a name is written as \040. (The codec for this may not be loaded any more.)
    places = [_OCTAL.sub(lambda m: chr(int(m[1], 8)), line.split()[4]) for line in mounts]
    return [place for place in places if Path(place) == path or path in Path(place).parents]


def _make_devices(limits: Limits) -> None:
    devices = Path("/dev")
    devices.mkdir()
    for name in _DEVICES:
        (devices / name).touch()
        linux.mount(_former(devices / name), devices / name, flags=linux.BIND)
    for name, target in _DEVICE_LINKS.items():
        (devices / name).symlink_to(f"/proc/self/{target}")
    _make_writable(devices / "shm", limits)


def _make_proc() -> bool:
    """Mount a ``/proc`` that shows only this namespace's processes, if the kernel allows it.

    The kernel refuses if a container hides parts of its own ``/proc``. Then ``/proc`` has a few
    files about the machine, and only the candidate's own process, as ``self``: the C library looks
    up its stack there, and TensorFlow crashes without it. Return whether the mount succeeded.
    """
    proc = Path("/proc")
    proc.mkdir()
    flags = linux.READ_ONLY | _SAFE | linux.NO_EXEC
    try:
        linux.mount("proc", proc, "proc", flags)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES):
            raise
    else:
        return True
    for name in _PUBLIC_PROC:
        with suppress(OSError):
            (proc / name).write_text(_former(proc / name).read_text())
    own = _former(proc / "self").resolve()
    (proc / "self").mkdir()
    linux.mount(own, proc / "self", flags=linux.BIND)
    _make_read_only(proc / "self")
    return False


def _make_accounts() -> None:
    """Write the few files that name users and hosts; the machine's own stay unknown."""
    etc = Path("/etc")
    etc.mkdir(exist_ok=True)
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")


def _make_writable(place: Path, limits: Limits) -> None:
    """Mount an empty file system in memory, writable by all users, of limited size."""
    place.mkdir(parents=True, exist_ok=True)
    options = f"size={limits.scratch_bytes},nr_inodes=8192,mode=1777"
    linux.mount("tmpfs", place, "tmpfs", _SAFE, options)


def _copy_fonts(source: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / source.name).write_bytes(source.read_bytes())
