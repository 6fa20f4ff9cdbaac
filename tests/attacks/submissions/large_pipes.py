"""Make pipes of a megabyte, fill them, and give them pages that no map has any longer.

Gain: memory that the kernel holds, and no limit of a process counts.
"""

UNSEEN = ("hoard-kept",)

# %%
import ctypes
import fcntl
import mmap
import os

written = 0
for _ in range(100):
    try:
        inlet, outlet = os.pipe()
    except OSError as error:
        print(error)
        break
    os.set_blocking(outlet, False)
    try:
        fcntl.fcntl(outlet, fcntl.F_SETPIPE_SZ, 1 << 20)
    except OSError as error:
        print(error)
    try:
        while True:
            written += os.write(outlet, bytes(65536))
    except BlockingIOError:
        pass
page = mmap.mmap(-1, 65536, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.c_char.from_buffer(page)), 65536)
_, outlet = os.pipe()
given = ctypes.CDLL(None).vmsplice(outlet, vector, ctypes.c_size_t(1), 2)
# A hundred pipes of the usual 64 KiB hold less than 8 MiB.
print("hoard-kept" if written > 8 << 20 or given > 0 else "refused")
