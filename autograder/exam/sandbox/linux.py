"""Calls to the Linux kernel that Python 3.11 has no function for, by ctypes.

Numbers and structures are the kernel's own interface (``linux/sched.h``, ``linux/mount.h``,
``linux/prctl.h``, ``linux/capability.h``), which is never changed. Every function raises OSError.
"""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

NEW_MOUNT = 0x00020000
NEW_CGROUP = 0x02000000
NEW_UTS = 0x04000000
NEW_IPC = 0x08000000
NEW_USER = 0x10000000
NEW_PID = 0x20000000
NEW_NET = 0x40000000

READ_ONLY, NO_SUID, NO_DEV, NO_EXEC = 0x1, 0x2, 0x4, 0x8
REMOUNT, BIND, RECURSIVE, PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
DETACH = 2

CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN = 6, 7, 21
LAST_CAPABILITY = 63

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_CAPBSET_READ = 23
_PR_SET_SECCOMP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS = 22, 28, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_SECCOMP_MODE_FILTER = 2
_SECBIT_NO_SETUID_FIXUP = 0x4
_CAPABILITY_VERSION_3 = 0x20080522
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

# Numbers of calls without a function in the C library; mount_setattr's is the same everywhere.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR = 442

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, place: str | Path | None = None) -> None:
    """Raise OSError from errno if a call's result is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(place) if place else None)


def _bytes(text: str | Path | None) -> bytes | None:
    return None if text is None else os.fsencode(text)


def unshare(flags: int) -> None:
    """Move the calling process into new namespaces (``NEW_…`` flags)."""
    _check(_libc.unshare(flags))


def mount(
    source: str | Path | None,
    target: str | Path,
    kind: str | None = None,
    flags: int = 0,
    options: str | None = None,
) -> None:
    """mount(2): a file system of `kind`, a bind mount, or a change of flags."""
    result = _libc.mount(
        _bytes(source), _bytes(target), _bytes(kind), ctypes.c_ulong(flags), _bytes(options)
    )
    _check(result, target)


def unmount(target: str | Path) -> None:
    """Detach a mount and all below it at once (umount2 with MNT_DETACH)."""
    _check(_libc.umount2(_bytes(target), DETACH), target)


def pivot_root(new: str | Path, old: str | Path) -> None:
    """Make `new` the root directory and put the former one at `old`, a folder below `new`."""
    number = _PIVOT_ROOT[platform.machine()]
    _check(_libc.syscall(ctypes.c_long(number), _bytes(new), _bytes(old)), new)


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns_fd")]


def seal(target: str | Path) -> None:
    """Make a mount and all below it read-only, without set-user-ID and devices (Linux 5.12)."""
    attributes = _MountAttributes(set=READ_ONLY | NO_SUID | NO_DEV)
    result = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        _bytes(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(attributes),
        ctypes.c_size_t(ctypes.sizeof(attributes)),
    )
    _check(result, target)


def set_hostname(name: str) -> None:
    """Set the host name of the current UTS namespace."""
    encoded = name.encode()
    _check(_libc.sethostname(encoded, ctypes.c_size_t(len(encoded))))


def _prctl(option: int, *arguments: int | ctypes.c_void_p) -> None:
    values = [a if isinstance(a, ctypes.c_void_p) else ctypes.c_ulong(a) for a in arguments]
    values += [ctypes.c_ulong(0)] * (4 - len(values))
    _check(_libc.prctl(option, *values))


def die_with_parent(signal_number: int) -> None:
    """Let the kernel send a signal to the caller when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal_number)


def allow_dumps(allowed: bool) -> None:
    """Set whether the caller may be dumped, and traced by processes of the same user."""
    _prctl(_PR_SET_DUMPABLE, int(allowed))


def forbid_new_privileges() -> None:
    """Keep execve from giving the caller or its children more rights; cannot be undone."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def keep_capabilities_over_setuid() -> None:
    """Keep the capabilities when the user id changes."""
    _prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP)


def install_filter(program: ctypes.Structure) -> None:
    """Install a seccomp filter (a ``sock_fprog`` structure) for the caller and its children."""
    pointer = ctypes.cast(ctypes.byref(program), ctypes.c_void_p)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, pointer)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


def drop_capabilities() -> None:
    """Empty all capability sets: bounding, ambient, effective, permitted, inheritable."""
    for number in range(LAST_CAPABILITY + 1):
        try:
            _prctl(_PR_CAPBSET_DROP, number)
        except OSError:
            break  # past the last capability that this kernel knows; what is left is checked below
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapabilityHeader(version=_CAPABILITY_VERSION_3)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(header), ctypes.byref(nothing)))


def capabilities() -> tuple[int, int, int]:
    """Return the caller's effective, permitted and inheritable capabilities, as bit masks."""
    header = _CapabilityHeader(version=_CAPABILITY_VERSION_3)
    low_high = (ctypes.c_uint32 * 6)()
    _check(_libc.capget(ctypes.byref(header), ctypes.byref(low_high)))
    low, high = low_high[:3], low_high[3:]
    return tuple(a | b << 32 for a, b in zip(low, high, strict=True))


def has_capability(number: int) -> bool:
    """Return whether the caller holds a capability in its user namespace."""
    return bool(capabilities()[0] >> number & 1)


def may_regain_capability(number: int) -> bool:
    """Return whether a capability is in the caller's bounding set."""
    return _libc.prctl(_PR_CAPBSET_READ, ctypes.c_ulong(number)) == 1
