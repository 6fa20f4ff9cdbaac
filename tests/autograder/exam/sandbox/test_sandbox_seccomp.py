"""The system call filter's program, run by a small interpreter of it."""

import errno

import pytest

from autograder.exam.sandbox import linux, seccomp

ALLOWED = seccomp._ALLOW
MACHINES = sorted(seccomp._MACHINES)


def verdict(machine, number, *arguments, audit=None):
    """Execute the program as the kernel does; return what it returns."""
    rules = seccomp._rules(machine)
    words = {0: number, 4: machine.audit if audit is None else audit}
    words |= {seccomp._argument(i): value for i, value in enumerate(arguments)}
    at, value = 0, 0
    while True:
        code, if_true, if_false, operand = rules[at]
        at += 1
        if code == seccomp._LOAD:
            value = words.get(operand, 0)
        elif code == seccomp._AND:
            value &= operand
        elif code == seccomp._RETURN:
            return operand
        else:
            holds = {
                seccomp._IF_EQUAL: value == operand,
                seccomp._IF_AT_LEAST: value >= operand,
                seccomp._IF_ANY_BIT: bool(value & operand),
            }[code]
            at += if_true if holds else if_false


def refused(number):
    return seccomp._ERROR | number


@pytest.fixture(params=MACHINES)
def machine(request):
    return seccomp._MACHINES[request.param]


def test_every_forbidden_call_is_refused(machine):
    for number in machine.forbidden:
        assert verdict(machine, number) == refused(errno.EPERM)


def test_all_else_is_allowed(machine):
    judged = {machine.clone, machine.socket, machine.socketpair, machine.mmap}
    special = machine.forbidden | judged | {435}
    for number in set(range(600)) - special:
        assert verdict(machine, number) == ALLOWED, number


def test_numbers_are_not_confused(machine):
    assert len(machine.forbidden) == len(seccomp._FORBIDDEN) + len(seccomp._FORBIDDEN_EVERYWHERE)
    assert not machine.forbidden & {machine.clone, machine.socket, machine.mmap}


@pytest.mark.parametrize("flag", ["NEW_USER", "NEW_MOUNT", "NEW_NET", "NEW_PID", "NEW_IPC"])
def test_clone_makes_threads_and_children_but_no_namespaces(machine, flag):
    thread, child, sigchld = 0x3D0F00, 0x1200011, 17
    for flags in (thread, child, sigchld):
        assert verdict(machine, machine.clone, flags) == ALLOWED
        with_namespace = flags | getattr(linux, flag)
        assert verdict(machine, machine.clone, with_namespace) == refused(errno.EPERM)


def test_clone3_looks_absent(machine):
    assert verdict(machine, 435) == refused(errno.ENOSYS)


@pytest.mark.parametrize("name", ["socket", "socketpair"])
def test_sockets_are_local_only(machine, name):
    number = getattr(machine, name)
    assert verdict(machine, number, 1) == ALLOWED
    for family in (0, 2, 10, 16, 17, 30, 40):  # 30 is TIPC, the other one that makes pairs
        assert verdict(machine, number, family) == refused(errno.EAFNOSUPPORT)


def test_buffers_of_sockets_do_not_grow(machine):
    for option in (7, 8, 26, 32, 33):
        assert verdict(machine, machine.setsockopt, 3, 1, option) == refused(errno.EPERM)
    for option in (2, 13, 16, 20, 21):  # address reuse, lingering, credentials, time limits
        assert verdict(machine, machine.setsockopt, 3, 1, option) == ALLOWED


def test_pipes_do_not_grow_and_locks_name_a_process(machine):
    for command in (37, 38, 1031):
        assert verdict(machine, machine.fcntl, 3, command) == refused(errno.EPERM)
    for command in (*range(17), 36, 1030, 1032, 1033):
        assert verdict(machine, machine.fcntl, 3, command) == ALLOWED


# By the kernel's own tables: asm/unistd_64.h of x86, asm-generic/unistd.h of aarch64.
HOARDS = {
    "msgget": (68, 186),
    "semget": (64, 190),
    "shmget": (29, 194),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "memfd_create": (319, 279),
    "vmsplice": (278, 75),
    "io_setup": (206, 0),
    "inotify_init1": (294, 26),
    "userfaultfd": (323, 282),
    "landlock_create_ruleset": (444, 444),
    "io_uring_setup": (425, 425),
    "memfd_secret": (447, 447),
}


@pytest.mark.parametrize("call", HOARDS)
def test_what_hoards_kernel_memory_is_refused(call):
    for name, number in zip(("x86_64", "aarch64"), HOARDS[call], strict=True):
        assert verdict(seccomp._MACHINES[name], number) == refused(errno.EPERM)


@pytest.mark.parametrize(
    ("flags", "allowed"), [(0x22, True), (0x02, True), (0x01, True), (0x21, False), (0x23, False)]
)
def test_shared_anonymous_memory_is_refused(machine, flags, allowed):
    expected = ALLOWED if allowed else refused(errno.ENOMEM)
    assert verdict(machine, machine.mmap, 0, 4096, 3, flags) == expected


def test_other_tables_of_calls_are_closed():
    machine = seccomp._MACHINES["x86_64"]
    assert verdict(machine, 0, audit=0x40000003) == seccomp._KILL
    assert verdict(machine, 0x40000000 | 272) == refused(errno.ENOSYS)
    # socketcall and ipc, which hide a call behind an argument, are in the 32-bit tables only.
    for other in (0x40000003, 0x40000028, 0xC000003E):
        assert verdict(seccomp._MACHINES["aarch64"], 102, audit=other) == seccomp._KILL
