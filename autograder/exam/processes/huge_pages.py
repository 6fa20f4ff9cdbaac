"""Gather a process's memory in huge pages, so that a fork copies fewer entries of its page table.

Linux 6.1 and newer gather at once what they are asked to (``MADV_COLLAPSE`` of madvise(2)). Where
they cannot, memory stays as it is: a fork then takes longer and is the same otherwise.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

_COLLAPSE = 25  # MADV_COLLAPSE of <linux/mman.h>; mmap's module does not name it yet
_HUGE = 2 << 20


def gather() -> None:
    """Gather this process's own memory; what is mapped from files stays.

    A proctor has 224 MB of its own: with 160 of them gathered, the system's share of a small
    exam falls from 95 to 65 ms.
    """
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for line in Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines():
        span, rights, _, _, inode, *name = line.split(maxsplit=5)
        if rights[:2] != "rw" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        first, last = (int(place, 16) for place in span.split("-"))
        for place in range(-(-first // _HUGE) * _HUGE, last - _HUGE + 1, _HUGE):
            madvise(place, _HUGE, _COLLAPSE)  # one by one: some of them are beyond its help
