"""Read one byte in each 2 MB of a huge map: its zeros are shared, but not its page tables.

Gain: memory that belongs to no page of the process.
"""

UNSEEN = ("hoard-kept",)

# %%
import ctypes

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
size, read, private_unreserved = 140 << 30, 1, 0x4022
place = libc.mmap(None, ctypes.c_size_t(size), read, private_unreserved, -1, 0)
print(place)
if place != ctypes.c_void_p(-1).value:
    without_huge_pages = 15
    libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(size), without_huge_pages)
    for offset in range(0, size, 2 << 20):
        ctypes.c_char.from_address(place + offset).value
    print("hoard-kept")
    libc.munmap(ctypes.c_void_p(place), ctypes.c_size_t(size))
