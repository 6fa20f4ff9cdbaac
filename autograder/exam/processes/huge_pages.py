"""Collapse a process's memory into huge pages, so that a fork copies a smaller page table.

Linux 6.1 and newer do so on request (``MADV_COLLAPSE`` of madvise(2)). Elsewhere memory stays as it
is: a fork then takes longer and is the same otherwise.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

_COLLAPSE = 25  # MADV_COLLAPSE of <linux/mman.h>; mmap's module does not name it yet
_HUGE = 2 << 20


def gather() -> None:
    """Collapse this process's private memory; mapped files stay as they are.

    A proctor has 224 MB of private memory: with 160 MB of it collapsed, the system time of a small
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
            madvise(place, _HUGE, _COLLAPSE)  # one by one: some cannot be collapsed
