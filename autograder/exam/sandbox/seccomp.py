"""A small system call filter: forbid calls that no notebook needs and that exploits often use.

The namespaces and the missing capabilities already refuse almost all of these calls. The filter is
a second defence: it keeps a candidate away from the kernel code in which faults have been found
most often, it forbids nested user namespaces also where the sysctl cannot be set, and it refuses
memory that `rlimits` neither counts nor bounds: shared anonymous maps, objects without a descriptor
(System V's, keys, rules of Landlock), larger buffers of sockets and pipes, pages that a pipe keeps,
queues of file events, locks without a process. It costs less than a microsecond per call. A refused
call fails with an error; it does not end the process.
"""

from __future__ import annotations

import ctypes
import errno
import platform
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.exam.sandbox import linux

# Instructions of the classic Berkeley packet filter (linux/bpf_common.h).
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
# Offsets in the structure seccomp_data: number of the call, architecture, low halves of arguments.
_NUMBER, _ARCHITECTURE = 0, 4
_MAP_SHARED, _MAP_KIND, _MAP_ANONYMOUS = 0x1, 0xF, 0x20
_AF_UNIX = 1
# SO_SNDBUF, SO_RCVBUF, SO_ATTACH_FILTER, SO_SNDBUFFORCE, SO_RCVBUFFORCE
_GROWING_OPTIONS = (7, 8, 26, 32, 33)
# F_OFD_SETLK, F_OFD_SETLKW, F_SETPIPE_SZ
_GROWING_COMMANDS = (37, 38, 1031)
_X32 = 0x40000000  # x86-64's second table of calls

_NAMESPACES = (
    linux.NEW_MOUNT
    | linux.NEW_CGROUP
    | linux.NEW_UTS
    | linux.NEW_IPC
    | linux.NEW_USER
    | linux.NEW_PID
    | linux.NEW_NET
)

# The calls above 423 have one number on all architectures.
_FORBIDDEN_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "memfd_secret": 447,
}


@dataclass(frozen=True)
class _Machine:
    audit: int
    clone: int
    socket: int
    socketpair: int
    setsockopt: int
    fcntl: int
    mmap: int
    forbidden: set[int]


# Name: (number on x86-64, number on aarch64).
_FORBIDDEN = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "vmsplice": (278, 75),
    "io_setup": (206, 0),
    "inotify_init": (253, 253),  # not in aarch64's table, where this number is unused
    "inotify_init1": (294, 26),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "fanotify_init": (300, 262),
    "kcmp": (312, 272),
}


def _numbers(column: int) -> set[int]:
    own = {numbers[column] for numbers in _FORBIDDEN.values()}
    return own | set(_FORBIDDEN_EVERYWHERE.values())


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        clone=56,
        socket=41,
        socketpair=53,
        setsockopt=54,
        fcntl=72,
        mmap=9,
        forbidden=_numbers(0),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        clone=220,
        socket=198,
        socketpair=199,
        setsockopt=208,
        fcntl=25,
        mmap=222,
        forbidden=_numbers(1),
    ),
}
_CLONE3 = 435


class _Instruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction))]


def _argument(index: int) -> int:
    return 16 + 8 * index


def _refuse(number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERROR | number)


_Rule = tuple[int, int, int, int]


def _rules(machine: _Machine) -> list[_Rule]:
    """Return the filter program; a jump is the number of instructions to skip if true, if false."""
    rules = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),  # 32-bit calls have other numbers
        (_LOAD, 0, 0, _NUMBER),
        (_IF_AT_LEAST, 0, 1, _X32),
        _refuse(errno.ENOSYS),
    ]
    for number in sorted(machine.forbidden):
        rules += [(_IF_EQUAL, 0, 1, number), _refuse(errno.EPERM)]
    # clone3 hides its flags behind a pointer; ENOSYS lets the C library fall back on clone.
    rules += [(_IF_EQUAL, 0, 1, _CLONE3), _refuse(errno.ENOSYS)]
    rules += _on_argument(
        machine.clone, 0, [(_IF_ANY_BIT, 0, 1, _NAMESPACES), _refuse(errno.EPERM)]
    )
    local = [(_IF_EQUAL, 1, 0, _AF_UNIX), _refuse(errno.EAFNOSUPPORT)]
    rules += _on_argument(machine.socket, 0, local) + _on_argument(machine.socketpair, 0, local)
    rules += _on_argument(machine.setsockopt, 2, _none_of(_GROWING_OPTIONS))
    rules += _on_argument(machine.fcntl, 1, _none_of(_GROWING_COMMANDS))
    shared = [
        (_AND, 0, 0, _MAP_ANONYMOUS | _MAP_SHARED),  # MAP_SHARED_VALIDATE (3) has the bit too
        (_IF_EQUAL, 0, 1, _MAP_ANONYMOUS | _MAP_SHARED),
        _refuse(errno.ENOMEM),
    ]
    rules += _on_argument(machine.mmap, 3, shared)
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _on_argument(number: int, argument: int, judge: list[_Rule]) -> list[_Rule]:
    """Return rules that judge a call by one of its arguments; a call not refused is allowed."""
    judge = [(_LOAD, 0, 0, _argument(argument)), *judge, (_RETURN, 0, 0, _ALLOW)]
    return [(_IF_EQUAL, 0, len(judge), number), *judge]


def _none_of(values: Iterable[int]) -> list[_Rule]:
    return [rule for value in values for rule in ((_IF_EQUAL, 0, 1, value), _refuse(errno.EPERM))]


def supported() -> bool:
    """Return whether the filter knows this machine's architecture."""
    return platform.machine() in _MACHINES


def install() -> None:
    """Install the filter for the calling process and all that it starts; it cannot be removed.

    Does nothing on an unknown architecture. Needs `linux.forbid_new_privileges`.
    """
    if not supported():
        return
    rules = _rules(_MACHINES[platform.machine()])
    array = (_Instruction * len(rules))(*(_Instruction(*rule) for rule in rules))
    linux.install_filter(_Program(len(rules), array))
