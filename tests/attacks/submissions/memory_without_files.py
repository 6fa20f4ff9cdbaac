"""Ask for memory that has no file and no map: keys, memory files, rules, queues of events.

Gain: memory that no limit of a process counts.
"""

UNSEEN = ("hoard-kept",)

# %%
import ctypes
import os
import platform

libc = ctypes.CDLL(None)
# Name: numbers on x86-64 and aarch64, and arguments.
CALLS = {
    "add_key": ((248, 217), (b"user", b"@MARK@", b"x" * 1000, 1000, -1)),
    "memfd_create": ((319, 279), (b"@MARK@", 0)),
    "memfd_secret": ((447, 447), (0,)),
    "io_uring_setup": ((425, 425), (4096, ctypes.create_string_buffer(120))),
    "io_setup": ((206, 0), (1000, ctypes.byref(ctypes.c_ulong(0)))),
    "inotify_init1": ((294, 26), (0,)),
    "fanotify_init": ((300, 262), (0, 0)),
    "userfaultfd": ((323, 282), (1,)),
    "mq_open": ((240, 180), (b"@MARK@", 0o102, 0o600, None)),
    "landlock_create_ruleset": ((444, 444), (ctypes.byref(ctypes.c_uint64(1)), 8, 0)),
    "bpf": ((321, 280), (0, (ctypes.c_uint32 * 4)(2, 4, 1 << 20, 16), 16)),
}
column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
got = []
for name, (numbers, arguments) in CALLS.items():
    if libc.syscall(ctypes.c_long(numbers[column]), *arguments) >= 0:
        got.append(name)
print(f"hoard-kept {got}" if got else "refused")
