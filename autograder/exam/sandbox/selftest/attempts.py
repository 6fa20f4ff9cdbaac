"""Attempts of a hostile candidate, made inside the real sandbox.

Each attempt returns None if it was refused, otherwise what it achieved. They run one after another
in one sandboxed process with small limits; `Facts` describe what is outside.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import signal
import socket
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.exam.sandbox import linux

Facts = Mapping[str, Any]
Attempt = Callable[[Facts], str | None]
ATTEMPTS: dict[str, Attempt] = {}


def _attempt(what: str) -> Callable[[Attempt], Attempt]:
    """Register an attempt with the sentence that `autograder doctor` shows when it was refused."""

    def register(function: Attempt) -> Attempt:
        ATTEMPTS[what] = function
        return function

    return register


def attempt_all(facts: Facts) -> list[tuple[str, str | None]]:
    """Make all attempts in order; return each one's sentence with what it achieved, or None."""
    results = []
    for what, function in ATTEMPTS.items():
        try:
            results.append((what, function(facts)))
        except (OSError, ValueError, MemoryError):
            results.append((what, None))
    return results


@_attempt("the course directory is hidden")
def _read_course(facts: Facts) -> str | None:
    return _read(facts["course_secret"])


@_attempt("the home directory is hidden")
def _read_home(facts: Facts) -> str | None:
    return _read(facts["home_secret"])


@_attempt("the temporary directory is hidden")
def _read_temporary(facts: Facts) -> str | None:
    return _read(facts["temporary_secret"])


def _read(path: str) -> str | None:
    """Read a file by its path, and through paths that a mount or a process may have left open."""
    ways = [Path(path), Path("/proc/1/root") / path.lstrip("/"), Path("/..", path.lstrip("/"))]
    for way in ways:
        with contextlib.suppress(OSError):
            return f"read {len(way.read_bytes())} bytes of {way}"
    return None


@_attempt("no network is reachable, not even loopback")
def _loopback(facts: Facts) -> str | None:
    with socket.create_connection(("127.0.0.1", facts["port"]), timeout=2):
        return f"connected to port {facts['port']} of this machine"


@_attempt("abstract Unix sockets of the machine are out of reach")
def _abstract_socket(facts: Facts) -> str | None:
    return _connect("\0" + facts["abstract"])


@_attempt("Unix socket files of the machine are out of reach")
def _socket_file(facts: Facts) -> str | None:
    return _connect(facts["socket"])


def _connect(address: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address)
        return f"connected to {address!r}"


@_attempt("other processes can't be seen")
def _see(_facts: Facts) -> str | None:
    seen = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    strangers = seen - {os.getpid()}
    return f"saw the processes {sorted(strangers)}" if strangers else None


@_attempt("other processes can't be signalled")
def _signal(facts: Facts) -> str | None:
    with contextlib.suppress(OSError):
        os.kill(facts["victim"], signal.SIGTERM)
        return f"ended process {facts['victim']}"
    # kill(0, …) reaches the whole process group, also those members that can't be seen.
    return None if os.getpgrp() == os.getpid() else "is in the process group of its starter"


@_attempt("the starter's environment is hidden")
def _environment(facts: Facts) -> str | None:
    token = facts["token"]
    places = [Path("/proc") / who / "environ" for who in ("self", "1", str(facts["victim"]))]
    found = [str(place) for place in places if token in _text(place)]
    if token in str(dict(os.environ)):
        found.append("os.environ")
    return f"found it in {', '.join(found)}" if found else None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


@_attempt("no inherited descriptor is open")
def _descriptors(facts: Facts) -> str | None:
    found = []
    for descriptor in set(range(256)) - {facts["answer"]}:
        with contextlib.suppress(OSError):
            mode = os.fstat(descriptor).st_mode
            if descriptor > 2 or not stat.S_ISCHR(mode):
                found.append(f"{descriptor} (mode {mode:o})")
    return f"found {', '.join(found)}" if found else None


@_attempt("nothing can be written outside the scratch copy")
def _write(facts: Facts) -> str | None:
    for top in ("/", *facts["readable"], facts["course"], facts["home"]):
        for place in (Path(top), Path(top) / "written-by-a-candidate"):
            with contextlib.suppress(OSError), place.open("ab"):
                return f"wrote {place}"
    return None


@_attempt("no capability can be gained")
def _capabilities(_facts: Facts) -> str | None:
    for take in (lambda: os.setuid(0), lambda: os.setgroups([0])):
        with contextlib.suppress(OSError):
            take()
            if os.getuid() == 0:
                return "became root"
    if any(linux.capabilities()):
        return "holds capabilities"
    if any(map(linux.may_regain_capability, range(linux.LAST_CAPABILITY + 1))):
        return "could regain capabilities"
    return None


@_attempt("mounts can't be changed")
def _mounts(_facts: Facts) -> str | None:
    with contextlib.suppress(OSError):
        linux.unmount("/scratch")
        return "unmounted /scratch"
    writable = linux.REMOUNT | linux.BIND
    with contextlib.suppress(OSError):
        linux.mount(None, "/", flags=writable)
        return "made / writable"
    return None


@_attempt("no further namespace can be made")
def _nest(_facts: Facts) -> str | None:
    for name in ("NEW_USER", "NEW_MOUNT", "NEW_NET", "NEW_PID"):
        with contextlib.suppress(OSError):
            linux.unshare(getattr(linux, name))
            return f"made a namespace ({name})"
    return None


@_attempt("memory beyond the limit is refused")
def _memory(facts: Facts) -> str | None:
    with contextlib.suppress(MemoryError):
        return f"got {len(bytearray(facts['memory_bytes'])) >> 20} MiB"
    with contextlib.suppress(OSError), mmap.mmap(-1, facts["memory_bytes"]):  # shared memory
        return "got shared memory of any size"
    return None


@_attempt("address space for endless page tables is refused")
def _page_tables(_facts: Facts) -> str | None:
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    read, private_unreserved, size = 1, 0x4022, 1 << 40
    place = libc.mmap(None, ctypes.c_size_t(size), read, private_unreserved, -1, 0)
    return None if place == ctypes.c_void_p(-1).value else f"got {size >> 30} GiB"


@_attempt("System V's queues, semaphores and shared memory are refused")
def _system_v(_facts: Facts) -> str | None:
    libc = ctypes.CDLL(None)
    mode = 0o1600
    made = {
        "a queue": libc.msgget(0, mode),
        "semaphores": libc.semget(0, 1, mode),
        "shared memory": libc.shmget(0, ctypes.c_size_t(4096), mode),
    }
    got = [name for name, number in made.items() if number >= 0]
    return f"made {', '.join(got)}" if got else None


@_attempt("buffers of sockets and pipes can't be enlarged")
def _buffers(_facts: Facts) -> str | None:
    got = []
    first, second = socket.socketpair()
    with first, second:
        for name in ("SO_SNDBUF", "SO_RCVBUF"):
            with contextlib.suppress(OSError):
                first.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1 << 22)
                got.append(name)
    with contextlib.ExitStack() as stack:
        for end in os.pipe():
            stack.callback(os.close, end)
        with contextlib.suppress(OSError):
            fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
            got.append("a pipe's")
    return f"enlarged {', '.join(got)}" if got else None


@_attempt("memory without a file or a map is refused")
def _other_memory(_facts: Facts) -> str | None:
    libc, got = ctypes.CDLL(None), []
    with contextlib.suppress(OSError):
        os.close(os.memfd_create("hoard"))
        got.append("a file in memory")
    if libc.inotify_init1(0) >= 0:
        got.append("a queue of file events")
    page = mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    vector = (ctypes.c_size_t * 2)(place, mmap.PAGESIZE)
    inlet, outlet = os.pipe()
    if libc.vmsplice(outlet, vector, ctypes.c_size_t(1), 0) >= 0:
        got.append("pages kept by a pipe")
    os.close(inlet)
    os.close(outlet)
    return f"got {', '.join(got)}" if got else None


@_attempt("processes beyond the limit are refused")
def _processes(facts: Facts) -> str | None:
    children: list[int] = []
    try:
        while len(children) < facts["tasks"]:
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
        return f"started {len(children)}"
    except BlockingIOError:
        return None
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


@_attempt("the disk can't be filled")
def _disk(facts: Facts) -> str | None:
    block, size = bytes(1 << 20), 0
    for place in ("/scratch", "/tmp", "/dev/shm"):
        with contextlib.suppress(OSError):
            for number in range(1000):
                Path(place, f"block-{number}").write_bytes(block)
                size += len(block)
        for left in Path(place).glob("block-*"):
            left.unlink()
    return f"wrote {size >> 20} MiB" if size > facts["disk_bytes"] else None


@_attempt("another process's memory can't be opened")
def _peek(facts: Facts) -> str | None:
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    libc = ctypes.CDLL(None)
    if libc.process_vm_readv(facts["victim"], vector, 1, vector, 1, 0) > 0:
        return f"read the memory of process {facts['victim']}"
    return None
