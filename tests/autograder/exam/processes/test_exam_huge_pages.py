"""A process that gathers its memory keeps it, in fewer and larger pages where the kernel can."""

import platform
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import re, zlib
from pathlib import Path
from autograder.exam.processes import huge_pages as pages

def huge():
    return int(re.search(r"AnonHugePages: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])

small = [bytes([n % 251]) * 2000 for n in range(20_000)]
large = bytearray(range(256)) * 100_000
before, digest = huge(), zlib.crc32(large, zlib.crc32(b"".join(small)))
pages.gather()
assert zlib.crc32(large, zlib.crc32(b"".join(small))) == digest
print(before, huge())
"""


def test_memory_stays_as_it_is_in_larger_pages():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    if _can_gather():
        assert after - before > 32_000  # kB, of the 64 000 that the two hold


def _can_gather() -> bool:
    """Tell whether this kernel knows huge pages and, since 6.1, how to gather them when asked."""
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    release = tuple(map(int, platform.release().split(".")[:2]))
    return release >= (6, 1) and setting.exists() and "[never]" not in setting.read_text("utf-8")
