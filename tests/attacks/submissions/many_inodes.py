"""Make files without a byte in them, and links whose text is long: names and nodes, no data.

Gain: memory in addition to that of the writable file systems, which have a limit for data.
"""

HARMS = "fills the disk with files; nothing in nbgrader limits them"
UNSEEN = ("hoard-kept",)

# %%
import os
from pathlib import Path

made = 0
for place in (Path.cwd(), Path("/tmp"), Path("/dev/shm")):
    try:
        for number in range(20_000):
            os.symlink("x" * 4000, place / f"@MARK@-{number}-{'y' * 150}")
            made += 1
    except OSError as error:
        print(place, error)
print("hoard-kept" if made > 30_000 else "refused")
